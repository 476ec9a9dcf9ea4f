internal import System

/// A JSON value (RFC 8259), with 64-bit counts exact and members in order.
package indirect enum JSON {
  case null
  case bool(Bool)
  case integer(UInt64)
  case number(Double)
  /// A time, written in seconds to the nanosecond.
  case seconds(Duration)
  case string(String)
  case array([JSON])
  case object([(String, JSON)])

  package init(_ text: String?) { self = text.map(JSON.string) ?? .null }
  package init(_ number: Double?) { self = number.map(JSON.number) ?? .null }

  package var text: String {
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
    case .seconds(let duration):
      let (seconds, billionths) = duration.wholeSecondsAndBillionths
      let fraction = String(billionths)
      text += "\(seconds)." + String(repeating: "0", count: 9 - fraction.utf8.count) + fraction
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
}

/// `value` in quotes, as a string of JSON (RFC 8259, section 7).
package func quoted(_ value: String) -> String {
  var result = "\""
  for scalar in value.unicodeScalars {
    switch scalar {
    case "\"": result += "\\\""
    case "\\": result += "\\\\"
    case "\n": result += "\\n"
    case "\r": result += "\\r"
    case "\t": result += "\\t"
    case _ where scalar.value < 0x20 || scalar.value == 0x7f:
      let digits = String(scalar.value, radix: 16)
      result += "\\u" + String(repeating: "0", count: 4 - digits.utf8.count) + digits
    default: result.unicodeScalars.append(scalar)
    }
  }
  return result + "\""
}
