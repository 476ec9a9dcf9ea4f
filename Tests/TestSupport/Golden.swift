internal import Synchronization
package import Testing

/// Text that a test compares byte for byte with a file of the repository.
///
/// `UPDATE_GOLDEN=1` writes the files anew; look at `git diff` before you commit them.
package enum Golden {
  package static let isUpdating = Environment.value("UPDATE_GOLDEN") == "1"

  /// - Parameter section: the only one of the file's sections that is meant.
  package static func expect(
    _ text: String, equals path: String, section: String? = nil,
    sourceLocation: SourceLocation = #_sourceLocation
  ) throws {
    if isUpdating {
      try oneAtATime.withLock { _ in
        let new = try section.map { try Sections(of: path).replacing($0, with: text) } ?? text
        if (try? Files.text(path)) != new { try Files.write(path, new) }
      }
      return
    }
    let golden = section.map { try? Sections(of: path)[$0]?.text } ?? (try? Files.text(path))
    guard let golden else {
      Issue.record("\(path) is missing: run with UPDATE_GOLDEN=1", sourceLocation: sourceLocation)
      return
    }
    guard text != golden else { return }
    Issue.record(
      "differs from \(path):\n\(difference(from: golden, to: text))",
      sourceLocation: sourceLocation)
  }

  /// Tests side by side may write sections of one file.
  private static let oneAtATime = Mutex(())

  /// The lines that went and came, at most 20 of them.
  private static func difference(from old: String, to new: String) -> String {
    let changes = lines(new).difference(from: lines(old))
    let shown = changes.prefix(20).map { change in
      switch change {
      case .remove(let offset, let line, _): "-\(offset + 1) \(line)"
      case .insert(let offset, let line, _): "+\(offset + 1) \(line)"
      }
    }
    return shown.joined(separator: "\n") + (changes.count > 20 ? "\n…" : "")
  }

  private static func lines(_ text: String) -> [Substring] {
    text.split(separator: "\n", omittingEmptySubsequences: false)
  }
}
