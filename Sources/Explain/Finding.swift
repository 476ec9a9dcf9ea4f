/// How much a finding matters: a warning is a problem, a notice is worth knowing.
package enum Severity: String, Sendable {
  case notice, warning
}

/// What a rule has to say.
package struct Finding: Sendable {
  /// The rule's name.
  package let rule: String
  package let severity: Severity
  /// What is going on, in one sentence.
  package let sentence: String
  /// The numbers that say so, and the settings as they are.
  package let because: [String]
  /// The exact command that changes it, or that finds who can.
  package let tries: String
  /// The command that takes it back, with today's value. Nil where there is nothing to take back.
  package let undo: String?
  /// What the change costs.
  package let but: String?
  /// The runbook.
  package let see: String

  /// The setting that the command changes. Nil where it changes none.
  let setting: String?

  func trying(_ tries: String) -> Finding {
    Finding(
      rule: rule, severity: severity, sentence: sentence, because: because, tries: tries, undo: nil,
      but: nil, see: see, setting: nil)
  }
}

/// What a rule has found, to which the rule adds its name, severity, sentence and runbook.
struct Telling {
  /// Where it differs from the first of the rule's.
  let sentence: String?
  let because: [String]
  let tries: String
  let undo: String?
  let but: String?
  let setting: String?
  /// Where it differs from the rule's.
  let severity: Severity?

  init(
    _ sentence: String? = nil, because: [String], try tries: String, undo: String? = nil,
    but: String? = nil, setting: String? = nil, severity: Severity? = nil
  ) {
    self.sentence = sentence
    self.because = because
    self.tries = tries
    self.undo = undo
    self.but = but
    self.setting = setting
    self.severity = severity
  }

  /// - Parameter changes: of which the first that changes anything is tried.
  /// - Parameter setting: what is to be looked at where none is known.
  init(
    _ sentence: String? = nil, because: [String], change changes: Change?...,
    orLookAt setting: String,
    but: String, severity: Severity? = nil
  ) {
    guard let change = changes.compactMap(\.self).first(where: { !$0.isNone }) else {
      self.init(
        sentence, because: because, try: Change.look(at: setting),
        but: "it only looks, as its value is not known here or leaves nothing to change; " + but,
        severity: severity)
      return
    }
    self.init(
      sentence, because: because + [change.now], try: change.command, undo: change.undo, but: but,
      setting: change.setting, severity: severity)
  }
}
