/// A JSON value (RFC 8259), with 64-bit counts exact and members in order.
indirect enum JSON: Equatable {
  case null
  case bool(Bool)
  case integer(UInt64)
  case number(Double)
  /// A time given in nanoseconds and written in seconds.
  case seconds(UInt64)
  case string(String)
  case array([JSON])
  case object([(String, JSON)])

  init(_ text: String?) { self = text.map(JSON.string) ?? .null }
  init(_ number: Double?) { self = number.map(JSON.number) ?? .null }

  var text: String {
    var text = ""
    write(to: &text)
    return text
  }

  private func write(to text: inout String) {
    switch self {
    case .null: text += "null"
    case .bool(let value): text += value ? "true" : "false"
    case .integer(let value): text += String(value)
    case .number(let value) where !value.isFinite: text += "null"
    case .number(let value):
      text += value == value.rounded() && abs(value) < 1e15 ? String(Int64(value)) : "\(value)"
    case .seconds(let nanoseconds):
      let fraction = String(nanoseconds % 1_000_000_000)
      text +=
        "\(nanoseconds / 1_000_000_000)."
        + String(repeating: "0", count: 9 - fraction.utf8.count) + fraction
    case .string(let value): text += quoted(value)
    case .array(let values):
      Self.write(values, between: ("[", "]"), to: &text) { $0.write(to: &$1) }
    case .object(let members):
      Self.write(members, between: ("{", "}"), to: &text) { member, text in
        text += quoted(member.0) + ":"
        member.1.write(to: &text)
      }
    }
  }

  private static func write<Element>(
    _ elements: [Element], between brackets: (String, String), to text: inout String,
    _ write: (Element, inout String) -> Void
  ) {
    text += brackets.0
    for (index, element) in elements.enumerated() {
      if index > 0 { text += "," }
      write(element, &text)
    }
    text += brackets.1
  }

  static func == (one: JSON, other: JSON) -> Bool { one.text == other.text }
}
