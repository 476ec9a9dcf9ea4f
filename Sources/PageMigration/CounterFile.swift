internal import KernelText

/// A file of counters, `/proc/vmstat` or a node's `vmstat`, read into snapshots again and again.
package struct CounterFile: ~Copyable, Sendable {
  private var file: PseudoFile
  private var reader: CounterReader

  /// - Parameter passesOverNameless: as ``FieldScanner`` has it.
  package init(_ path: String, keepsOpen: Bool = true, passesOverNameless: Bool = false) {
    reader = CounterReader(passesOverNameless: passesOverNameless)
    file = PseudoFile(path, keepsOpen: keepsOpen)
  }

  package var path: String { file.path }

  /// Reads all counters into `snapshot`, using `buffer` for the text.
  ///
  /// - Throws: ``FileError`` or ``MalformedFile``; then `snapshot` has no value at all.
  package mutating func read(
    into snapshot: inout CounterSnapshot, using buffer: inout [UInt8]
  ) throws {
    let count = try reader.read(&file, into: &snapshot, using: &buffer)
    guard count > 0 else { throw MalformedFile(path, "is empty") }
  }
}
