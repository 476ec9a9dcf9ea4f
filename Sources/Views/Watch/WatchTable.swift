internal import PageMigration
internal import System

/// The rows that `watch` prints: what grew between two readings, per second.
package struct WatchTable {
  private let isColoured: Bool
  private let hasReasons: Bool

  /// - Parameters:
  ///   - isColoured: whether failures are shown in red.
  ///   - hasReasons: whether there is a last column for the reason that most pages were moved for.
  package init(isColoured: Bool, hasReasons: Bool = false) {
    self.isColoured = isColoured
    self.hasReasons = hasReasons
  }

  private static let columns = [
    "pages/s", "bytes/s", "failed/s", "fail%", "THP/s", "split/s", "lost/s", "numa/s", "promo/s",
    "demo/s", "stall/s",
  ]
  private static let failureColumns: Set = [2, 3, 6]
  /// The widest value is a size such as `1.02 GiB`; a rate has at most six characters.
  private static let widths = columns.map { $0 == "bytes/s" ? 8 : max(6, $0.count) }

  package var header: String {
    line(time: "time", Self.columns.map { ($0, false) }, reason: "reason, share, time per call")
  }

  /// - Parameter time: of the day, as `12:34:56`.
  package func row(time: String, from earlier: WatchReading, to later: WatchReading) -> String {
    let growth = Growth(earlier, later)
    let (moved, failed) = (growth.rate(.migrateSuccess), growth.rate(.migrateFail))
    let cells: [String?] = [
      moved.map(Readable.number),
      moved.map { Readable.bytes($0 * Double(later.pageSize)) },
      failed.map(Readable.number),
      growth.failureShare.map(Readable.percent),
      growth.rate(.thpMigrationSuccess).map(Readable.number),
      growth.rate(.thpMigrationSplit).map(Readable.number),
      growth.lostTHPs.map(Readable.number),
      growth.rate(.numaPagesMigrated).map(Readable.number),
      growth.rate(.promoteSuccess).map(Readable.number),
      growth.demoted.map(Readable.number),
      growth.rate(.compactStall).map(Readable.number),
    ]
    return line(
      time: time,
      cells.enumerated().map { column, cell in
        let isFailure = Self.failureColumns.contains(column) && cell?.first != "0" && cell != nil
        return (cell ?? "-", isFailure)
      },
      reason: earlier.reasons.flatMap { later.reasons?.leading(since: $0) } ?? "-")
  }

  private func line(
    time: String, _ cells: [(text: String, isFailure: Bool)], reason: String
  ) -> String {
    var line = time + String(repeating: " ", count: max(0, 8 - time.count))
    for ((text, isFailure), width) in zip(cells, Self.widths) {
      line += String(repeating: " ", count: 1 + max(0, width - text.count))
      line += isFailure && isColoured ? "\u{1b}[31m\(text)\u{1b}[0m" : text
    }
    return line + (hasReasons ? "  \(reason)\n" : "\n")
  }
}

/// How much the counters grew between two readings.
private struct Growth {
  private let earlier: WatchReading
  private let later: WatchReading
  /// Nil unless the later reading is later.
  private let elapsed: Duration?

  init(_ earlier: WatchReading, _ later: WatchReading) {
    self.earlier = earlier
    self.later = later
    elapsed = later.time > earlier.time ? later.time - earlier.time : nil
  }

  /// Per second. Nil where a reading lacks the counter, or it went back.
  func rate(_ counter: MigrationCounter) -> Double? {
    guard let elapsed, let old = earlier.snapshot[counter], let new = later.snapshot[counter],
      new >= old
    else { return nil }
    return elapsed.rate(of: new - old)
  }

  var failureShare: Double? {
    PageMigration.failureShare(migrated: rate(.migrateSuccess), failed: rate(.migrateFail))
  }

  var lostTHPs: Double? {
    PageMigration.lostTHPs(
      failed: rate(.thpMigrationFail), split: rate(.thpMigrationSplit),
      includesSplit: later.failedIncludesSplit)
  }

  /// Over all paths of reclaim. Nil where the kernel has none.
  var demoted: Double? {
    let rates = MigrationCounter.demotedByPath.compactMap { rate($0.value) }
    return rates.isEmpty ? nil : rates.reduce(0, +)
  }
}
