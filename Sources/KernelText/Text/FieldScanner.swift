/// Finds a known set of fields in flat keyed text, fast.
///
/// The kernel writes the same names in the same order each time. So the scanner remembers the
/// names of the text before, compares each line with the name that stood there, and looks a name
/// up only where it differs: nothing is assumed that is not compared.
package struct FieldScanner: Sendable {
  private let slots: [[UInt8]: Int]
  private let passesOverNameless: Bool
  private var remembered = RememberedNames()
  /// How many lines the text of the last scan had.
  package private(set) var lineCount = 0
  /// The name of the last field that the texts so far had. Nil where they had none.
  package var lastField: [UInt8]? { remembered.lastField }

  /// - Parameters:
  ///   - fields: at most 64 names; a field's slot is its place among them.
  ///   - passesOverNameless: whether a line may have no name, as Linux 4.14 to 4.19 print one in a
  ///     node's vmstat for nr_indirectly_reclaimable (mm/vmstat.c).
  package init(fields: [String], passesOverNameless: Bool = false) {
    self.passesOverNameless = passesOverNameless
    precondition(fields.count <= 64, "a UInt64 holds which fields were seen")
    slots = Dictionary(uniqueKeysWithValues: fields.enumerated().map { (Array($1.utf8), $0) })
  }

  /// Writes the value of each field that `text` has to its slot in `values`.
  ///
  /// - Returns: a set of bits, bit *n* for the field of slot *n*: only these values were written.
  package mutating func scan(
    _ text: Span<UInt8>, into values: inout [UInt64]
  ) throws(MalformedLine) -> UInt64 {
    var found: UInt64 = 0
    var line = LineCursor()
    while true {
      try scanKnownLines(of: text, &line, &found, &values)
      guard line.start < text.count else { break }
      // A name that did not stand here before.
      let name = try line.scanName(in: text, orNone: passesOverNameless)
      let slot = slots[Array(copying: text.extracting(name))] ?? RememberedNames.noSlot
      remembered.remember(text.extracting(name), slot: slot, line: line.number)
      let number = line.number
      let value = try line.scanValue(in: text)
      if slot >= 0 {
        try note(slot, line: number, &found)
        values[slot] = value
      }
    }
    lineCount = line.number - 1
    return found
  }

  /// Scans the lines from the cursor on whose names are those that are remembered for them.
  private func scanKnownLines(
    of text: Span<UInt8>, _ cursor: inout LineCursor, _ found: inout UInt64,
    _ values: inout [UInt64]
  ) throws(MalformedLine) {
    let (names, lines) = (remembered.bytes.span, remembered.lines.span)
    var values = values.mutableSpan
    var line = cursor
    for place in min(line.number - 1, lines.count)..<lines.count {
      let (known, start) = (lines[place], line.start)
      guard known.length <= text.count &- start,
        text.extracting(start..<start &+ known.length)
          .equals(names.extracting(known.start..<known.start &+ known.length))
      else { break }
      line.start = start &+ known.length
      let value = try line.scanValue(in: text)
      guard known.slot >= 0 else { continue }
      try note(known.slot, line: place + 1, &found)
      values[known.slot] = value
    }
    cursor = line
  }

  @inline(__always)
  private func note(
    _ slot: Int, line number: Int, _ found: inout UInt64
  ) throws(MalformedLine) {
    let bit: UInt64 = 1 &<< UInt64(slot)
    guard found & bit == 0 else { throw MalformedLine(number: number, problem: .repeated) }
    found |= bit
  }
}

/// The names of a text's lines, each with the space behind it, one after the other.
private struct RememberedNames: Sendable {
  static let noSlot = -1

  struct Line {
    /// Of the name and the space behind it among the bytes.
    var start: Int
    var length: Int
    var slot: Int
  }

  private(set) var bytes: [UInt8] = []
  private(set) var lines: [Line] = []

  /// The name of the last line that has a slot.
  var lastField: [UInt8]? {
    lines.last { $0.slot >= 0 }.map { Array(bytes[$0.start..<$0.start + $0.length - 1]) }
  }

  /// Takes `name` for line `number`, and forgets the lines from there on: what follows a new line
  /// has moved.
  mutating func remember(_ name: Span<UInt8>, slot: Int, line number: Int) {
    if number <= lines.count {
      bytes.removeSubrange(lines[number - 1].start...)
      lines.removeSubrange((number - 1)...)
    }
    guard number == lines.count + 1 else { return }
    lines.append(Line(start: bytes.count, length: name.count + 1, slot: slot))
    for index in name.indices { bytes.append(name[index]) }
    bytes.append(UInt8(ascii: " "))
  }
}

extension Array where Element == UInt8 {
  /// The bytes of `span` in an array of their own.
  package init(copying span: Span<UInt8>) {
    self.init()
    reserveCapacity(span.count)
    for index in span.indices { append(span[index]) }
  }
}
