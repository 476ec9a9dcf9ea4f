internal import Views

/// What `explain` takes of another exporter's `/explain`, schema 1.
package struct ExplainAnswer {
  private let text: String
  package let hasWarnings: Bool

  /// Nil unless it is that.
  package init?(json body: [UInt8]) {
    guard let answer = JSON(reading: body), answer["schema"]?.count == 1,
      let text = answer["text"]?.string, let findings = answer["findings"]?.elements
    else { return nil }
    var severities: [String] = []
    for finding in findings {
      guard let severity = finding["severity"]?.string else { return nil }
      severities.append(severity)
    }
    self.text = text
    hasWarnings = severities.contains("warning")
  }

  /// The report, with nothing in it that could move a terminal's cursor.
  package var shown: String {
    text.split(separator: "\n", omittingEmptySubsequences: false)
      .map { printable(String($0)) }.joined(separator: "\n")
  }
}
