/// The rates that follow from snapshots taken one after the other: a pure function of what was
/// added.
package struct SampledRates: Sendable {
  /// The nominal time between two snapshots in nanoseconds.
  package let interval: UInt64
  package private(set) var history: IntervalHistory
  /// As of the last snapshot.
  package private(set) var rates = PerSampledCounter { _ in CounterRates() }
  package private(set) var migratedHistogram = RateHistogram()
  package private(set) var failedHistogram = RateHistogram()
  /// Snapshots in which a counter was less than before.
  package private(set) var resets: UInt64 = 0
  private var last: Sample?

  package init(interval: UInt64) {
    self.interval = interval
    history = IntervalHistory(interval: interval)
  }

  /// When the last snapshot was taken, in nanoseconds of the monotonic clock. Nil before the first.
  package var lastTime: UInt64? { last?.time }

  /// - Parameter time: when the snapshot was taken, in nanoseconds of the monotonic clock. One that
  ///   is not later than the last is ignored.
  package mutating func add(_ snapshot: CounterSnapshot, at time: UInt64) {
    let sample = Sample(time: time, snapshot)
    guard let earlier = last else {
      last = sample
      return
    }
    guard let latest = Interval(from: earlier, to: sample) else { return }
    last = sample
    if sample.wentBack(since: earlier) { resets += 1 }
    history.append(latest)
    rates = PerSampledCounter { CounterRates(of: $0, over: history, interval: interval) }
    if let rate = latest.rate(of: .pagesMigrated) { migratedHistogram.observe(rate) }
    if let rate = latest.rate(of: .pagesFailed) { failedHistogram.observe(rate) }
  }
}
