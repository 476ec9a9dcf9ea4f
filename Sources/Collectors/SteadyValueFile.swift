internal import KernelText

/// A file that holds one value, which seldom changes, and that a kernel may lack.
///
/// It is read each time, and parsed only where its text is not the one of the time before.
/// (A generic type that is used across modules is not specialised: so it stands here.)
struct SteadyValueFile<Value: Sendable>: ~Copyable {
  private var file: SingleValueFile
  private let parse: (Span<UInt8>) -> Value?
  private var text: [UInt8] = []
  private var value: Value?

  init(_ path: String, _ parse: @escaping (Span<UInt8>) -> Value?) {
    file = SingleValueFile(path)
    self.parse = parse
  }

  /// The file's value now. Nil where the kernel has no such file.
  ///
  /// - Throws: as ``SingleValueFile/read(using:_:)`` does.
  mutating func read(using buffer: inout [UInt8]) throws -> Value? {
    guard let count = try file.readText(using: &buffer) else { return nil }
    if value == nil || !isLastText(buffer, count) {
      value = try file.parse(buffer.span.extracting(0..<count), wholeLine: true, parse)
      text = Array(buffer[..<count])
    }
    return value
  }

  private func isLastText(_ buffer: [UInt8], _ count: Int) -> Bool {
    guard text.count == count else { return false }
    for index in 0..<count where buffer[index] != text[index] { return false }
    return true
  }
}
