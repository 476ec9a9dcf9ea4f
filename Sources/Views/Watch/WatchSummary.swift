internal import PageMigration
internal import System

/// All rows of `watch` together, as it says them at its end: the sums of what they show. A row in which a
/// counter went back shows nothing of it, and adds nothing.
package struct WatchSummary {
  private let first: WatchReading
  private var pageSize: Double
  private var rows = 0
  private var resets = 0
  private var bursts = 0
  private var elapsed = Duration.zero
  private var sums: [MigrationCounter: (count: UInt64, time: Duration)] = [:]
  /// Of the rows that show how many pages were migrated and how many failed.
  private var tried = (migrated: 0.0, failed: 0.0)
  private var reasons = WatchReasons.Growth()
  private var peak: (pages: Double, time: String)?
  private var slowest: [String: WatchReasons.SlowestCall] = [:]

  package init(from first: WatchReading) {
    self.first = first
    pageSize = Double(first.pageSize)
  }

  /// - Parameter time: of the row, as it says it.
  package mutating func add(
    _ change: WatchChange, to reading: WatchReading, at time: String, isBurst: Bool
  ) {
    pageSize = change.pageSize
    rows += 1
    if change.wentBack { resets += 1 }
    if isBurst { bursts += 1 }
    addGrowth(change)
    if let pages = change.pages, pages > peak?.pages ?? 0 { peak = (pages, time) }
    guard let begin = first.reasons?.time, let calls = reading.reasons?.slowest else { return }
    for call in calls where call.ended > begin {
      guard call.duration > slowest[call.reason]?.duration ?? .zero else { continue }
      slowest[call.reason] = call
    }
  }

  private mutating func addGrowth(_ change: WatchChange) {
    guard let time = change.elapsed else { return }
    elapsed += time
    for counter in [MigrationCounter.migrateSuccess, .migrateFail, .compactStall] {
      guard let more = change.increase(counter) else { continue }
      let sum = sums[counter] ?? (0, .zero)
      sums[counter] = (sum.count + more, sum.time + time)
    }
    if let migrated = change.increase(.migrateSuccess), let failed = change.increase(.migrateFail) {
      tried = (tried.migrated + Double(migrated), tried.failed + Double(failed))
    }
    reasons += change.reasonGrowth
  }

  /// ` in 10 s`; nothing where no time is known.
  private var span: String {
    switch elapsed {
    case .zero: ""
    case ..<Duration.seconds(1): " in \(Int((elapsed.inSeconds * 1000).rounded())) ms"
    default: " in \(Duration.seconds(elapsed.inSeconds.rounded()).spelledOut)"
    }
  }

  /// Nil where there was no row.
  package var text: String? {
    guard rows > 0, elapsed > .zero || resets > 0 else { return nil }
    var lines = ["--- \(rows) row\(rows == 1 ? "" : "s")\(span) ---"]
    if resets > 0 {
      lines.append(
        "counters went back \(resets == 1 ? "once" : "\(resets) times"):"
          + " what grew then is not known, and not in the sums")
    }
    lines.append(migrated)
    if let failed = sums[.migrateFail]?.count, failed > 0,
      let share = failureShare(migrated: tried.migrated, failed: tried.failed)
    {
      lines.append("failed \(failed) pages, \(Readable.percent(share)) of those tried")
    }
    if let stalls = sums[.compactStall]?.count, stalls > 0 {
      lines.append("\(stalls) allocation\(stalls == 1 ? "" : "s") stalled for compaction")
    }
    let reasons = reasons.parts.prefix(3).map(\.text)
    if !reasons.isEmpty { lines.append("reasons: \(reasons.joined(separator: ", "))") }
    let causes = self.reasons.failures.prefix(3).map {
      "\($0.cause) \(Readable.percent($0.share))"
    }
    if !causes.isEmpty { lines.append("failed for: \(causes.joined(separator: ", "))") }
    for call in slowest.values.sorted(by: { $0.duration > $1.duration }).prefix(3) {
      lines.append("slowest call: \(call.text)")
    }
    return lines.joined(separator: "\n") + "\n"
  }

  private var migrated: String {
    guard let (pages, time) = sums[.migrateSuccess] else {
      return "how much was migrated is not known"
    }
    guard pages > 0 else { return "no page was migrated" }
    let size = Readable.bytes(Double(pages) * pageSize)
    let mean = Readable.number(time.rate(of: pages))
    let highest = peak.map { ", at most \(Readable.number($0.pages))/s (\($0.time))" } ?? ""
    let marked = bursts == 0 ? "" : "; \(bursts) burst\(bursts == 1 ? "" : "s")"
    return "migrated \(pages) pages (\(size)), \(mean)/s on average\(highest)\(marked)"
  }
}
