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

/// Reads files of counters that have the same fields, such as the `memory.stat` of many cgroups.
package struct CounterReader: ~Copyable, Sendable {
  private var scanner: FieldScanner
  /// How many lines a whole text has. Files of a kind may differ, as the root's `memory.stat` does
  /// from others.
  private var wholeLineCounts: [Int] = []
  /// The last field of the texts so far: what stands behind it is not read again.
  private var lastField: [UInt8]?
  private static let wholeLineCountLimit = 4

  /// - Parameter passesOverNameless: as ``FieldScanner`` has it.
  package init(passesOverNameless: Bool = false) {
    scanner = FieldScanner(
      fields: MigrationCounter.allCases.map(\.rawValue), passesOverNameless: passesOverNameless)
  }

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
    let count = try readOnce(&file, &snapshot, &buffer)
    let lines = scanner.lineCount
    guard !wholeLineCounts.contains(lines) else { return count }
    // A text of a length never seen may have been cut between two lines: it is taken where another
    // reading agrees.
    let countAgain = try readOnce(&file, &snapshot, &buffer)
    guard scanner.lineCount == lines else {
      let longer = max(scanner.lineCount, lines)
      snapshot.present = 0
      throw MalformedFile(
        file.path, "has \(min(scanner.lineCount, lines)) lines, and \(longer) when read again")
    }
    if wholeLineCounts.count == Self.wholeLineCountLimit { wholeLineCounts.removeFirst() }
    wholeLineCounts.append(lines)
    // From the next reading on: both of these had to be of the whole text.
    if lastField == nil { lastField = scanner.lastField }
    return countAgain
  }

  private mutating func readOnce(
    _ file: inout PseudoFile, _ snapshot: inout CounterSnapshot, _ buffer: inout [UInt8]
  ) throws -> Int {
    snapshot.present = 0
    let count: Int
    if let lastField {
      count = try file.read(into: &buffer, throughLine: lastField)
    } else {
      count = try file.read(into: &buffer)
    }
    do throws(MalformedLine) {
      snapshot.present = try scanner.scan(
        buffer.span.extracting(0..<count), into: &snapshot.values)
    } catch {
      throw MalformedFile(file.path, error)
    }
    return count
  }
}
