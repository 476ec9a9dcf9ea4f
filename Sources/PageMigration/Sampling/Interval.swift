package import System

/// What happened between two snapshots that follow each other.
package struct Interval: Equatable, Sendable {
  /// When the earlier snapshot was taken.
  package let begin: MonotonicTime
  /// When the later one was taken; always after the earlier.
  package let end: MonotonicTime
  /// How much each counter grew. Nil where the kernel lacks it, where it went back (a reset), or where
  /// it jumped.
  package let increase: PerSampledCounter<UInt64?>
  private let length: Elapsed

  /// Nil unless `later` was taken after `earlier`.
  init?(from earlier: Sample, to later: Sample) {
    guard later.time > earlier.time else { return nil }
    begin = earlier.time
    end = later.time
    length = Elapsed(end - begin)
    increase = PerSampledCounter { counter in
      guard let old = earlier.values[counter], let new = later.values[counter] else { return nil }
      return Self.increase(from: old, to: new)
    }
  }

  /// No machine counts more between two readings: so many base pages of 4 KiB are an exbibyte. A
  /// counter that grew by more is one of a copied or a corrupt tree.
  package static let increaseMax: UInt64 = 1 << 48

  /// Nil where the counter went back, or jumped by more than ``increaseMax``.
  package static func increase(from old: UInt64, to new: UInt64) -> UInt64? {
    new >= old && new - old <= increaseMax ? new - old : nil
  }

  /// The true time between the two, never zero.
  package var elapsed: Duration { end - begin }

  /// Events per second of true time. Nil where the increase is.
  package func rate(of counter: SampledCounter) -> Double? {
    growth(of: counter)?.rate
  }

  /// Its increase, and that in a second. Nil where there is none.
  fileprivate func growth(of counter: SampledCounter) -> (increase: UInt64, rate: Double)? {
    guard let increase = increase[counter] else { return nil }
    return (increase, length.rate(of: increase))
  }
}

/// The five counters at one instant.
struct Sample: Equatable, Sendable {
  let time: MonotonicTime
  let values: PerSampledCounter<UInt64?>

  init(time: MonotonicTime, _ snapshot: CounterSnapshot) {
    self.time = time
    values = PerSampledCounter { snapshot[$0.source] }
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

/// The last intervals, oldest first, in memory that does not grow: 104 bytes each. Each begins where
/// the one before it ends.
package struct IntervalHistory: RandomAccessCollection, Sendable {
  /// How far back it goes.
  package static let span = Duration.seconds(600)

  private let capacity: Int
  private var ring: [Interval] = []
  private var first = 0

  /// - Parameter interval: the nominal length of an interval, above zero.
  package init(interval: Duration) {
    let (span, step) = (Self.span.wholeNanoseconds, interval.wholeNanoseconds)
    capacity = Int((span + step - 1) / step)
    ring.reserveCapacity(capacity)
  }

  package mutating func append(_ interval: Interval) {
    if ring.count < capacity {
      ring.append(interval)
    } else {
      ring[first] = interval
      first = (first + 1) % capacity
    }
  }

  package var startIndex: Int { 0 }
  package var endIndex: Int { ring.count }
  package subscript(index: Int) -> Interval { ring[place(of: index)] }

  private func place(of index: Int) -> Int {
    let place = first + index
    return place < ring.count ? place : place - ring.count
  }

  /// How much a counter grew in one of them. Nil where it went back, or is not there.
  func growth(of counter: SampledCounter, at index: Int) -> (increase: UInt64, rate: Double)? {
    ring[place(of: index)].growth(of: counter)
  }

  /// The last that begins by then. Nil where all begin later.
  func lastIndex(beginningBy time: MonotonicTime) -> Int? {
    var (low, high) = (0, ring.count)
    while low < high {
      let middle = (low + high) / 2
      if ring[place(of: middle)].begin <= time { low = middle + 1 } else { high = middle }
    }
    return low == 0 ? nil : low - 1
  }
}
