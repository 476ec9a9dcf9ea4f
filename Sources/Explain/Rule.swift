/// One thing that may be wrong with page migration, and how it is recognised.
package struct Rule: Sendable {
  /// A number that decides, which `--explain.thresholds` can set.
  package struct Threshold: Sendable {
    package let name: String
    package let value: Double
    package let unit: String
    /// Where it is from; "ours" for a start value.
    package let source: String

    init(_ name: String, _ value: Double, _ unit: String, _ source: String = "ours") {
      self.name = name
      self.value = value
      self.unit = unit
      self.source = source
    }
  }

  package let name: String
  /// What it looks for, as `explain --rules` says it.
  package let about: String
  package let severity: Severity
  package let thresholds: [Threshold]
  /// The runbook's name. Nil where none fits.
  package let runbook: String?
  private let look: @Sendable (Evidence, Values) throws(Unknown) -> Telling?

  init(
    _ name: String, _ about: String, _ severity: Severity, _ thresholds: [Threshold],
    runbook: String?, _ look: @escaping @Sendable (Evidence, Values) throws(Unknown) -> Telling?
  ) {
    self.name = name
    self.about = about
    self.severity = severity
    self.thresholds = thresholds
    self.runbook = runbook
    self.look = look
  }

  /// The thresholds as they are set.
  struct Values {
    let rule: String
    let thresholds: Thresholds

    subscript(name: String) -> Double { thresholds["\(rule).\(name)"]! }
  }

  /// - Returns: nil where it is not so.
  func finding(
    in evidence: Evidence, _ thresholds: Thresholds
  ) throws(Unknown) -> Finding? {
    guard let telling = try look(evidence, Values(rule: name, thresholds: thresholds)) else {
      return nil
    }
    return Finding(
      rule: name, severity: telling.severity ?? severity, sentence: telling.sentence,
      because: telling.because, tries: telling.tries, undo: telling.undo, but: telling.but,
      see: runbook.map { "\(Self.runbooks)/\($0).md" }, setting: telling.setting)
  }

  /// As in the annotations of the alerts.
  static let runbooks =
    "https://github.com/page-migration-exporter/page-migration-exporter/blob/main/deploy/runbooks"

  /// Warnings first, then in the order in which a person would look.
  package static let all: [Rule] =
    moving + failing + hugePages + compaction + numaBalancing + tiers + kernel
}
