internal import PageMigration
internal import System

/// The rows that `watch` prints: what grew between two readings, per second.
package struct WatchTable {
  private struct Column {
    let name: String
    let width: Int
    var isFailure = false
    let text: (Growth) -> String?
  }

  private let isColoured: Bool
  private let hasReasons: Bool
  private let timeWidth: Int
  private let columns: [Column]

  /// As wide as what stands below it: `compaction 100 % 1.20 ms`.
  private static let reasonHeader = "reason, share, time per call"

  /// - Parameters:
  ///   - isColoured: whether failures are shown in red.
  ///   - hasReasons: whether there is a last column for the reason that most pages were moved for.
  ///   - timeWidth: of a time of the day.
  ///   - width: of the terminal: what does not fit is left out. Nil for all.
  package init(
    isColoured: Bool, hasReasons: Bool = false, timeWidth: Int = 8, width: Int? = nil
  ) {
    self.isColoured = isColoured
    self.hasReasons = hasReasons
    self.timeWidth = timeWidth
    var columns = Self.all
    let taken = timeWidth + (hasReasons ? 2 + Self.reasonHeader.count : 0)
    for name in Self.leftOutFirst
    where columns.reduce(taken, { $0 + 1 + $1.width }) > width ?? .max {
      columns.removeAll { $0.name == name }
    }
    self.columns = columns
  }

  /// Rates are per second. A rate has at most five characters, a size eight: `1.02 GiB`.
  private static var all: [Column] {
    func rate(_ name: String, _ counter: MigrationCounter) -> Column {
      Column(name: name, width: 5) { $0.rate(counter).map(Readable.number) }
    }
    return [
      rate("pages", .migrateSuccess),
      Column(name: "bytes", width: 8) { $0.bytes.map(Readable.bytes) },
      Column(name: "failed", width: 6, isFailure: true) {
        $0.rate(.migrateFail).map(Readable.number)
      },
      Column(name: "fail%", width: 6, isFailure: true) { $0.failureShare.map(Readable.percent) },
      rate("THPs", .thpMigrationSuccess),
      rate("split", .thpMigrationSplit),
      Column(name: "lost", width: 5, isFailure: true) { $0.lostTHPs.map(Readable.number) },
      rate("numa", .numaPagesMigrated),
      rate("promo", .promoteSuccess),
      Column(name: "demo", width: 5) { $0.demoted.map(Readable.number) },
      rate("stall", .compactStall),
    ]
  }

  private static let leftOutFirst = [
    "promo", "demo", "numa", "stall", "split", "THPs", "lost", "fail%", "bytes",
  ]

  package var header: String {
    line(time: "time", columns.map { ($0.name, false) }, reason: Self.reasonHeader)
  }

  /// - Parameter time: of the day, as `12:34:56`.
  package func row(time: String, from earlier: WatchReading, to later: WatchReading) -> String {
    let growth = Growth(earlier, later)
    return line(
      time: time,
      columns.map { column in
        let text = column.text(growth)
        return (text ?? "-", column.isFailure && text != nil && text?.first != "0")
      },
      reason: earlier.reasons.flatMap { later.reasons?.leading(since: $0) } ?? "-")
  }

  private func line(
    time: String, _ cells: [(text: String, isFailure: Bool)], reason: String
  ) -> String {
    var line = time + String(repeating: " ", count: max(0, timeWidth - time.count))
    for ((text, isFailure), column) in zip(cells, columns) {
      line += String(repeating: " ", count: 1 + max(0, column.width - text.count))
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

  var bytes: Double? { rate(.migrateSuccess).map { $0 * Double(later.pageSize) } }

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
