extension JSON {
  private static let depthLimit = 16

  /// Reads what another host answered. Nil unless `bytes` are one value of JSON (RFC 8259) and nothing
  /// else, in UTF-8, nested at most 16 deep.
  package init?(reading bytes: [UInt8]) {
    var cursor = JSONCursor(bytes: bytes)
    guard let value = cursor.value(depth: Self.depthLimit) else { return nil }
    cursor.skipSpace()
    guard cursor.isAtEnd else { return nil }
    self = value
  }

  /// The first member of that name. Nil where there is none, it is null, or this is no object.
  package subscript(name: String) -> JSON? {
    guard case .object(let members) = self, let value = members.first(where: { $0.0 == name })?.1
    else { return nil }
    if case .null = value { return nil }
    return value
  }

  /// Nil where it is no whole number from 0 to 2^64 − 1.
  package var count: UInt64? { if case .integer(let value) = self { value } else { nil } }

  /// Nil where it is no number.
  package var double: Double? {
    switch self {
    case .integer(let value): Double(value)
    case .number(let value): value
    default: nil
    }
  }

  /// Nil where it is no string.
  package var string: String? { if case .string(let value) = self { value } else { nil } }

  /// Nil where it is neither true nor false.
  package var bool: Bool? { if case .bool(let value) = self { value } else { nil } }

  /// Nil where it is no list.
  package var elements: [JSON]? { if case .array(let values) = self { values } else { nil } }

  /// Its members, each a count. Nil where one is not, or this is no object.
  package var counts: [(String, UInt64)]? {
    guard case .object(let members) = self else { return nil }
    var counts: [(String, UInt64)] = []
    for (name, value) in members {
      guard let count = value.count else { return nil }
      counts.append((name, count))
    }
    return counts
  }
}

/// A place in a text of JSON. What it returns is nil where the text goes on differently.
private struct JSONCursor {
  let bytes: [UInt8]
  private var position = 0

  init(bytes: [UInt8]) { self.bytes = bytes }

  var isAtEnd: Bool { position == bytes.count }
  private var next: UInt8? { isAtEnd ? nil : bytes[position] }

  mutating func skipSpace() {
    while let byte = next, byte == 0x20 || byte == 0x0a || byte == 0x0d || byte == 0x09 {
      position += 1
    }
  }

  /// - Parameter depth: how many levels there may be.
  mutating func value(depth: Int) -> JSON? {
    skipSpace()
    guard depth > 0, let first = next else { return nil }
    switch first {
    case UInt8(ascii: "{"): return object(depth: depth)
    case UInt8(ascii: "["): return array(depth: depth)
    case UInt8(ascii: "\""): return string().map(JSON.string)
    case UInt8(ascii: "n"): return take("null") ? .null : nil
    case UInt8(ascii: "t"): return take("true") ? .bool(true) : nil
    case UInt8(ascii: "f"): return take("false") ? .bool(false) : nil
    default: return number()
    }
  }

  private mutating func take(_ text: StaticString) -> Bool {
    let text = text.description.utf8
    guard bytes[position...].starts(with: text) else { return false }
    position += text.count
    return true
  }

  private mutating func object(depth: Int) -> JSON? {
    var members: [(String, JSON)] = []
    let isWhole = elements(until: UInt8(ascii: "}")) { cursor in
      cursor.skipSpace()
      guard let name = cursor.string() else { return false }
      cursor.skipSpace()
      guard cursor.take(":"), let value = cursor.value(depth: depth - 1) else { return false }
      members.append((name, value))
      return true
    }
    return isWhole ? .object(members) : nil
  }

  private mutating func array(depth: Int) -> JSON? {
    var values: [JSON] = []
    let isWhole = elements(until: UInt8(ascii: "]")) { cursor in
      guard let value = cursor.value(depth: depth - 1) else { return false }
      values.append(value)
      return true
    }
    return isWhole ? .array(values) : nil
  }

  /// Reads from the opening bracket to `end`, with commas between the elements.
  private mutating func elements(
    until end: UInt8, _ element: (inout JSONCursor) -> Bool
  ) -> Bool {
    position += 1
    skipSpace()
    if next == end {
      position += 1
      return true
    }
    while element(&self) {
      skipSpace()
      if next == end {
        position += 1
        return true
      }
      guard take(",") else { return false }
    }
    return false
  }

  private mutating func string() -> String? {
    guard take("\"") else { return nil }
    var text: [UInt8] = []
    while let byte = next, byte >= 0x20 {
      position += 1
      switch byte {
      case UInt8(ascii: "\""): return String(validating: text, as: UTF8.self)
      case UInt8(ascii: "\\"):
        guard let character = escape() else { return nil }
        text += Array(String(character).utf8)
      default: text.append(byte)
      }
    }
    return nil
  }

  /// What follows a backslash.
  private mutating func escape() -> Unicode.Scalar? {
    guard let byte = next else { return nil }
    position += 1
    switch byte {
    case UInt8(ascii: "\""), UInt8(ascii: "\\"), UInt8(ascii: "/"): return Unicode.Scalar(byte)
    case UInt8(ascii: "b"): return "\u{8}"
    case UInt8(ascii: "f"): return "\u{c}"
    case UInt8(ascii: "n"): return "\n"
    case UInt8(ascii: "r"): return "\r"
    case UInt8(ascii: "t"): return "\t"
    case UInt8(ascii: "u"):
      guard let unit = codeUnit() else { return nil }
      guard UTF16.isLeadSurrogate(unit) else { return Unicode.Scalar(unit) }
      guard take("\\u"), let trail = codeUnit(), UTF16.isTrailSurrogate(trail) else { return nil }
      return UTF16.decode(UTF16.EncodedScalar([unit, trail]))
    default: return nil
    }
  }

  private mutating func codeUnit() -> UInt16? {
    guard bytes.count - position >= 4 else { return nil }
    var unit: UInt16 = 0
    for byte in bytes[position..<position + 4] {
      guard let digit = Character(Unicode.Scalar(byte)).hexDigitValue, byte < 0x80 else {
        return nil
      }
      unit = unit << 4 | UInt16(digit)
    }
    position += 4
    return unit
  }

  private mutating func number() -> JSON? {
    let start = position
    while let byte = next, "+-.eE0123456789".utf8.contains(byte) { position += 1 }
    let text = String(decoding: bytes[start..<position], as: UTF8.self)
    guard let first = text.utf8.first, first != UInt8(ascii: "+") else { return nil }
    if let integer = UInt64(text) { return .integer(integer) }
    guard let value = Double(text), value.isFinite else { return nil }
    return .number(value)
  }
}
