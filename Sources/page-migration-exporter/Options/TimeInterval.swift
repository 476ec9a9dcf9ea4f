internal import ArgumentParser

/// A length of time as Prometheus spells it: `100ms`, `1s`, `5m` or `0`.
struct TimeInterval: Hashable, ExpressibleByArgument, CustomStringConvertible {
  let nanoseconds: UInt64

  init(nanoseconds: UInt64) { self.nanoseconds = nanoseconds }

  /// Nil unless `text` is a whole number and a unit, or 0, and at most a day.
  init?(argument text: String) {
    let digits = text.prefix { $0.isASCII && $0.isNumber }
    guard let number = UInt64(digits), digits.utf8.count <= 9 else { return nil }
    let unit: UInt64
    switch text.dropFirst(digits.count) {
    case "ms": unit = 1_000_000
    case "s": unit = 1_000_000_000
    case "m": unit = 60_000_000_000
    case "" where number == 0: unit = 0
    default: return nil
    }
    let (product, overflow) = number.multipliedReportingOverflow(by: unit)
    guard !overflow, product <= 86_400_000_000_000 else { return nil }
    nanoseconds = product
  }

  var defaultValueDescription: String { description }

  var description: String {
    let milliseconds = nanoseconds / 1_000_000
    if milliseconds == 0 { return "0" }
    if milliseconds % 60_000 == 0 { return "\(milliseconds / 60_000)m" }
    return milliseconds % 1000 == 0 ? "\(milliseconds / 1000)s" : "\(milliseconds)ms"
  }
}
