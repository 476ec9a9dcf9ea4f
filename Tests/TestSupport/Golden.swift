internal import Glibc
package import Testing

/// Text that a test compares byte for byte with a file of the repository.
///
/// `UPDATE_GOLDEN=1` writes the files anew; look at `git diff` before you commit them.
package enum Golden {
  package static let isUpdating = getenv("UPDATE_GOLDEN").map { String(cString: $0) } == "1"

  package static func expect(
    _ text: String, equals path: String, sourceLocation: SourceLocation = #_sourceLocation
  ) throws {
    if isUpdating {
      if (try? Files.text(path)) != text { try Files.write(path, text) }
      return
    }
    guard let golden = try? Files.text(path) else {
      Issue.record("\(path) is missing: run with UPDATE_GOLDEN=1", sourceLocation: sourceLocation)
      return
    }
    guard text != golden else { return }
    Issue.record(
      "differs from \(path):\n\(difference(from: golden, to: text))",
      sourceLocation: sourceLocation)
  }

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
