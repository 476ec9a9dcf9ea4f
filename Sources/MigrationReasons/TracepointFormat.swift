/// What the kernel says of one tracepoint's record: a `format` file of tracefs.
///
/// Kernel: `f_show` in `kernel/trace/trace_events.c`; described in
/// `Documentation/trace/events.rst`, section "Event formats".
package struct TracepointFormat: Equatable {
  /// The number perf knows the tracepoint by. It differs from kernel to kernel and boot to boot.
  package let number: UInt32

  /// The tracepoint's own fields in the record's order, without the `common_` ones.
  package let fields: [Field]

  /// How the kernel would print the record: where the names of numbers are found.
  private let printFormat: Substring

  package struct Field: Equatable {
    package let name: String
    /// Bytes from the record's start.
    package let offset: UInt32
    /// Bytes.
    package let size: UInt32
    package let isSigned: Bool

    package init(name: String, offset: UInt32, size: UInt32, isSigned: Bool) {
      self.name = name
      self.offset = offset
      self.size = size
      self.isSigned = isSigned
    }
  }

  /// A number and the word the kernel prints for it.
  package struct Symbol: Equatable {
    package let number: Int
    package let name: String

    package init(number: Int, name: String) {
      self.number = number
      self.name = name
    }
  }

  package init(parsing text: String) throws(MalformedFormat) {
    var number: UInt32?
    var fields: [Field] = []
    var printFormat: Substring = ""
    for line in text.split(separator: "\n") {
      if let rest = line.after("ID:") {
        number = UInt32(rest.trimmed)
      } else if let rest = line.after("print fmt:") {
        printFormat = rest
      } else if let declaration = line.trimmed.after("field:") {
        guard let field = Field(parsing: declaration) else {
          throw MalformedFormat(problem: "cannot read the field \"\(declaration)\"")
        }
        if !field.name.hasPrefix("common_") { fields.append(field) }
      }
    }
    guard let number else { throw MalformedFormat(problem: "no ID") }
    self.number = number
    self.fields = fields
    self.printFormat = printFormat
  }

  /// Nil if the record has no such field.
  package func field(_ name: String) -> Field? {
    fields.first { $0.name == name }
  }

  /// The names of a field's numbers, by number; empty if the kernel prints the number itself.
  ///
  /// They are the pairs of `__print_symbolic(REC->field, {0, "a"}, {1, "b"})`.
  package func symbols(of field: String) -> [Symbol] {
    guard let pairs = printFormat.after(first: "__print_symbolic(REC->\(field),") else { return [] }
    var symbols: [Symbol] = []
    var rest = pairs.trimmed
    while let pair = rest.after("{"), let end = pair.firstIndex(of: "}") {
      if let symbol = Symbol(parsing: pair[..<end]) { symbols.append(symbol) }
      rest = pair[pair.index(after: end)...].drop { $0 == "," || $0 == " " }
    }
    return symbols.sorted { $0.number < $1.number }
  }
}

/// A `format` file that does not read as the kernel documents it.
package struct MalformedFormat: Error, Equatable, CustomStringConvertible {
  package let problem: String

  package init(problem: String) {
    self.problem = problem
  }

  package var description: String { problem }
}

extension TracepointFormat.Field {
  /// `unsigned long succeeded;	offset:8;	size:8;	signed:0;` without its leading `field:`.
  ///
  /// Nil for a field of another shape, an array among them: migrate_pages has none.
  fileprivate init?(parsing declaration: Substring) {
    let parts = declaration.split(separator: ";").map(\.trimmed)
    guard parts.count >= 4,
      let name = parts[0].split(separator: " ").last,
      let offset = parts[1].after("offset:").flatMap({ UInt32($0) }),
      let size = parts[2].after("size:").flatMap({ UInt32($0) }),
      let signed = parts[3].after("signed:")
    else { return nil }
    self.init(name: String(name), offset: offset, size: size, isSigned: signed == "1")
  }
}

extension TracepointFormat.Symbol {
  /// `0, "compaction"`. Nil where the kernel left a name in place of the number.
  fileprivate init?(parsing pair: Substring) {
    let quoted = pair.split(separator: "\"", omittingEmptySubsequences: false)
    guard quoted.count == 3, let comma = quoted[0].firstIndex(of: ",") else { return nil }
    let digits = quoted[0][..<comma].trimmed
    let hexadecimal = digits.after("0x").flatMap { Int($0, radix: 16) }
    guard let number = hexadecimal ?? Int(digits) else { return nil }
    self.init(number: number, name: String(quoted[1]))
  }
}

extension Substring {
  fileprivate var trimmed: Substring {
    var text = drop(while: \.isWhitespace)
    while text.last?.isWhitespace == true { text.removeLast() }
    return text
  }

  /// What follows `prefix`; nil if the text does not begin with it.
  fileprivate func after(_ prefix: String) -> Substring? {
    hasPrefix(prefix) ? dropFirst(prefix.count) : nil
  }

  /// What follows the first `part`; nil if it does not occur.
  fileprivate func after(first part: String) -> Substring? {
    var text = self
    while !text.isEmpty {
      if let rest = text.after(part) { return rest }
      text.removeFirst()
    }
    return nil
  }
}
