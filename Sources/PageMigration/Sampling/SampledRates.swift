package import Histograms
package import System

/// The rates that follow from snapshots taken one after the other: a pure function of what was
/// added.
package struct SampledRates: Sendable {
  /// The nominal time between two snapshots.
  package let interval: Duration
  /// The age from which on the last snapshot says nothing of now; and an interval that is longer says
  /// nothing of bursts: its rate may be a storm that was spread over a pause.
  let staleAge: Duration
  package private(set) var history: IntervalHistory
  /// As of the last snapshot.
  package private(set) var rates = PerSampledCounter { _ in CounterRates() }
  package private(set) var migratedHistogram = RateHistogram()
  package private(set) var failedHistogram = RateHistogram()
  /// Snapshots in which a counter was less than before.
  package private(set) var resets: UInt64 = 0
  private var last: Sample?
  /// The end of the last interval longer than ``staleAge``.
  private var gapEnd: MonotonicTime?

  package init(interval: Duration) {
    self.interval = interval
    staleAge = interval * 2 + .seconds(1)
    history = IntervalHistory(interval: interval)
  }

  /// When the last snapshot was taken. Nil before the first.
  package var lastTime: MonotonicTime? { last?.time }

  /// - Parameter time: when the snapshot was taken. One that is less than half an interval later than the
  ///   last is passed over, as what was held up before it would be a burst: the next one tells.
  package mutating func add(_ snapshot: CounterSnapshot, at time: MonotonicTime) {
    let sample = Sample(time: time, snapshot)
    guard let earlier = last else {
      last = sample
      return
    }
    guard time - earlier.time >= interval / 2, let latest = Interval(from: earlier, to: sample)
    else { return }
    last = sample
    if sample.wentBack(since: earlier) { resets += 1 }
    history.append(latest)
    let isGap = latest.elapsed > staleAge
    if isGap { gapEnd = latest.end }
    let reaches = WindowReach.all(in: history, interval: interval, gapEnd: gapEnd)
    rates = PerSampledCounter { CounterRates(of: $0, over: history, reaches) }
    guard !isGap else { return }
    if let rate = latest.rate(of: .pagesMigrated) { migratedHistogram.observe(rate) }
    if let rate = latest.rate(of: .pagesFailed) { failedHistogram.observe(rate) }
  }
}

/// How often each rate was seen: one observation per interval, never reset, so that any number of
/// readers see every burst. An interval over a pause is none: how the rate went in it is not known.
package struct RateHistogram: Equatable, Sendable {
  /// In events per second. No rate above 0 is in the native histogram's zero bucket: intervals are not
  /// that long.
  package static let scale = HistogramScale(
    classic: [0, 1, 10, 100, 1e3, 1e4, 1e5, 1e6, 1e7], native: -8...40)

  /// Observations in each bucket alone.
  package private(set) var counts = [UInt64](repeating: 0, count: scale.bucketCount)
  /// The sum of all rates observed.
  package private(set) var sum = 0.0

  package init() {}

  package mutating func observe(_ rate: Double) {
    counts[Self.scale.bucket(of: rate)] += 1
    sum += rate
  }
}
