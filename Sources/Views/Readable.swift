internal import System

/// Numbers as a person reads them, in a few characters.
package enum Readable {
  /// A rate or count: `0`, `0.25`, `7.1`, `850`, `12.3k`, `4.56M`.
  package static func number(_ value: Double) -> String {
    scaled(value, step: 1000, units: ["", "k", "M", "G", "T", "P", "E"], separator: "")
  }

  /// A size: `0 B`, `512 B`, `4.0 KiB`, `1.5 GiB`.
  package static func bytes(_ value: Double) -> String {
    let units = ["B", "KiB", "MiB", "GiB", "TiB", "PiB", "EiB"]
    return scaled(value, step: 1024, units: units, separator: " ")
  }

  /// A share of 1: `0 %`, `0.3 %`, `12 %`. Below one in a thousand it says so.
  package static func percent(_ share: Double) -> String {
    // What is no number is shown as such.
    guard share.isFinite, share >= 0 else { return share > 0 ? "huge" : "?" }
    if share == 0 { return "0 %" }
    if share < 0.001 { return "<0.1 %" }
    return "\(threeDigits(share * 100)) %"
  }

  /// A time: `12 µs`, `3.4 ms`, `1.2 s`.
  package static func duration(_ duration: Duration) -> String {
    seconds(duration.inSeconds)
  }

  /// The same, of a time in seconds that need not be finite.
  package static func seconds(_ seconds: Double) -> String {
    scaled(seconds * 1e6, step: 1000, units: ["µs", "ms", "s"], separator: " ")
  }

  private static func scaled(
    _ value: Double, step: Double, units: [String], separator: String
  ) -> String {
    // What is no number, or more than any unit has, is shown as such.
    guard value >= 0, value < 1e30 else { return value > 0 ? "huge" : "?" }
    var (rest, unit) = (value, 0)
    // What would be rounded up to a whole step belongs to the next unit.
    while rest >= step - 0.5, unit < units.count - 1 {
      rest /= step
      unit += 1
    }
    return threeDigits(rest) + separator + units[unit]
  }

  /// At most two places, as many as three digits leave.
  private static func threeDigits(_ value: Double) -> String {
    let places = value >= 99.95 || value == 0 ? 0 : value >= 9.995 ? 1 : 2
    let factor: Double = places == 0 ? 1 : places == 1 ? 10 : 100
    let scaled = Int(min((value * factor).rounded(), 1e18))
    var fraction = String(scaled % Int(factor))
    while fraction.utf8.count < places { fraction = "0" + fraction }
    let whole = String(scaled / Int(factor))
    return places == 0 || scaled % Int(factor) == 0 ? whole : "\(whole).\(fraction)"
  }
}
