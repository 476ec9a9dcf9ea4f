/// Lengths of time as Prometheus spells them: `100ms`, `1s`, `5m`, `1h` or `0`.
extension Duration {
  /// The longest that a flag or query may ask for.
  package static let longestSpelled = Duration.seconds(86_400)

  /// Nil unless `text` is a whole number and a unit (`ms`, `s`, `m`, `h`), or 0, and at most a day.
  package init?(spelled text: String) {
    let digits = text.prefix { $0.isASCII && $0.isNumber }
    guard let number = Int64(digits), digits.utf8.count <= 9 else { return nil }
    switch text.dropFirst(digits.count) {
    case "ms": self = .milliseconds(number)
    case "s": self = .seconds(number)
    case "m": self = .seconds(number) * 60
    case "h": self = .seconds(number) * 3600
    case "" where number == 0: self = .zero
    default: return nil
    }
    guard self <= Self.longestSpelled else { return nil }
  }

  /// As a sentence has it: `10 s`, `5 min`.
  package var spelledOut: String {
    let seconds = wholeNanoseconds / 1_000_000_000
    return seconds >= 60 && seconds % 60 == 0 ? "\(seconds / 60) min" : "\(seconds) s"
  }

  /// The shortest of these spellings, without what is less than a millisecond.
  package var spelled: String {
    let milliseconds = wholeNanoseconds / 1_000_000
    if milliseconds == 0 { return "0" }
    if milliseconds % 60_000 == 0 { return "\(milliseconds / 60_000)m" }
    return milliseconds % 1000 == 0 ? "\(milliseconds / 1000)s" : "\(milliseconds)ms"
  }
}
