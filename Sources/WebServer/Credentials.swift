/// A name and a password, as a client sends them (RFC 7617). Any bytes may be in them.
package struct Credentials: Equatable {
  package let user: [UInt8]
  package let password: [UInt8]

  /// Longer ones are nobody's.
  static let lengthLimit = 4 << 10

  /// Nil unless the value of an Authorization header has them.
  package init?(authorization value: Span<UInt8>) {
    let scheme: StaticString = "basic "
    guard value.count <= Self.lengthLimit, value.count > scheme.utf8CodeUnitCount else {
      return nil
    }
    for index in 0..<scheme.utf8CodeUnitCount {
      // The scheme may be written in any case; a space is not changed by this.
      guard unsafe value[index] | 0x20 == scheme.utf8Start[index] else { return nil }
    }
    guard let bytes = decoded(value.extracting(scheme.utf8CodeUnitCount..<value.count)),
      let colon = bytes.firstIndex(of: UInt8(ascii: ":"))
    else { return nil }
    user = Array(bytes[..<colon])
    password = Array(bytes[(colon + 1)...])
  }
}

/// The bytes of a text in base 64, with its padding (RFC 4648, section 4). Nil for any other text.
private func decoded(_ text: Span<UInt8>) -> [UInt8]? {
  guard text.count % 4 == 0 else { return nil }
  var padding = 0
  while padding < 2, padding < text.count, text[text.count - 1 - padding] == UInt8(ascii: "=") {
    padding += 1
  }
  var bytes: [UInt8] = []
  bytes.reserveCapacity(text.count / 4 * 3)
  var (bits, count) = (UInt32(0), 0)
  for index in 0..<(text.count - padding) {
    guard let digit = digit(text[index]) else { return nil }
    bits = bits << 6 | UInt32(digit)
    count += 6
    guard count >= 8 else { continue }
    count -= 8
    bytes.append(UInt8(truncatingIfNeeded: bits >> UInt32(count)))
  }
  return bytes
}

private func digit(_ byte: UInt8) -> UInt8? {
  switch byte {
  case UInt8(ascii: "A")...UInt8(ascii: "Z"): byte - UInt8(ascii: "A")
  case UInt8(ascii: "a")...UInt8(ascii: "z"): byte - UInt8(ascii: "a") + 26
  case UInt8(ascii: "0")...UInt8(ascii: "9"): byte - UInt8(ascii: "0") + 52
  case UInt8(ascii: "+"): 62
  case UInt8(ascii: "/"): 63
  default: nil
  }
}
