internal import KernelText

/// A file that holds one value, which seldom changes, and that a kernel may lack.
///
/// It is read each time, and parsed only where its text is not the one of the time before.
/// (A generic type that is used across modules is not specialised: so it stands here.)
struct SteadyValueFile<Value: Sendable>: ~Copyable {
  private var file: SingleValueFile
  private let parse: (Span<UInt8>) -> Value?
  private var text: [UInt8] = []
  /// As of the last reading. Nil where the kernel has no such file, or it could not be read.
  private(set) var value: Value?

  init(_ path: String, _ parse: @escaping (Span<UInt8>) -> Value?) {
    file = SingleValueFile(path)
    self.parse = parse
  }

  /// The file's value now. Nil where the kernel has no such file.
  ///
  /// - Throws: as ``SingleValueFile/read(using:_:)`` does.
  mutating func read(using buffer: inout [UInt8]) throws -> Value? {
    _ = try readAgain(using: &buffer)
    return value
  }

  /// - Returns: whether ``value`` may be another than before. Where this throws, it is.
  mutating func readAgain(using buffer: inout [UInt8]) throws -> Bool {
    let last = value
    value = nil
    guard let count = try file.readText(using: &buffer) else { return last != nil }
    if let last, buffer.span.extracting(..<count).equals(text.span) {
      value = last
      return false
    }
    value = try file.parse(buffer.span.extracting(0..<count), wholeLine: true, parse)
    text = Array(buffer[..<count])
    return true
  }
}
