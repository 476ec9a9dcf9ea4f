internal import PageMigration

/// The rows that `watch` prints: what grew between two readings, per second.
package struct WatchTable {
  private struct Column {
    let name: String
    let width: Int
    var isFailure = false
    let text: (WatchChange) -> String?
  }

  private let isColoured: Bool
  private let hasReasons: Bool
  private let timeWidth: Int
  private let columns: [Column]
  /// Columns that are left for the last minute as a sparkline. 0 where it has a line above the header.
  private let sparkWidth: Int
  private let width: Int?

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
    self.width = width
    let left = (width ?? 0) - 2 - columns.reduce(taken) { $0 + 1 + $1.width }
    sparkWidth = left < Self.leastSparkWidth ? 0 : min(left, Self.mostSparkWidth)
  }

  private static let leastSparkWidth = 12
  /// A minute of seconds.
  private static let mostSparkWidth = 60

  /// Rates are per second. A rate has at most five characters, a size eight: `1.02 GiB`.
  private static var all: [Column] {
    func rate(_ name: String, _ counter: MigrationCounter) -> Column {
      Column(name: name, width: 5) { $0.rate(counter).map(Readable.number) }
    }
    return [
      Column(name: "pages", width: 5) { $0.pages.map(Readable.number) },
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

  /// - Parameter minute: what a terminal without room beside the rows is shown above them.
  package func header(_ minute: WatchMinute = WatchMinute()) -> String {
    let names = line(
      time: "time", columns.map { ($0.name, nil) }, reason: Self.reasonHeader,
      spark: "the last minute")
    guard let width, sparkWidth == 0, width >= 40, minute.highest > 0 else { return names }
    let title = "the last minute: "
    let peak = "  up to \(Readable.number(minute.highest))"
    let room = min(Self.mostSparkWidth, width - title.count - peak.count)
    return title + coloured(minute.sparkline(width: room), .migrated) + peak + "\n" + names
  }

  /// - Parameters:
  ///   - time: of the day, as `12:34:56`.
  ///   - minute: that ends with this row. A burst has an asterisk behind its time.
  package func row(
    time: String, _ change: WatchChange, _ minute: WatchMinute = WatchMinute()
  ) -> String {
    line(
      time: time,
      columns.map { column in
        let text = column.text(change)
        let isFailing = column.isFailure && text != nil && text?.first != "0"
        let colour: Colour? =
          isFailing ? .failed : column.name == "pages" && minute.isBurst ? .migrated : nil
        return (text ?? "-", colour)
      },
      reason: change.reasons.first?.text ?? "-", spark: minute.sparkline(width: sparkWidth),
      mark: minute.isBurst ? "*" : " ")
  }

  /// The page's colours, as near to them as 256 are, on dark and on light ground.
  private enum Colour: Int {
    case migrated = 33
    case failed = 166
  }

  private func coloured(_ text: String, _ colour: Colour?) -> String {
    guard isColoured, let colour else { return text }
    return "\u{1b}[38;5;\(colour.rawValue)m\(text)\u{1b}[0m"
  }

  private func line(
    time: String, _ cells: [(text: String, colour: Colour?)], reason: String, spark: String,
    mark: String = " "
  ) -> String {
    var line = time + String(repeating: " ", count: max(0, timeWidth - time.count))
    for (place, ((text, colour), column)) in zip(cells, columns).enumerated() {
      line += place == 0 ? mark : " "
      line += String(repeating: " ", count: max(0, column.width - text.count))
      line += coloured(text, colour)
    }
    if hasReasons {
      let padding = sparkWidth == 0 ? 0 : max(0, Self.reasonHeader.count - reason.count)
      line += "  \(reason)" + String(repeating: " ", count: padding)
    }
    guard sparkWidth > 0 else { return line + "\n" }
    return line + "  " + coloured(spark, .migrated) + "\n"
  }
}
