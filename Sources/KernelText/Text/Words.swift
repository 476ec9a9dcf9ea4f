/// The words of a line, parted by spaces.
struct Words {
  private var position = 0

  /// The range of the next word in `line`. Nil at its end.
  mutating func next(in line: Span<UInt8>) -> Range<Int>? {
    while position < line.count, line[position] == UInt8(ascii: " ") { position += 1 }
    guard position < line.count else { return nil }
    let start = position
    while position < line.count, line[position] != UInt8(ascii: " ") { position += 1 }
    return start..<position
  }

  /// What stands behind the words so far and the spaces behind them.
  func rest(in line: Span<UInt8>) -> Range<Int> {
    var start = position
    while start < line.count, line[start] == UInt8(ascii: " ") { start += 1 }
    return start..<line.count
  }
}

extension Span where Element == UInt8 {
  func begins(with text: StaticString) -> Bool {
    guard count >= text.utf8CodeUnitCount else { return false }
    for index in 0..<text.utf8CodeUnitCount
    where unsafe self[index] != text.utf8Start[index] { return false }
    return true
  }

  func equals(_ text: StaticString) -> Bool {
    count == text.utf8CodeUnitCount && begins(with: text)
  }
}
