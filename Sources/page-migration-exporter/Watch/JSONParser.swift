/// Reads JSON (RFC 8259) from a host that is not ours: strictly, and with bounds.
enum JSONParser {
  private static let depthLimit = 16

  /// Nil unless `bytes` are one JSON value and nothing else, in UTF-8, nested at most 16 deep.
  static func parse(_ bytes: [UInt8]) -> JSON? {
    var cursor = Cursor(bytes: bytes)
    guard let value = cursor.value(depth: 0) else { return nil }
    cursor.skipSpace()
    return cursor.isAtEnd ? value : nil
  }

  private struct Cursor {
    let bytes: [UInt8]
    var position = 0

    init(bytes: [UInt8]) { self.bytes = bytes }

    var isAtEnd: Bool { position == bytes.count }
    var next: UInt8? { isAtEnd ? nil : bytes[position] }

    mutating func skipSpace() {
      while let byte = next, byte == 0x20 || byte == 0x0a || byte == 0x0d || byte == 0x09 {
        position += 1
      }
    }

    mutating func take(_ text: StaticString) -> Bool {
      let length = text.utf8CodeUnitCount
      guard bytes[position...].starts(with: text.description.utf8) else { return false }
      position += length
      return true
    }

    mutating func value(depth: Int) -> JSON? {
      skipSpace()
      guard depth < depthLimit, let first = next else { return nil }
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

    private mutating func object(depth: Int) -> JSON? {
      var members: [(String, JSON)] = []
      let isWhole = elements(until: UInt8(ascii: "}")) { cursor in
        cursor.skipSpace()
        guard let name = cursor.string() else { return false }
        cursor.skipSpace()
        guard cursor.take(":"), let value = cursor.value(depth: depth + 1) else { return false }
        members.append((name, value))
        return true
      }
      return isWhole ? .object(members) : nil
    }

    private mutating func array(depth: Int) -> JSON? {
      var values: [JSON] = []
      let isWhole = elements(until: UInt8(ascii: "]")) { cursor in
        guard let value = cursor.value(depth: depth + 1) else { return false }
        values.append(value)
        return true
      }
      return isWhole ? .array(values) : nil
    }

    /// Reads from the opening bracket at the cursor to `end`, with commas between the elements.
    private mutating func elements(
      until end: UInt8, _ element: (inout Cursor) -> Bool
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

    /// What follows a backslash. A character outside the basic plane comes as it is, not escaped.
    private mutating func escape() -> Character? {
      guard let byte = next else { return nil }
      position += 1
      switch byte {
      case UInt8(ascii: "\""), UInt8(ascii: "\\"), UInt8(ascii: "/"):
        return Character(UnicodeScalar(byte))
      case UInt8(ascii: "b"): return "\u{8}"
      case UInt8(ascii: "f"): return "\u{c}"
      case UInt8(ascii: "n"): return "\n"
      case UInt8(ascii: "r"): return "\r"
      case UInt8(ascii: "t"): return "\t"
      case UInt8(ascii: "u"):
        guard bytes.count - position >= 4 else { return nil }
        let digits = String(decoding: bytes[position..<position + 4], as: UTF8.self)
        position += 4
        return UInt32(digits, radix: 16).flatMap(UnicodeScalar.init).map { Character($0) }
      default: return nil
      }
    }

    private mutating func number() -> JSON? {
      let start = position
      while let byte = next, "+-.eE0123456789".utf8.contains(byte) { position += 1 }
      let text = String(decoding: bytes[start..<position], as: UTF8.self)
      if let integer = UInt64(text) { return .integer(integer) }
      return Double(text).map(JSON.number)
    }
  }
}

extension JSON {
  /// The member of that name. Nil unless this is an object that has it.
  subscript(name: String) -> JSON? {
    guard case .object(let members) = self else { return nil }
    return members.first { $0.0 == name }?.1
  }

  /// Nil unless this is a number.
  var double: Double? {
    switch self {
    case .integer(let value): Double(value)
    case .number(let value): value
    default: nil
    }
  }
}
