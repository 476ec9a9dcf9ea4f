/// What a file that holds one value says: a sysctl of `/proc/sys` or an attribute of sysfs.
package enum SingleValue {
  /// A whole number and nothing else. Nil unless `text` is one that fits 64 bits.
  package static func number(_ text: Span<UInt8>) -> UInt64? {
    let digits = Digits(of: text, from: 0)
    guard digits.end > 0, digits.end == trimmedCount(text), !digits.isTooLarge else { return nil }
    return digits.value
  }

  /// A switch: `true`, `false`, `1` or `0`. Nil for any other text.
  package static func flag(_ text: Span<UInt8>) -> Bool? {
    switch word(text.extracting(0..<trimmedCount(text))) {
    case "true", "1": true
    case "false", "0": false
    default: nil
    }
  }

  /// The choices of a line such as `always [madvise] never`, and the one in brackets.
  /// Nil unless exactly one is in brackets.
  package static func choice(_ text: Span<UInt8>) -> (all: [String], chosen: String)? {
    var all: [String] = []
    var chosen: String?
    for part in word(text.extracting(0..<trimmedCount(text))).split(separator: " ") {
      guard part.hasPrefix("["), part.hasSuffix("]") else {
        all.append(String(part))
        continue
      }
      guard chosen == nil else { return nil }
      chosen = String(part.dropFirst().dropLast())
      all.append(chosen!)
    }
    return chosen.map { (all, $0) }
  }

  /// The text without the white space at its end.
  package static func word(_ text: Span<UInt8>) -> String {
    String(decoding: [UInt8](copying: text.extracting(0..<trimmedCount(text))), as: UTF8.self)
  }

  static func trimmedCount(_ text: Span<UInt8>) -> Int {
    var count = text.count
    while count > 0, text[count - 1] <= UInt8(ascii: " ") { count -= 1 }
    return count
  }
}
