import Collectors
import Explain
import Exposition
import TestSupport
import Testing

@Suite struct `The rules of explain` {
  @Test func `have runbooks that are there`() throws {
    let runbooks = Set(Rule.all.compactMap(\.runbook))
    #expect(runbooks.count >= 5)
    for runbook in runbooks {
      #expect(Files.exists("\(Repository.root)/deploy/runbooks/\(runbook).md"), "\(runbook)")
    }
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
        #expect(alert.contains("> \(number)"), "\(rule.name).\(threshold.name): \(number)")
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
      #expect(known.contains(name) || known.contains(family), "\(name)")
    }
  }
}
