internal import System
internal import Views

/// What all rules have to say of some evidence: as text for a person, as JSON for a program.
package struct Report: Sendable {
  /// Those with warnings first.
  package let findings: [Finding]
  /// The rules that could not be asked, by why: `--collector.reasons is off …`.
  package let unknown: [(why: String, rules: [String])]
  /// What could not be read, and when: `vmstat was not read for 10 s, 2 min ago`.
  package let gaps: [String]
  /// Whether a rule could not be asked that otherwise can.
  private let partIsUnknown: Bool
  private let evidence: Evidence
  private let hostName: String?

  package init(_ evidence: Evidence, _ thresholds: Thresholds, hostName: String?) {
    var findings: [Finding] = []
    var unknown: [(why: String, rules: [String])] = []
    var partIsUnknown = false
    for rule in Rule.all {
      do throws(Unknown) {
        if let finding = try rule.finding(in: evidence, thresholds) { findings.append(finding) }
      } catch {
        if error.isPassing { partIsUnknown = true }
        let why = error.explanation
        if let place = unknown.firstIndex(where: { $0.why == why }) {
          unknown[place].rules.append(rule.name)
        } else {
          unknown.append((why, [rule.name]))
        }
      }
    }
    self.findings = Self.oneChangeAtATime(
      findings.filter { $0.severity == .warning } + findings.filter { $0.severity == .notice })
    self.unknown = unknown
    self.partIsUnknown = partIsUnknown
    gaps = evidence.gapLines
    self.evidence = evidence
    self.hostName = hostName
  }

  /// No setting is to be given two values: who comes first is tried first.
  private static func oneChangeAtATime(_ findings: [Finding]) -> [Finding] {
    var commands: [String: String] = [:]
    return findings.map { finding in
      guard let setting = finding.setting else { return finding }
      guard let first = commands[setting], first != finding.tries else {
        commands[setting] = finding.tries
        return finding
      }
      return finding.trying("follow the advice on \(setting) above first, then look again")
    }
  }

  package var hasWarnings: Bool { findings.contains { $0.severity == .warning } }

  /// Whether the kernel's counters could be read. Also true where it is too early to say.
  package var couldLook: Bool {
    guard evidence.stalled == nil else { return false }
    guard evidence.known > .zero else { return true }
    do throws(Unknown) {
      _ = try numbers
      return true
    } catch {
      return error.wasRead
    }
  }

  /// The findings in one line: how many, or that there is none, with the numbers that say so.
  package var sentence: String {
    if let stalled = evidence.stalled {
      return "Nothing is known of the last \(stalled.spelledOut): the kernel could not be read."
    }
    guard evidence.known > .zero else {
      return "Nothing can be said yet: the exporter has been looking for less than"
        + " \(History.step.spelledOut)."
    }
    guard findings.isEmpty else {
      let warnings = findings.filter { $0.severity == .warning }.count
      let counts = [(warnings, "warning"), (findings.count - warnings, "notice")]
        .filter { $0.0 > 0 }
        .map { "\($0.0) \($0.1)\($0.0 == 1 ? "" : "s")" }
      return counts.joined(separator: " and ") + " in the last \(evidence.span)."
    }
    do throws(Unknown) {
      let part = partIsUnknown ? "what is known of " : ""
      return "Nothing unusual in \(part)the last \(evidence.span): \(try numbers)."
    } catch {
      let why = error.reason == .absent ? " here" : ": \(error.explanation)"
      return "The kernel's counters of page migration are not known\(why)."
    }
  }

  /// `12 pages/s (48 KiB/s) migrated, 0 failed, 0 allocations/s waited for compaction`
  private var numbers: String {
    get throws(Unknown) {
      let (migrated, failed) = (try evidence.migrated, try evidence.failed)
      let stalls = (try? evidence.rate("pagemigration_compaction_stalls_total")).map {
        ", \(Readable.number($0)) allocations/s waited for compaction"
      }
      return "\(evidence.pages(migrated)) migrated, \(Readable.number(failed))/s failed"
        + (stalls ?? "")
    }
  }

  package var text: String {
    var lines = [(hostName.map { "\($0): " } ?? "") + sentence]
    for finding in findings {
      lines += ["", "\(finding.severity.rawValue.uppercased()): \(finding.sentence)"]
      var rows = finding.because.map { ("because", $0) } + [("try", finding.tries)]
      for (label, text) in [("undo", finding.undo), ("but", finding.but)] {
        if let text { rows.append((label, text)) }
      }
      rows.append(("see", finding.see))
      lines += rows.map { label, text in
        "  \(label):" + String(repeating: " ", count: 9 - label.utf8.count) + text
      }
    }
    if !gaps.isEmpty { lines += [""] + gaps.map { "\($0)." } }
    if evidence.known > .zero, !unknown.isEmpty {
      lines += ["", "Not known here:"]
      lines += unknown.map { "  \($0.rules.joined(separator: ", ")): \($0.why)" }
    }
    return lines.joined(separator: "\n") + "\n"
  }

  package var json: String {
    JSON.object([
      ("schema", .integer(1)),
      ("host", .init(hostName)),
      ("kernel", .init(evidence.kernelRelease)),
      ("window_seconds", .seconds(evidence.asked)),
      ("known_seconds", .seconds(evidence.known)),
      ("sentence", .string(sentence)),
      ("findings", .array(findings.map(\.json))),
      (
        "unknown",
        .array(
          unknown.map { why, rules in
            .object([("why", .string(why)), ("rules", .array(rules.map(JSON.string)))])
          })
      ),
      ("gaps", .array(gaps.map(JSON.string))),
      ("could_look", .bool(couldLook)),
      ("text", .string(text)),
    ]).text
  }
}

extension Finding {
  fileprivate var json: JSON {
    .object([
      ("rule", .string(rule)), ("severity", .string(severity.rawValue)),
      ("sentence", .string(sentence)), ("because", .array(because.map(JSON.string))),
      ("try", .string(tries)), ("undo", .init(undo)), ("but", .init(but)), ("see", .string(see)),
    ])
  }
}

extension Rule {
  /// All rules and their thresholds as they are set, in the form that `--explain.thresholds` takes.
  package static func table(_ thresholds: Thresholds = Thresholds()) -> String {
    var lines = ["# Lines of this form, in a file for --explain.thresholds, set other numbers."]
    for rule in all {
      lines += ["", "# \(rule.name) (\(rule.severity.rawValue)): \(rule.about)"]
      lines += rule.thresholds.map {
        let name = "\(rule.name).\($0.name)"
        let value = thresholds[name] ?? $0.value
        let source = value == $0.value ? $0.source : "set, not \(spelled($0.value)); \($0.source)"
        return "\(name) = \(spelled(value))  # \($0.unit); \(source)"
      }
    }
    return lines.joined(separator: "\n") + "\n"
  }

  private static func spelled(_ value: Double) -> String {
    Int(exactly: value).map { "\($0)" } ?? "\(value)"
  }
}
