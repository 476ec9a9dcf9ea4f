/// The buckets of a histogram that is shown in two ways: with the bounds that it was given, and as a
/// native histogram of Prometheus. Both are sums of the same counts, one for each bucket here.
///
/// The bounds of a native histogram are the powers of 2^(1/8); those it was given lie between them, so
/// the buckets here are cut at each of both.
///
/// A class, since each scrape asks it for every bucket: a struct's arrays would be copied each time.
package final class HistogramScale: Sendable {
  /// Prometheus' number for eight buckets to each doubling.
  package static let schema = 3
  /// The index of the native bucket of what is above every number: 2^1024 and beyond.
  package static let lastNativeIndex = 1024 * bucketsPerDoubling + 1
  private static let bucketsPerDoubling = 8

  /// The bounds that it was given, rising.
  package let classicBounds: [Double]
  /// All upper bounds, rising. The last bucket has none.
  package let bounds: [Double]
  private let classicEnds: [Int]
  /// The index in Prometheus' numbering of the first of ``nativeEnds``: a bucket of index *i* has the
  /// upper bound 2^(*i*/8).
  private let nativeFirst: Int
  /// How many buckets are within each bound of the native histogram, the lowest first.
  private let nativeEnds: [Int]

  /// How wide the zero bucket of the native histogram is: its lowest bound.
  package var zeroThreshold: Double { Self.nativeBound(nativeFirst) }

  /// Those with a bound, and the last.
  package var bucketCount: Int { bounds.count + 1 }

  /// - Parameters:
  ///   - classic: the bounds as Prometheus' older histograms have them, rising, without `+Inf`.
  ///   - exponents: the powers of two between which there are native buckets.
  package init(classic: [Double], native exponents: ClosedRange<Int>) {
    let first = exponents.lowerBound * Self.bucketsPerDoubling
    let native = (first...exponents.upperBound * Self.bucketsPerDoubling).map(Self.nativeBound)
    let bounds = Set(classic).union(native).sorted()
    func ends(_ some: [Double]) -> [Int] {
      some.map { bound in bounds.count { $0 <= bound } }
    }
    self.bounds = bounds
    classicBounds = classic
    classicEnds = ends(classic)
    nativeFirst = first
    nativeEnds = ends(native)
  }

  /// How many buckets are within the classic bound at this place; all for the one behind the last.
  package func classicEnd(_ place: Int) -> Int {
    place < classicEnds.count ? classicEnds[place] : bucketCount
  }

  /// The classic bucket that a value is counted in alone, `+Inf`'s being behind the last bound's.
  package func classicPlace(of value: Double) -> Int {
    classicBounds.firstIndex { value <= $0 } ?? classicBounds.count
  }

  /// The native buckets above zero's, with that of what is above the highest bound.
  package var nativeBucketCount: Int { nativeEnds.count }

  /// Prometheus' number of the native bucket at this place, counted from 1.
  package func nativeIndex(_ place: Int) -> Int {
    place < nativeEnds.count ? nativeFirst + place : Self.lastNativeIndex
  }

  /// The observations of the native bucket at this place, counted from 1; of the zero bucket at 0.
  package func nativeCount(_ place: Int, of counts: [UInt64]) -> UInt64 {
    let begin = place > 0 ? nativeEnds[place - 1] : 0
    let end = place < nativeEnds.count ? nativeEnds[place] : bucketCount
    var sum: UInt64 = 0
    for count in counts[begin..<end] { sum &+= count }
    return sum
  }

  /// The bucket of a value: the first whose bound it does not exceed.
  package func bucket(of value: Double) -> Int {
    var (low, high) = (0, bounds.count)
    while low < high {
      let middle = (low + high) / 2
      if bounds[middle] < value { low = middle + 1 } else { high = middle }
    }
    return low
  }

  /// 2^(*index*/8), as Prometheus computes it.
  private static func nativeBound(_ index: Int) -> Double {
    let part = index & (bucketsPerDoubling - 1)
    return Double(
      sign: .plus, exponent: (index - part) / bucketsPerDoubling, significand: fractions[part])
  }

  /// 2^(0/8) to 2^(7/8).
  private static let fractions = [
    1, 1.090_507_732_665_257_6, 1.189_207_115_002_721, 1.296_839_554_651_009_6,
    1.414_213_562_373_095_1, 1.542_210_825_407_940_7, 1.681_792_830_507_429,
    1.834_008_086_409_342_4,
  ]
}
