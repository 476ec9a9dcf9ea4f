internal import MigrationReasons
package import System

/// Who asked for migrations, as `watch` compares it: what each reason counted so far.
package struct WatchReasons {
  package struct Counts {
    let reason: String
    let pages: UInt64
    let timedCalls: UInt64
    let duration: Duration
    /// Failed pages by cause. Empty where causes are not counted.
    let causes: [String: UInt64]

    package init(
      reason: String, pages: UInt64, timedCalls: UInt64, duration: Duration,
      causes: [String: UInt64] = [:]
    ) {
      self.reason = reason
      self.pages = pages
      self.timedCalls = timedCalls
      self.duration = duration
      self.causes = causes
    }
  }

  /// The slowest call of a reason in the minute before the reading.
  package struct SlowestCall: Sendable {
    let reason: String
    let duration: Duration
    let pagesMigrated: UInt64
    let pagesFailed: UInt64
    /// `postgres (4711)`
    let caller: String
    /// Nil where it is not known.
    let cgroup: String?
    /// On the clock of the host that made it.
    let ended: UnixTime

    package init(
      reason: String, duration: Duration, pagesMigrated: UInt64, pagesFailed: UInt64,
      caller: String, cgroup: String?, ended: UnixTime
    ) {
      self.reason = reason
      self.duration = duration
      self.pagesMigrated = pagesMigrated
      self.pagesFailed = pagesFailed
      self.caller = caller
      self.cgroup = cgroup
      self.ended = ended
    }

    /// `compaction 52.1 ms, 4096 pages moved, 12 failed, by postgres (4711) in /db.slice`
    var text: String {
      "\(printable(reason)) \(Readable.duration(duration)), \(pagesMigrated) pages moved, "
        + "\(pagesFailed) failed, by \(printable(caller))"
        + (cgroup.map { " in \(printable($0))" } ?? "")
    }
  }

  private let counts: [Counts]
  /// When they were read, on that host's clock.
  let time: UnixTime
  let slowest: [SlowestCall]

  package init(_ counts: [Counts], time: UnixTime, slowest: [SlowestCall] = []) {
    self.counts = counts
    self.time = time
    self.slowest = slowest
  }

  init(_ totals: [ReasonTotals], slowest calls: [NamedSlowCall]) {
    counts = totals.map { totals in
      let causes = totals.failed.map { zip(FailureCause.allCases.map(\.rawValue), $0.causes) }
      return Counts(
        reason: totals.reason, pages: totals.pagesMigrated &+ totals.pagesFailed,
        timedCalls: totals.durationBuckets.reduce(0, &+), duration: totals.duration,
        causes: causes.map { Dictionary(uniqueKeysWithValues: $0) } ?? [:])
    }
    time = .now
    slowest = calls.map {
      SlowestCall(
        reason: $0.call.reason, duration: $0.call.duration, pagesMigrated: $0.call.pagesMigrated,
        pagesFailed: $0.call.pagesFailed, caller: $0.caller, cgroup: $0.cgroup, ended: $0.ended)
    }
  }

  /// A reason's part of what was tried.
  struct Part {
    /// Printable, whatever the other host called it.
    let reason: String
    let share: Double
    /// The mean time of a call. Nil where none was timed.
    let perCall: Duration?

    /// `compaction 98 % 1.20 ms`
    var text: String {
      "\(reason) \(Readable.percent(share))" + (perCall.map { " \(Readable.duration($0))" } ?? "")
    }
  }

  /// The reasons for which pages were tried since `earlier`, that with most of them first.
  func parts(since earlier: WatchReasons) -> [Part] {
    let old = Dictionary(earlier.counts.map { ($0.reason, $0) }) { first, _ in first }
    let growth = counts.map { now in
      let before = old[now.reason]
      return Counts(
        reason: now.reason, pages: now.pages - min(now.pages, before?.pages ?? 0),
        timedCalls: now.timedCalls - min(now.timedCalls, before?.timedCalls ?? 0),
        duration: now.duration - min(now.duration, before?.duration ?? .zero))
    }
    let all = growth.reduce(0.0) { $0 + Double($1.pages) }
    return growth.filter { $0.pages > 0 }.sorted { $0.pages > $1.pages }.map { part in
      Part(
        reason: printable(part.reason), share: Double(part.pages) / all,
        perCall: part.timedCalls > 0 ? part.duration / Double(part.timedCalls) : nil)
    }
  }

  /// Why pages failed since `earlier`, the most frequent cause first: its name and its share.
  func causes(since earlier: WatchReasons) -> [(cause: String, share: Double)] {
    var grown: [String: UInt64] = [:]
    for counts in counts {
      for (cause, pages) in counts.causes { grown[cause, default: 0] &+= pages }
    }
    for counts in earlier.counts {
      for (cause, pages) in counts.causes {
        grown[cause, default: 0] -= min(grown[cause] ?? 0, pages)
      }
    }
    let all = grown.values.reduce(0.0) { $0 + Double($1) }
    return grown.filter { $0.value > 0 }.sorted { ($1.value, $0.key) < ($0.value, $1.key) }
      .map { (printable($0.key), Double($0.value) / all) }
  }
}
