internal import System

/// What the kernel migrated for one reason, and how long that kept the callers, since the probe was
/// attached. Every number only grows.
///
/// Kernel: the arguments of `trace_mm_migrate_pages()` in `mm/migrate.c`, summed.
package struct ReasonTotals: Equatable, Sendable {
  /// As the kernel's tracepoint prints it; `unknown_N` for a number it has no name for.
  package var reason: String
  /// Calls of `migrate_pages()`, by mode in the order of `MigrationProbe.modes`. Some find nothing
  /// to do, so calls alone are no activity.
  package var calls: [UInt64]
  /// Base pages.
  package var pagesMigrated: UInt64 = 0
  /// Base pages; a page that is tried again in another call counts again.
  package var pagesFailed: UInt64 = 0
  /// THPs moved whole.
  package var thpMigrated: UInt64 = 0
  /// THPs not moved whole: those split are among them.
  package var thpFailed: UInt64 = 0
  /// THPs split so that their pages could be moved.
  package var thpSplit: UInt64 = 0
  /// Large folios split, THPs among them.
  package var foliosSplit: UInt64 = 0
  /// Why pages failed: the sum over causes is `pagesFailed`. Nil where causes are not counted.
  package var failed: FailedPages?
  /// The exact sum of the durations in the buckets.
  package var duration = Duration.zero
  /// Calls by duration, each counted once, in the buckets of ``DurationBuckets``. The sum is less
  /// than the calls where a call had begun before the probe was attached.
  package var durationBuckets: [UInt64]

  /// A reason that never occurred.
  package init(reason: String, modes: Int) {
    self.reason = reason
    calls = Array(repeating: 0, count: modes)
    durationBuckets = Array(repeating: 0, count: SlotLayout.buckets)
  }
}

/// What a person wants to know first.
extension ReasonTotals {
  /// The part of all migrated pages that went for this reason, 0 to 1. Nil if none were migrated.
  package func share(of totals: [ReasonTotals]) -> Double? {
    let all = totals.reduce(0.0) { $0 + Double($1.pagesMigrated) }
    return all == 0 ? nil : Double(pagesMigrated) / all
  }

  /// The median duration of a call. Nil if no call was timed.
  package var medianDuration: Duration? {
    Self.median(of: durationBuckets, bounds: DurationBuckets.bounds)
  }

  /// The median of what was counted by duration. Nil for nothing.
  ///
  /// Within the bucket the calls are taken to be spread evenly, as Prometheus' `histogram_quantile`
  /// does; beyond the last bound it is that bound.
  package static func median(of buckets: [UInt64], bounds: [Duration]) -> Duration? {
    let timed = buckets.reduce(0, &+)
    guard timed > 0 else { return nil }
    let rank = Double(timed) / 2
    var below: Double = 0
    for ((bucket, bound), count) in zip(bounds.enumerated(), buckets) {
      let inside = Double(count)
      if inside > 0, below + inside >= rank {
        let lower = bucket == 0 ? .zero : bounds[bucket - 1]
        return lower + (bound - lower) * ((rank - below) / inside)
      }
      below += inside
    }
    return bounds.last
  }
}
