internal import MigrationReasons
internal import Views

/// Who asked for migrations, as `watch` compares it: what each reason counted so far.
struct WatchReasons {
  struct Counts {
    let reason: String
    let pages: UInt64
    let timedCalls: UInt64
    let durationNanoseconds: UInt64
  }

  let counts: [Counts]

  init(_ totals: [ReasonTotals]) {
    counts = totals.map {
      Counts(
        reason: $0.reason, pages: $0.pagesMigrated &+ $0.pagesFailed,
        timedCalls: $0.durationBuckets.reduce(0, &+), durationNanoseconds: $0.durationNanoseconds)
    }
  }

  /// Nil unless `json` is the list of totals of `/rates`.
  init?(_ json: JSON) {
    guard case .array(let totals) = json else { return nil }
    counts = totals.compactMap { total in
      guard case .string(let reason)? = total["reason"],
        case .integer(let migrated)? = total["pages_migrated"],
        case .integer(let failed)? = total["pages_failed"],
        case .integer(let timedCalls)? = total["timed_calls"],
        let seconds = total["duration_seconds_sum"]?.double, (0..<1e9).contains(seconds)
      else { return nil }
      return Counts(
        reason: reason, pages: migrated &+ failed, timedCalls: timedCalls,
        durationNanoseconds: UInt64(seconds * 1e9))
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
        durationNanoseconds: now.durationNanoseconds
          - min(now.durationNanoseconds, before?.durationNanoseconds ?? 0))
    }
    let all = growth.reduce(0.0) { $0 + Double($1.pages) }
    guard all > 0, let first = growth.max(by: { $0.pages < $1.pages }) else { return nil }
    let share = Readable.percent(Double(first.pages) / all)
    guard first.timedCalls > 0 else { return "\(printable(first.reason)) \(share)" }
    let mean = Double(first.durationNanoseconds) / Double(first.timedCalls)
    return "\(printable(first.reason)) \(share) \(Readable.duration(nanoseconds: mean))"
  }
}
