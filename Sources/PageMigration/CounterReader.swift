internal import KernelText

/// Reads files of counters that have the same fields, such as the `memory.stat` of many cgroups.
package struct CounterReader: ~Copyable, Sendable {
  private var scanner = FieldScanner(fields: MigrationCounter.allCases.map(\.rawValue))

  package init() {}

  /// Reads all counters of the file at `path` into `snapshot`, using `buffer` for the text. The file
  /// does not stay open.
  ///
  /// - Throws: ``FileError`` or ``MalformedFile``; then `snapshot` has no value at all.
  package mutating func read(
    _ path: String, into snapshot: inout CounterSnapshot, using buffer: inout [UInt8]
  ) throws {
    var file = PseudoFile(path, keepsOpen: false)
    _ = try read(&file, into: &snapshot, using: &buffer)
  }

  /// The same for a file that may stay open.
  ///
  /// - Returns: how many bytes the text has.
  mutating func read(
    _ file: inout PseudoFile, into snapshot: inout CounterSnapshot, using buffer: inout [UInt8]
  ) throws -> Int {
    snapshot.present = 0
    let count = try file.read(into: &buffer)
    do throws(MalformedLine) {
      snapshot.present = try scanner.scan(
        buffer.span.extracting(0..<count), into: &snapshot.values)
    } catch {
      throw MalformedFile(file.path, error)
    }
    return count
  }
}
