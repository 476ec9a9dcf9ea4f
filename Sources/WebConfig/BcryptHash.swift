/// A password as bcrypt has it: `$2y$10$`, 22 characters of salt and 31 of digest.
package struct BcryptHash: Hashable, Sendable {
  /// The binary logarithm of the rounds.
  package let cost: Int
  /// All of it, with the prefix `$2b$`. Go, which other exporters are written in, makes no difference
  /// between `$2a$`, `$2b$`, `$2x$` and `$2y$`; crypt(3) does, for passwords with bytes above 127.
  package let text: String

  /// Nil unless `text` is one.
  package init?(_ text: String) {
    let bytes = Array(text.utf8)
    guard bytes.count == 60, bytes.starts(with: "$2".utf8), "abxy".utf8.contains(bytes[2]),
      bytes[3] == UInt8(ascii: "$"), bytes[6] == UInt8(ascii: "$"),
      bytes[4...5].allSatisfy({ (UInt8(ascii: "0")...UInt8(ascii: "9")).contains($0) }),
      bytes[7...].allSatisfy({ Self.isDigit($0) })
    else { return nil }
    let cost = Int(bytes[4] - 0x30) * 10 + Int(bytes[5] - 0x30)
    guard (4...31).contains(cost) else { return nil }
    self.cost = cost
    self.text = "$2b" + text.dropFirst(3)
  }

  /// Of bcrypt's own base 64.
  private static func isDigit(_ byte: UInt8) -> Bool {
    switch byte {
    case UInt8(ascii: "a")...UInt8(ascii: "z"), UInt8(ascii: "A")...UInt8(ascii: "Z"),
      UInt8(ascii: "0")...UInt8(ascii: "9"), UInt8(ascii: "."), UInt8(ascii: "/"):
      true
    default: false
    }
  }
}
