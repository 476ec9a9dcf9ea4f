internal import System

/// A number of at least 0 as text has it: to nine places behind the point.
struct Decimal {
  let whole: UInt64
  /// Below 10^9.
  let billionths: UInt64

  /// Nil where `value` is no such number, or as large as 2^64.
  init?(_ value: Double) {
    guard value >= 0, value < 0x1p64 else { return nil }
    let whole = UInt64(value)
    let billionths = UInt64(((value - Double(whole)) * 1e9).rounded())
    let isWhole = billionths == 1_000_000_000
    (self.whole, self.billionths) = isWhole ? (whole + 1, 0) : (whole, billionths)
  }

  /// Seconds, exactly.
  init(_ duration: Duration) { (whole, billionths) = duration.wholeSecondsAndBillionths }
}
