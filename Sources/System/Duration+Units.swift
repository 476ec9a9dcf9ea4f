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
    UInt64(clamping: attoseconds / Self.attosecondsPerNanosecond)
  }

  /// What stands before and behind the point where it is written in seconds; 0 where negative.
  package var wholeSecondsAndBillionths: (seconds: UInt64, billionths: UInt64) {
    let nanoseconds = max(0, attoseconds / Self.attosecondsPerNanosecond)
    // Up to 584 years no division of 128 bits is needed.
    if let count = UInt64(exactly: nanoseconds) {
      return (count / Self.nanosecondsPerSecond, count % Self.nanosecondsPerSecond)
    }
    let (seconds, rest) = nanoseconds.quotientAndRemainder(
      dividingBy: Int128(Self.nanosecondsPerSecond))
    return (UInt64(clamping: seconds), UInt64(rest))
  }

  /// Seconds as a number to count with.
  package var inSeconds: Double { Double(wholeNanoseconds) / 1e9 }

  /// Nil where `seconds` is not a number of at least 0 that a duration can hold.
  package init?(inSeconds seconds: Double) {
    guard seconds >= 0, seconds < 9e9 else { return nil }
    self.init(wholeNanoseconds: UInt64(seconds * 1e9))
  }

  /// How many of `count` there were in a second. The duration must not be zero.
  package func rate(of count: UInt64) -> Double { Double(count) * 1e9 / Double(wholeNanoseconds) }
}
