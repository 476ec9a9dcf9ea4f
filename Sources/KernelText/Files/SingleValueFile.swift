/// A file that holds one value and that a kernel may lack.
package struct SingleValueFile: ~Copyable, Sendable {
  private var file: PseudoFile

  package init(_ path: String) {
    file = PseudoFile(path)
  }

  /// The file's value as `parse` reads it. Nil where the kernel has no such file.
  ///
  /// - Throws: ``FileError`` where it cannot be read, ``MalformedFile`` where `parse` gives nil.
  package mutating func read<Value>(
    using buffer: inout [UInt8], wholeLine: Bool = false, _ parse: (Span<UInt8>) -> Value?
  ) throws -> Value? {
    guard let count = try readText(using: &buffer) else { return nil }
    return try self.parse(buffer.span.extracting(0..<count), wholeLine: wholeLine, parse)
  }

  /// How many bytes of `buffer` are the file's text. Nil where the kernel has no such file.
  package mutating func readText(using buffer: inout [UInt8]) throws(FileError) -> Int? {
    do throws(FileError) {
      return try file.readLine(into: &buffer)
    } catch {
      // Not `catch where`: Swift 6.3.1 crashes on it here (MandatoryAllocBoxToStack).
      guard error.meansGone else { throw error }
      return nil
    }
  }

  /// The value of `text`, which was read from this file.
  ///
  /// - Parameter wholeLine: whether a text without its newline is refused, as digits may be missing.
  package func parse<Value>(
    _ text: Span<UInt8>, wholeLine: Bool = false, _ parse: (Span<UInt8>) -> Value?
  ) throws(MalformedFile) -> Value {
    guard !wholeLine || text.count == 0 || text[text.count - 1] == UInt8(ascii: "\n") else {
      throw MalformedFile(
        file.path, "line 1 has no newline: the text was cut: \(SingleValue.excerpt(text))")
    }
    guard let value = parse(text) else {
      throw MalformedFile(file.path, "line 1 is not understood: \(SingleValue.excerpt(text))")
    }
    return value
  }
}

extension SingleValue {
  /// At most 40 bytes of `text` without the white space at its end, with what cannot be shown as
  /// `?`, in quotes.
  static func excerpt(_ text: Span<UInt8>) -> String {
    let bytes = [UInt8](copying: text.extracting(0..<min(trimmedCount(text), 40)))
    let shown = bytes.map { (0x20..<0x7f).contains($0) ? Character(UnicodeScalar($0)) : "?" }
    return "'\(String(shown))'"
  }
}
