import TestSupport
import Testing

/// A Markdown file, parts of which are written by the tests.
struct Document {
  let path: String
  let text: String

  init(_ path: String) throws {
    self.path = path
    text = try Repository.text(path)
  }

  /// Expects `part` between the two comments of that name, and writes it there where golden files
  /// are updated.
  func expect(
    _ part: String, between name: String, sourceLocation: SourceLocation = #_sourceLocation
  ) throws {
    let begin = "<!-- begin \(name): written by UPDATE_GOLDEN=1 make test -->\n"
    let end = "\n<!-- end \(name) -->"
    let first = try #require(
      text.firstRange(of: begin), "\(path) has no '\(begin)'", sourceLocation: sourceLocation)
    let last = try #require(
      text.firstRange(of: end), "\(path) has no '\(end)'", sourceLocation: sourceLocation)
    let new = text[..<first.upperBound] + part + text[last.lowerBound...]
    try Golden.expect(
      String(new), equals: "\(Repository.root)/\(path)", sourceLocation: sourceLocation)
  }
}
