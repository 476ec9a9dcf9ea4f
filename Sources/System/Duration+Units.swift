/// The one place where durations become numbers and numbers become durations.
///
/// (A duration counts attoseconds in 128 bits. To ask for these costs a tenth of what `components`
/// costs.)
extension Duration {
  static let attosecondsPerNanosecond: Int128 = 1_000_000_000
  private static let nanosecondsPerSecond: UInt64 = 1_000_000_000

  /// A count of nanoseconds, as the kernel and eBPF programs keep it.
  package init(wholeNanoseconds count: UInt64) {
    self.init(attoseconds: Int128(count) * Self.attosecondsPerNanosecond)
  }

  /// Nanoseconds, rounded down: 0 where negative, the most there is where they are more.
  package var wholeNanoseconds: UInt64 {
    nanosecondsOfShort ?? UInt64(clamping: attoseconds / Self.attosecondsPerNanosecond)
  }

  /// The same without a division of 128 bits. Nil where it is negative, or longer than 18 s.
  private var nanosecondsOfShort: UInt64? {
    let count = attoseconds
    guard count >> 64 == 0 else { return nil }
    return UInt64(truncatingIfNeeded: count) / UInt64(Self.attosecondsPerNanosecond)
  }

  /// What stands before and behind the point where it is written in seconds; 0 where negative.
  package var wholeSecondsAndBillionths: (seconds: UInt64, billionths: UInt64) {
    if let count = nanosecondsOfShort {
      return (count / Self.nanosecondsPerSecond, count % Self.nanosecondsPerSecond)
    }
    let nanoseconds = max(0, attoseconds / Self.attosecondsPerNanosecond)
    // Up to 584 years no division of 128 bits is needed.
    if let count = UInt64(exactly: nanoseconds) {
      return (count / Self.nanosecondsPerSecond, count % Self.nanosecondsPerSecond)
    }
    let (seconds, rest) = nanoseconds.quotientAndRemainder(
      dividingBy: Int128(Self.nanosecondsPerSecond))
    return (UInt64(clamping: seconds), UInt64(rest))
  }

  /// Seconds as a number to count with: the one that is closest.
  package var inSeconds: Double {
    let count = wholeNanoseconds
    // A number of that many nanoseconds would be rounded, and the division's result again.
    guard count < 1 << 53 else {
      let (seconds, rest) = count.quotientAndRemainder(dividingBy: Self.nanosecondsPerSecond)
      return Double(seconds) + Double(rest) / 1e9
    }
    return Double(count) / 1e9
  }

  /// Nil where `seconds` is not a number of at least 0 that a duration can hold.
  package init?(inSeconds seconds: Double) {
    guard seconds >= 0, seconds < 9e9 else { return nil }
    self.init(wholeNanoseconds: UInt64(seconds * 1e9))
  }

  /// The last whole nanosecond within so many seconds. (A number of seconds that is a whole one of
  /// nanoseconds may be a little less as a Double.)
  package static func lastWholeNanosecond(within seconds: Double) -> UInt64 {
    UInt64(seconds * 1e9 + 1e-5)
  }

  /// So many of its equal parts; zero where it is negative. (To divide a duration is to divide 128 bits.)
  package func parts(_ some: UInt64, of all: UInt64) -> Duration {
    .init(wholeNanoseconds: wholeNanoseconds / all * some)
  }

  /// How many of `count` there were in a second. The duration must not be zero.
  package func rate(of count: UInt64) -> Double { Elapsed(self).rate(of: count) }
}

/// A duration, not zero, that is divided by again and again: to make a number of 128 bits one of
/// floating point takes longer than to divide by it.
package struct Elapsed: Equatable, Sendable {
  private let nanoseconds: Double

  package init(_ duration: Duration) { nanoseconds = Double(duration.wholeNanoseconds) }

  /// How many of `count` there were in a second.
  package func rate(of count: UInt64) -> Double { Double(count) * 1e9 / nanoseconds }
}
