import Collectors
import Explain
import Exposition
import TestSupport
import Testing

@Suite struct `The rules of explain` {
  /// What a finding says is written into its runbook, so that who reads one knows the other again.
  @Test func `say in their runbooks what they say`() throws {
    let names = Rule.all.reduce(into: Set<String>()) { $0.formUnion($1.alerts.union([$1.runbook])) }
    #expect(names.count >= 8)
    for name in names.sorted() {
      let rules = Rule.all.filter { $0.runbook == name || $0.alerts.contains(name) }
      let rows = rules.flatMap { rule in
        rule.sentences.map { "| `\(rule.name)` | \($0) |" }
      }
      try Document("deploy/runbooks/\(name).md").expect(
        (["| rule | `explain` says |", "|---|---|"] + rows).joined(separator: "\n"),
        between: "explain")
    }
  }

  @Test func `give the alerts that share their thresholds their words`() throws {
    let alerts = try Repository.text("deploy/prometheus/alerts.yml").split(separator: "- alert: ")
    var count = 0
    for rule in Rule.all {
      for name in rule.alerts {
        let alert = try #require(alerts.first { $0.hasPrefix("\(name)\n") }, "\(name)")
        let summary = try #require(alert.firstMatch(of: /summary: (.*)/)).1
        #expect(rule.sentences.contains(String(summary)), "\(name): \(summary)")
        count += 1
      }
    }
    #expect(count >= 7)
  }

  /// So that who is paged by Prometheus and asks `explain` hears the same.
  @Test func `share their thresholds with the alerts that they name`() throws {
    let alerts = try Repository.text("deploy/prometheus/alerts.yml").split(separator: "- alert: ")
    var count = 0
    for rule in Rule.all {
      for threshold in rule.thresholds where threshold.source.hasPrefix("alert ") {
        let name = threshold.source.dropFirst("alert ".count)
        let alert = try #require(alerts.first { $0.hasPrefix("\(name)\n") }, "\(name)")
        let value = threshold.value
        let number = value == value.rounded() ? "\(Int(value))" : "\(value)"
        #expect(alert.contains(" \(number)"), "\(rule.name).\(threshold.name): \(number)")
        count += 1
      }
    }
    #expect(count >= 8)
  }

  @Test func `ask for metrics that there are`() throws {
    let known = Set(
      (everyCollector().flatMap(\.documentation) + ExporterMetrics.documentation).map(\.name))
    var asked: Set<String> = []
    for path in try Repository.files(endingIn: ".swift", under: "Sources/Explain") {
      for match in try Repository.text(path).matches(of: /"(pagemigration_[a-z_]+[a-z])["{]/) {
        asked.insert(String(match.1))
      }
    }
    #expect(asked.count > 30)
    for name in asked {
      let family = ["_count", "_sum", "_bucket"].reduce(name) { name, end in
        name.hasSuffix(end) ? String(name.dropLast(end.count)) : name
      }
      // Some names are put together, of their beginning and a part that differs.
      let begins = known.contains { $0.hasPrefix("\(name)_") }
      #expect(known.contains(name) || known.contains(family) || begins, "\(name)")
    }
  }
}
