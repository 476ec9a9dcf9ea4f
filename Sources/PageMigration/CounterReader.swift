internal import KernelText

/// Reads many files of counters that have the same fields, one after the other: the `memory.stat`
/// of cgroups. None of them stays open.
package struct CounterReader: ~Copyable, Sendable {
  private var scanner = FieldScanner(fields: MigrationCounter.allCases.map(\.rawValue))

  package init() {}

  /// Reads all counters of the file at `path` into `snapshot`, using `buffer` for the text.
  ///
  /// - Throws: ``FileError`` or ``MalformedFile``; then `snapshot` has no value at all.
  package mutating func read(
    _ path: String, into snapshot: inout CounterSnapshot, using buffer: inout [UInt8]
  ) throws {
    snapshot.present = 0
    var file = PseudoFile(path, keepsOpen: false)
    let count = try file.read(into: &buffer)
    do throws(MalformedLine) {
      snapshot.present = try scanner.scan(
        buffer.span.extracting(0..<count), into: &snapshot.values)
    } catch {
      throw MalformedFile(path, error)
    }
  }
}
