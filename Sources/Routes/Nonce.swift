/// A number that is used once: it tells a browser which style and script are this program's own.
struct Nonce: Sendable {
  let text: String

  /// 128 bits that nobody can foresee. Swift's generator takes them from getrandom(2).
  init() {
    var generator = SystemRandomNumberGenerator()
    text = (0..<2).map { _ in hexadecimal(generator.next()) }.joined()
  }
}

/// All 16 digits.
private func hexadecimal(_ number: UInt64) -> String {
  let digits = String(number, radix: 16)
  return String(repeating: "0", count: 16 - digits.utf8.count) + digits
}
