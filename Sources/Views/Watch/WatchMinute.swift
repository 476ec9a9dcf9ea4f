internal import System

/// The rows of the last minute, for what none of them shows alone.
package struct WatchMinute {
  private var rows: [(elapsed: Duration, pages: Double?)] = []

  package init() {}

  package mutating func add(_ change: WatchChange) {
    rows.append((change.elapsed ?? .zero, change.pages))
    while rows.count > 1, rows.reduce(.zero, { $0 + $1.elapsed }) > .seconds(60) {
      rows.removeFirst()
    }
  }

  /// Whether the last row is one of a burst: at least a hundred pages a second, and ten times what half
  /// of the rows before it had. Three of these must be known: the first row is no burst.
  package var isBurst: Bool {
    let before = rows.dropLast().compactMap(\.pages).sorted()
    guard before.count >= 3, let pages = rows.last?.pages else { return false }
    return pages >= 100 && pages >= 10 * before[before.count / 2]
  }

  package var highest: Double { rows.compactMap(\.pages).max() ?? 0 }

  /// Of pages per second, the latest at the right; as the page's chart, a tenfold is a step of one
  /// height, so that a trickle is to be seen beside a burst.
  ///
  /// - Parameter width: in columns, of which the earliest stay blank until there are as many rows.
  package func sparkline(width: Int) -> String {
    let bars = Array("▁▂▃▄▅▆▇█")
    let top = max(4, measure(highest))
    let shown = rows.suffix(width).map { row -> Character in
      guard let pages = row.pages else { return " " }
      guard pages > 0 else { return bars[0] }
      return bars[min(7, max(1, Int((measure(pages) / top * 7).rounded())))]
    }
    return String(repeating: " ", count: max(0, width - shown.count)) + String(shown)
  }

  /// 0 at 0, and one more with each further digit.
  private func measure(_ pages: Double) -> Double {
    var (rest, digits) = (pages + 1, 0.0)
    while rest >= 10 { (rest, digits) = (rest / 10, digits + 1) }
    return digits + (rest - 1) / 9
  }
}
