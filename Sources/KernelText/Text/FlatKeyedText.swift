/// The format that the kernel's documentation calls *flat keyed*: a name, a space and a number on
/// each line. `/proc/vmstat`, a node's `vmstat` and a cgroup's `memory.stat` have it
/// (`Documentation/admin-guide/cgroup-v2.rst`).
package enum FlatKeyedText {
  /// Calls `body` with each name and value of `text`, in order. A last line without a newline is
  /// malformed: nobody knows how many digits more it had.
  package static func forEachPair(
    in text: Span<UInt8>,
    _ body: (_ name: Span<UInt8>, _ value: UInt64) -> Void
  ) throws(MalformedLine) {
    var line = LineCursor()
    while line.start < text.count {
      let name = try line.scanName(in: text)
      let value = try line.scanValue(in: text)
      body(text.extracting(name), value)
    }
  }
}

/// Where a reader of flat keyed text stands: at the start of a line, or behind a line's name.
struct LineCursor {
  /// The offset of the next byte to be read.
  var start = 0
  /// The current line, counted from 1.
  var number = 1

  /// The name at the cursor, which moves behind the space that ends it.
  ///
  /// - Parameter none: whether the name may be empty.
  mutating func scanName(
    in text: Span<UInt8>, orNone none: Bool = false
  ) throws(MalformedLine) -> Range<Int> {
    var end = start
    while end < text.count, text[end] > UInt8(ascii: " ") { end += 1 }
    guard end < text.count, text[end] != UInt8(ascii: "\n") else { throw problem(.noValue) }
    guard text[end] == UInt8(ascii: " ") else { throw problem(.controlCharacter) }
    guard end > start || none else { throw problem(.noName) }
    defer { start = end + 1 }
    return start..<end
  }

  /// The number at the cursor, which moves to the next line.
  @inline(__always)
  mutating func scanValue(in text: Span<UInt8>) throws(MalformedLine) -> UInt64 {
    // Most numbers are 0, or have one digit.
    if text.count &- start >= 2, text[start &+ 1] == UInt8(ascii: "\n") {
      let digit = text[start] &- UInt8(ascii: "0")
      if digit <= 9 {
        start &+= 2
        number &+= 1
        return UInt64(digit)
      }
    }
    return try scanLongValue(in: text)
  }

  @inline(__always)
  private mutating func scanLongValue(in text: Span<UInt8>) throws(MalformedLine) -> UInt64 {
    let digits = Digits(of: text, from: start)
    let end = digits.end
    guard !digits.isTooLarge else { throw problem(.tooLarge) }
    guard end < text.count, text[end] == UInt8(ascii: "\n"), end > start else {
      throw problem(problemWithValue(in: text, end: end))
    }
    start = end + 1
    number += 1
    return digits.value
  }

  private func problemWithValue(in text: Span<UInt8>, end: Int) -> MalformedLine.Problem {
    if end == start {
      return end == text.count || text[end] == UInt8(ascii: "\n") ? .noValue : .notANumber
    }
    guard end < text.count else { return .unfinished }
    return text[end] == UInt8(ascii: " ") ? .severalValues : .notANumber
  }

  func problem(_ problem: MalformedLine.Problem) -> MalformedLine {
    MalformedLine(number: number, problem: problem)
  }
}
