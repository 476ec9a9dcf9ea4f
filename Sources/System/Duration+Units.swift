/// The one place where durations become numbers and numbers become durations.
extension Duration {
  package static let attosecondsPerNanosecond: Int64 = 1_000_000_000

  /// A count of nanoseconds, as the kernel and eBPF programs keep it. Above 292 years it is that.
  package init(wholeNanoseconds count: UInt64) {
    self = .nanoseconds(Int64(clamping: count))
  }

  /// Nanoseconds, rounded down: 0 where negative, the most there is where they are more.
  package var wholeNanoseconds: UInt64 {
    let (seconds, attoseconds) = components
    guard seconds >= 0, attoseconds >= 0 else { return 0 }
    let (product, overflow) = UInt64(seconds).multipliedReportingOverflow(by: 1_000_000_000)
    let (sum, over) = product.addingReportingOverflow(
      UInt64(attoseconds / Self.attosecondsPerNanosecond))
    return overflow || over ? .max : sum
  }

  /// What stands before and behind the point where it is written in seconds; 0 where negative.
  package var wholeSecondsAndBillionths: (seconds: UInt64, billionths: UInt64) {
    let (seconds, attoseconds) = max(self, .zero).components
    return (UInt64(seconds), UInt64(attoseconds / Self.attosecondsPerNanosecond))
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
