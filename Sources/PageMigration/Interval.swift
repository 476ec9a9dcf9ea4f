/// What happened between two snapshots that follow each other.
package struct Interval: Equatable, Sendable {
  /// When the later snapshot was taken, in nanoseconds of the monotonic clock.
  package let end: UInt64
  /// The true time between the two, in nanoseconds, never 0.
  package let elapsed: UInt64
  /// How much each counter grew. Nil where the kernel lacks it, or where it went back: a reset.
  package let increase: PerSampledCounter<UInt64?>

  package init(end: UInt64, elapsed: UInt64, increase: PerSampledCounter<UInt64?>) {
    self.end = end
    self.elapsed = elapsed
    self.increase = increase
  }

  /// Nil unless `later` was taken after `earlier`.
  init?(from earlier: Sample, to later: Sample) {
    guard later.time > earlier.time else { return nil }
    self.init(
      end: later.time, elapsed: later.time - earlier.time,
      increase: PerSampledCounter { counter in
        guard let old = earlier.values[counter], let new = later.values[counter], new >= old
        else { return nil }
        return new - old
      })
  }

  /// Events per second of true time. Nil where the increase is.
  package func rate(of counter: SampledCounter) -> Double? {
    increase[counter].map { Double($0) * 1e9 / Double(elapsed) }
  }
}

/// The five counters at one instant of the monotonic clock.
struct Sample: Equatable, Sendable {
  let time: UInt64
  let values: PerSampledCounter<UInt64?>

  init(time: UInt64, _ snapshot: CounterSnapshot) {
    self.time = time
    values = PerSampledCounter { snapshot[$0.counter] }
  }

  /// Whether a counter is less than it was: the machine was restored from an image, or a 32-bit
  /// counter wrapped.
  func wentBack(since earlier: Sample) -> Bool {
    SampledCounter.allCases.contains { counter in
      guard let old = earlier.values[counter], let new = values[counter] else { return false }
      return new < old
    }
  }
}
