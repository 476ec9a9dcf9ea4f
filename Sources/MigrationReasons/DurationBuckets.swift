package import Histograms
internal import System

/// The buckets of durations: those of `ebpf.h`, whose table of bounds is filled with these. Change both.
package enum DurationBuckets {
  /// In seconds. The classic bounds are 1 µs, 2 µs, 4 µs … 2^24 µs, which is 16.8 s; the native buckets
  /// go from 2^-20 s, which is 0.95 µs, to 64 s.
  package static let scale = HistogramScale(
    classic: classicBounds.map(\.inSeconds), native: -20...6)

  /// The classic bounds, as the text has them.
  package static let classicBounds: [Duration] = (0..<25).map { .microseconds(1 << $0) }

  /// The bounds of all buckets but the last, which is without.
  package static let bounds: [Duration] = nanoseconds.map { Duration(wholeNanoseconds: $0) }

  /// A duration is a whole number of nanoseconds: the last that is within the bound.
  private static let nanoseconds = scale.bounds.map { Duration.lastWholeNanosecond(within: $0) }

  /// How many bounds the table has place for.
  private static let tablePlaces = 256

  /// The table in words of 32 bits, the lower half of each bound first.
  static let tableWords: [UInt32] =
    (nanoseconds + repeatElement(UInt64(Int64.max), count: tablePlaces - nanoseconds.count))
    .flatMap { [UInt32(truncatingIfNeeded: $0), UInt32(truncatingIfNeeded: $0 >> 32)] }
}
