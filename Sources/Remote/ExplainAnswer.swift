internal import FoundationEssentials
internal import Views

/// What `explain` takes of another exporter's `/explain`, schema 1.
package struct ExplainAnswer: Decodable {
  private let schema: Int
  private let findings: [Found]
  private let text: String

  private struct Found: Decodable {
    let severity: String
  }

  /// Nil unless it is that.
  package init?(json body: [UInt8]) {
    guard let answer = try? JSONDecoder().decode(ExplainAnswer.self, from: Data(body)),
      answer.schema == 1
    else { return nil }
    self = answer
  }

  package var hasWarnings: Bool { findings.contains { $0.severity == "warning" } }

  /// The report, with nothing in it that could move a terminal's cursor.
  package var shown: String {
    text.split(separator: "\n", omittingEmptySubsequences: false)
      .map { printable(String($0)) }.joined(separator: "\n")
  }
}
