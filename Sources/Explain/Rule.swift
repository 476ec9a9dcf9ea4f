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
  /// What a finding may say, the usual first: alerts and runbooks take their words from here.
  package let sentences: [String]
  package let thresholds: [Threshold]
  /// The runbook's name.
  package let runbook: String
  private let look: @Sendable (Evidence, Values) throws(Unknown) -> Telling?

  init(
    _ name: String, _ about: String, _ severity: Severity, says sentences: String...,
    by thresholds: [Threshold] = [], runbook: String,
    _ look: @escaping @Sendable (Evidence, Values) throws(Unknown) -> Telling?
  ) {
    self.name = name
    self.about = about
    self.severity = severity
    self.sentences = sentences
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
      rule: name, severity: telling.severity ?? severity,
      sentence: telling.sentence ?? sentences[0], because: telling.because, tries: telling.tries,
      undo: telling.undo, but: telling.but, see: "\(Self.runbooks)/\(runbook).md",
      setting: telling.setting)
  }

  /// As in the annotations of the alerts.
  static let runbooks =
    "https://github.com/page-migration-exporter/page-migration-exporter/blob/main/deploy/runbooks"

  /// The alerts of Prometheus whose thresholds it shares.
  package var alerts: Set<String> {
    let start = "alert "
    return Set(
      thresholds.map(\.source).filter { $0.hasPrefix(start) }.map {
        String($0.dropFirst(start.count))
      }
    )
  }

  /// In the order in which a person would look: what names one thing before what may be many.
  package static let all = [
    tiers, numaBalancing, failing, compaction, hugePages, moving, kernel,
  ].flatMap(\.self)
}
