import Explain
import System
import TestSupport
import Testing

/// Whoever is paged by Prometheus and asks `explain` hears the same: what promtool's tests record is
/// replayed for the rules.
@Suite struct `explain and the alerts` {
  @Test(arguments: try! Files.list(AlertTest.folder).filter { $0.hasSuffix(".yml") }.sorted())
  func `agree on the same recorded data`(_ file: String) throws {
    for test in try AlertTest.all(in: file) {
      for moment in test.moments {
        let rules = Rule.all.filter { $0.alerts.contains(moment.alert) }.map(\.name)
        for instance in test.instances where !rules.isEmpty {
          let report = test.report(of: instance, at: moment.minute)
          let finding = report.findings.first { rules.contains($0.rule) }
          let place = "\(file): '\(test.name)': \(instance) at \(moment.minute)m"
          switch moment.firing[instance] {
          case "warning": #expect(finding?.severity == .warning, "\(place)")
          case .some: #expect(finding != nil, "\(place)")
          case nil:
            // Alerts wait for up to 15 minutes before they fire, and explain does not.
            guard moment.minute >= 18 else { continue }
            #expect(finding?.severity != .warning, "\(place): \(finding?.sentence ?? "")")
          }
        }
      }
    }
  }

  @Test func `are compared at all`() throws {
    let tests = try Files.list(AlertTest.folder).filter { $0.hasSuffix(".yml") }
      .flatMap { try AlertTest.all(in: $0) }
    let shared = Set(Rule.all.flatMap(\.alerts))
    let fired = Set(tests.flatMap(\.moments).filter { !$0.firing.isEmpty }.map(\.alert))
    #expect(shared.count >= 7)
    #expect(shared.isSubset(of: fired), "\(shared.subtracting(fired))")
  }
}

/// A test of `deploy/prometheus/tests`, as far as these are written: a series and its values in two
/// lines, an alert's labels in one.
private struct AlertTest {
  let name: String
  var series: [(instance: String, series: RecordedSeries)] = []
  var moments: [(minute: Int, alert: String, firing: [String: String])] = []

  static let folder = "\(Repository.root)/deploy/prometheus/tests"

  var instances: [String] { Set(series.map(\.instance)).sorted() }

  func report(of instance: String, at minute: Int) -> Report {
    let recorded = series.filter { $0.instance == instance }.map(\.series)
    let history = History(of: recorded, each: .seconds(60), steps: minute)
    let now = Situation.start + .seconds(60 * minute)
    return Report(
      history.evidence(over: .seconds(600), until: now, kernelRelease: nil), Thresholds(),
      hostName: nil)
  }

  static func all(in file: String) throws -> [AlertTest] {
    var tests: [AlertTest] = []
    var (isAboutAlerts, minute, name) = (false, 0, Substring())
    for line in try Files.text("\(folder)/\(file)").split(separator: "\n") {
      let text = line.drop { $0 == " " }
      if let match = text.firstMatch(of: /^- name: (.*)/), line.hasPrefix("  - ") {
        tests.append(AlertTest(name: String(match.1)))
      } else if text.hasSuffix("_test:") {
        isAboutAlerts = text == "alert_rule_test:"
      } else if text.hasPrefix("interval: "), text != "interval: 1m" {
        throw Failure("\(file): \(text)")
      } else if let match = text.firstMatch(of: /^- series: '(.*)'$/) {
        name = match.1
      } else if let match = text.firstMatch(of: /^values: '(.*)'$/) {
        tests[tests.count - 1].add(name, try RecordedSeries(plain(name), match.1))
      } else if isAboutAlerts, let match = text.firstMatch(of: /^- eval_time: (\d+)m$/) {
        minute = Int(match.1)!
      } else if isAboutAlerts, let match = text.firstMatch(of: /^alertname: (\w+)$/) {
        tests[tests.count - 1].moments.append((minute, String(match.1), [:]))
      } else if isAboutAlerts, let severity = text.firstMatch(of: /severity: (\w+)/),
        let instance = text.firstMatch(of: /instance: "?([\w-]+)/)
      {
        let last = tests[tests.count - 1].moments.count - 1
        tests[tests.count - 1].moments[last].firing[String(instance.1)] = String(severity.1)
      }
    }
    return tests
  }

  private mutating func add(_ name: Substring, _ recorded: RecordedSeries) {
    let instance = name.firstMatch(of: /instance="([^"]*)"/).map { String($0.1) } ?? ""
    series.append((instance, recorded))
  }

  /// The series as the exporter itself writes it, without what Prometheus adds.
  private static func plain(_ name: Substring) -> String {
    let labels =
      name.firstMatch(of: /\{(.*)\}/)?.1.split(separator: ",")
      .map { $0.drop { $0 == " " } }
      .filter { !$0.hasPrefix("job=") && !$0.hasPrefix("instance=") } ?? []
    let family = name.prefix { $0 != "{" }
    return labels.isEmpty ? String(family) : "\(family){\(labels.joined(separator: ","))}"
  }
}
