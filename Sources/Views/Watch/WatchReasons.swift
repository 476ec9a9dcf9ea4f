internal import MigrationReasons
internal import System

/// Who asked for migrations, as `watch` compares it: what each reason counted so far.
package struct WatchReasons {
  package struct Counts {
    let reason: String
    let pages: UInt64
    let timedCalls: UInt64
    let duration: Duration

    package init(reason: String, pages: UInt64, timedCalls: UInt64, duration: Duration) {
      self.reason = reason
      self.pages = pages
      self.timedCalls = timedCalls
      self.duration = duration
    }
  }

  private let counts: [Counts]

  package init(_ counts: [Counts]) { self.counts = counts }

  init(_ totals: [ReasonTotals]) {
    counts = totals.map {
      Counts(
        reason: $0.reason, pages: $0.pagesMigrated &+ $0.pagesFailed,
        timedCalls: $0.durationBuckets.reduce(0, &+), duration: $0.duration)
    }
  }

  /// The reason for which most pages were tried since `earlier`, its share of them and the mean
  /// time of its calls: `compaction 98 % 1.20 ms`. Nil where there were none.
  func leading(since earlier: WatchReasons) -> String? {
    let old = Dictionary(earlier.counts.map { ($0.reason, $0) }) { first, _ in first }
    let growth = counts.map { now in
      let before = old[now.reason]
      return Counts(
        reason: now.reason, pages: now.pages - min(now.pages, before?.pages ?? 0),
        timedCalls: now.timedCalls - min(now.timedCalls, before?.timedCalls ?? 0),
        duration: now.duration - min(now.duration, before?.duration ?? .zero))
    }
    let all = growth.reduce(0.0) { $0 + Double($1.pages) }
    guard all > 0, let first = growth.max(by: { $0.pages < $1.pages }) else { return nil }
    let share = "\(printable(first.reason)) \(Readable.percent(Double(first.pages) / all))"
    guard first.timedCalls > 0 else { return share }
    return "\(share) \(Readable.duration(first.duration / Double(first.timedCalls)))"
  }
}
