internal import PageMigration
internal import System

/// All rows of `watch` together, as it says them at its end.
package struct WatchSummary {
  private let first: WatchReading
  private var last: WatchReading
  private var rows = 0
  private var bursts = 0
  private var peak: (pages: Double, time: String)?
  private var slowest: [String: WatchReasons.SlowestCall] = [:]

  package init(from first: WatchReading) {
    self.first = first
    last = first
  }

  /// - Parameter time: of the row, as it says it.
  package mutating func add(
    _ change: WatchChange, to reading: WatchReading, at time: String, isBurst: Bool
  ) {
    last = reading
    rows += 1
    if isBurst { bursts += 1 }
    if let pages = change.pages, pages > peak?.pages ?? 0 { peak = (pages, time) }
    guard let begin = first.reasons?.time, let calls = reading.reasons?.slowest else { return }
    for call in calls where call.ended > begin {
      guard call.duration > slowest[call.reason]?.duration ?? .zero else { continue }
      slowest[call.reason] = call
    }
  }

  /// Nil where there was no row.
  package var text: String? {
    let all = WatchChange(from: first, to: last)
    guard rows > 0, let elapsed = all.elapsed else { return nil }
    let seconds = Duration.seconds(elapsed.inSeconds.rounded())
    var lines = ["--- \(rows) row\(rows == 1 ? "" : "s") in \(seconds.spelledOut) ---"]
    lines.append(migrated(all))
    if let failed = all.increase(.migrateFail), failed > 0, let share = all.failureShare {
      lines.append("failed \(failed) pages, \(Readable.percent(share)) of those tried")
    }
    if let stalls = all.increase(.compactStall), stalls > 0 {
      lines.append("\(stalls) allocation\(stalls == 1 ? "" : "s") stalled for compaction")
    }
    let reasons = all.reasons.prefix(3).map(\.text)
    if !reasons.isEmpty { lines.append("reasons: \(reasons.joined(separator: ", "))") }
    let causes = all.causes.prefix(3).map { "\($0.cause) \(Readable.percent($0.share))" }
    if !causes.isEmpty { lines.append("failed for: \(causes.joined(separator: ", "))") }
    for call in slowest.values.sorted(by: { $0.duration > $1.duration }).prefix(3) {
      lines.append("slowest call: \(call.text)")
    }
    return lines.joined(separator: "\n") + "\n"
  }

  private func migrated(_ all: WatchChange) -> String {
    guard let pages = all.increase(.migrateSuccess), let mean = all.pages else {
      return "how much was migrated is not known: a counter went backwards"
    }
    guard pages > 0 else { return "no page was migrated" }
    let size = Readable.bytes(Double(pages) * all.pageSize)
    let highest = peak.map { ", at most \(Readable.number($0.pages))/s (\($0.time))" } ?? ""
    let marked = bursts == 0 ? "" : "; \(bursts) burst\(bursts == 1 ? "" : "s")"
    return
      "migrated \(pages) pages (\(size)), \(Readable.number(mean))/s on average\(highest)\(marked)"
  }
}
