/// How often each rate was seen: one observation per interval, never reset, so that any number of
/// readers see every burst.
package struct RateHistogram: Equatable, Sendable {
  /// Upper bounds in events per second; the last bucket, without a bound, takes what is above.
  package static let bounds: [Double] = [0, 1, 10, 100, 1e3, 1e4, 1e5, 1e6, 1e7]

  /// Observations in each bucket alone.
  package private(set) var counts = [UInt64](repeating: 0, count: bounds.count + 1)
  /// The sum of all rates observed.
  package private(set) var sum = 0.0

  package init() {}

  package mutating func observe(_ rate: Double) {
    let bucket = Self.bounds.firstIndex { rate <= $0 } ?? Self.bounds.count
    counts[bucket] += 1
    sum += rate
  }
}
