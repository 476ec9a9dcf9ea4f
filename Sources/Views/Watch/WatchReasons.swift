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

  /// What each reason counted between two readings, or more of them.
  struct Growth {
    private var reasons: [String: (pages: UInt64, timedCalls: UInt64, duration: Duration)] = [:]
    private var causes: [String: UInt64] = [:]

    init() {}

    fileprivate init(from earlier: [Counts], to later: [Counts]) {
      let old = Dictionary(earlier.map { ($0.reason, $0) }) { first, _ in first }
      for now in later {
        let before = old[now.reason]
        reasons[now.reason] = (
          now.pages - min(now.pages, before?.pages ?? 0),
          now.timedCalls - min(now.timedCalls, before?.timedCalls ?? 0),
          now.duration - min(now.duration, before?.duration ?? .zero)
        )
        for (cause, pages) in now.causes { causes[cause, default: 0] &+= pages }
      }
      for counts in earlier {
        for (cause, pages) in counts.causes {
          causes[cause, default: 0] -= min(causes[cause] ?? 0, pages)
        }
      }
    }

    static func += (sum: inout Growth, more: Growth) {
      for (reason, counts) in more.reasons {
        let so = sum.reasons[reason] ?? (0, 0, .zero)
        sum.reasons[reason] = (
          so.pages &+ counts.pages, so.timedCalls &+ counts.timedCalls,
          so.duration + counts.duration
        )
      }
      sum.causes.merge(more.causes) { $0 &+ $1 }
    }

    /// The reasons for which pages were tried, that with most of them first.
    var parts: [Part] {
      let all = reasons.values.reduce(0.0) { $0 + Double($1.pages) }
      return reasons.filter { $0.value.pages > 0 }
        .sorted { ($1.value.pages, $0.key) < ($0.value.pages, $1.key) }
        .map { reason, counts in
          Part(
            reason: printable(reason), share: Double(counts.pages) / all,
            perCall: counts.timedCalls > 0 ? counts.duration / Double(counts.timedCalls) : nil)
        }
    }

    /// Why pages failed, the most frequent cause first: its name and its share.
    var failures: [(cause: String, share: Double)] {
      let all = causes.values.reduce(0.0) { $0 + Double($1) }
      return causes.filter { $0.value > 0 }
        .sorted { ($1.value, $0.key) < ($0.value, $1.key) }
        .map { (printable($0.key), Double($0.value) / all) }
    }
  }

  func growth(since earlier: WatchReasons) -> Growth {
    Growth(from: earlier.counts, to: counts)
  }
}
