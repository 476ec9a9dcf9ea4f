/// The decimal digits at a place of a text, and the number that they are.
struct Digits {
  /// Wrong where ``isTooLarge``.
  let value: UInt64
  /// Behind the last digit; where there is none, where it began.
  let end: Int
  /// Whether the number does not fit 64 bits.
  let isTooLarge: Bool

  @inline(__always)
  init(of text: Span<UInt8>, from start: Int) {
    var (value, end, isTooLarge): (UInt64, Int, Bool) = (0, start, false)
    if text.count &- start >= 8 {
      // Eight bytes at once: most numbers are shorter, and then this is all.
      let (leading, count) = leadingDigits(text.eightBytes(at: start))
      guard count == 8 else {
        (self.value, self.end, self.isTooLarge) = (leading, start &+ count, false)
        return
      }
      (value, end) = (leading, start &+ 8)
    }
    while end < text.count {
      let digit = text[end] &- UInt8(ascii: "0")
      guard digit <= 9 else { break }
      // 19 digits always fit; only a longer number needs the checks.
      if end &- start < 19 {
        value = value &* 10 &+ UInt64(digit)
      } else {
        let (tens, overTens) = value.multipliedReportingOverflow(by: 10)
        let (sum, overSum) = tens.addingReportingOverflow(UInt64(digit))
        isTooLarge = isTooLarge || overTens || overSum
        value = sum
      }
      end &+= 1
    }
    (self.value, self.end, self.isTooLarge) = (value, end, isTooLarge)
  }

  /// What a number of nodes, CPUs or tiers may be: one to nine digits. Nil for any other.
  static func small(of text: Span<UInt8>, from start: Int) -> (value: Int, end: Int)? {
    let digits = Digits(of: text, from: start)
    guard (1...9).contains(digits.end - start) else { return nil }
    return (Int(truncatingIfNeeded: digits.value), digits.end)
  }
}

/// The number that the decimal digits are with which eight bytes of text begin, and how many they are.
/// The first byte of the text is the lowest of the eight.
@inline(__always)
private func leadingDigits(_ text: UInt64) -> (value: UInt64, count: Int) {
  // A digit's byte becomes its value; of any other, this or adding 0x76 sets the highest bit. What the
  // sum carries over touches only bytes behind the first such one.
  let bytes = text ^ 0x3030_3030_3030_3030
  let others = (bytes | (bytes &+ 0x7676_7676_7676_7676)) & 0x8080_8080_8080_8080
  let bits = others.trailingZeroBitCount & ~7
  // What stands behind the digits is shifted out, and zeros are shifted in before them. Then
  // neighbours are joined: digits to numbers of two, these to numbers of four, these to one.
  let digits = bytes << UInt64(64 - bits)
  let twos = (digits &* 10 &+ digits >> 8) & 0x00ff_00ff_00ff_00ff
  let fours = (twos &* 100 &+ twos >> 16) & 0x0000_ffff_0000_ffff
  return ((fours &* 10_000 &+ fours >> 32) & 0xffff_ffff, bits >> 3)
}

extension Span where Element == UInt8 {
  /// A hexadecimal number that ends at `end`, which is given behind it. Nil unless one to sixteen
  /// digits stand before that byte.
  func hexadecimal(until end: UInt8) -> (value: UInt64, next: Int)? {
    var value: UInt64 = 0
    for index in indices {
      if self[index] == end { return index > 0 ? (value, index + 1) : nil }
      guard index < 16, let digit = Character(UnicodeScalar(self[index])).hexDigitValue else {
        return nil
      }
      value = value << 4 | UInt64(digit)
    }
    return nil
  }
}
