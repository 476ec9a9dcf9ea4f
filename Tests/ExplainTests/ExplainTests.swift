import Explain
import System
import TestSupport
import Testing

@Suite struct `explain` {
  @Test func `has a case for each rule`() {
    #expect(Set(RuleCase.all.map(\.rule)) == Set(Rule.all.map(\.name)))
    #expect(Set(Rule.all.map(\.name)).count == Rule.all.count)
  }

  @Test(arguments: RuleCase.all)
  func `names it, with all its words`(_ rule: RuleCase) throws {
    let situation = Situation(rates: rule.fires, values: rule.values, kernel: rule.kernel)
    let report = situation.report()
    #expect(report.findings.map(\.rule) == [rule.rule])
    try Golden.expect(
      report.text, equals: "\(Repository.root)/Tests/Fixtures/explain/\(rule.rule).txt")
  }

  @Test(arguments: RuleCase.all)
  func `is silent where it is just not enough`(_ rule: RuleCase) {
    let situation = Situation(
      rates: rule.below, values: rule.valuesBelow ?? rule.values, kernel: rule.kernel)
    #expect(situation.report().findings.map(\.rule) == [])
  }

  /// What is seen in one half of the window alone is a burst.
  @Test(arguments: ["storm", "pinned", "compaction_stalls", "ping_pong", "two_movers"])
  func `takes no burst for what lasts`(_ rule: String) throws {
    let fires = try #require(RuleCase.all.first { $0.rule == rule }).fires
    let quiet = Situation()
    var history = History()
    for second in stride(from: 0, through: 600, by: 10) {
      let burst = Situation(rates: fires.mapValues { second <= 200 ? $0 * 3 : 0 })
      let frozen = Situation(values: fires.mapValues { 1000 + $0 * 3 * 200 })
      history.add(
        (second <= 200 ? burst : frozen).exposition(at: second),
        at: Situation.start + .seconds(second))
    }
    let evidence = history.evidence(
      over: .seconds(600), until: Situation.start + .seconds(600), kernelRelease: quiet.kernel)
    let report = Report(evidence, Thresholds(), hostName: nil)
    #expect(!report.hasWarnings, "\(report.text)")
  }

  @Test func `says of a quiet host that it is, with the numbers`() {
    let text = Situation(rates: [Situation.total("pages_migrated"): 3]).report().text
    #expect(
      text == """
        host: Nothing unusual in the last 10 min: 3 pages/s (12 KiB/s) migrated, 0/s failed, \
        0 allocations/s waited for compaction.

        """)
  }

  @Test func `says what it cannot know, and what would tell`() {
    let report = Situation(without: ["pagemigration_reason_", "pagemigration_numa_scan_"]).report()
    #expect(report.findings.isEmpty)
    #expect(report.text.contains("--collector.reasons is off"))
    #expect(report.text.contains("numa_scan_stalls: --collector.waits is off"))
  }

  @Test func `never takes an unknown counter for one that stands still`() {
    let situation = Situation(without: ["pagemigration_pages_failed_total"])
    let report = situation.report()
    #expect(report.sentence == "The kernel's counters of page migration are not known here.")
    #expect(report.unknown.flatMap(\.rules).contains("pinned"))
  }

  @Test func `says so where it has not looked for long enough`() {
    var young = Situation(rates: [Situation.total("pages_migrated"): 1e6])
    young.length = 0
    #expect(young.report().sentence.hasPrefix("Nothing can be said yet"))
    #expect(young.report().findings.isEmpty)
  }

  /// A machine that starts compacts and moves much: that is no storm.
  @Test(arguments: [10, 20, 40])
  func `warns of nothing that lasts before it has seen a minute`(_ seconds: Int) {
    var young = Situation(rates: [Situation.total("compaction_stalls"): 1000])
    young.length = seconds
    #expect(!young.report().hasWarnings)
    #expect(young.report().text.contains("compaction_stalls"))
    #expect(young.report(over: .seconds(10)).hasWarnings)
  }

  @Test func `says how long it has looked where that is less than was asked for`() {
    var young = Situation(rates: [Situation.total("pages_migrated"): 1])
    young.length = 40
    #expect(young.report().sentence.hasPrefix("Nothing unusual in the last 40 s: 1 pages/s"))
  }

  @Test func `does not speak of now where the last reading is old`() {
    let history = Situation(rates: [Situation.total("pages_migrated"): 1]).history()
    let later = Situation.start + .seconds(900)
    let report = Report(
      history.evidence(over: .seconds(600), until: later, kernelRelease: nil), Thresholds(),
      hostName: nil)
    #expect(report.sentence == "Nothing is known of the last 5 min: the kernel could not be read.")
    #expect(report.findings.isEmpty)
  }

  @Test func `takes no counter that went back for one that grew`() {
    var history = Situation().history()
    var reset = Situation(values: [Situation.total("pages_migrated"): 5])
    reset.length = 610
    history.add(reset.exposition(at: 610), at: Situation.start + .seconds(610))
    let report = Report(
      history.evidence(
        over: .seconds(600), until: Situation.start + .seconds(610), kernelRelease: nil),
      Thresholds(), hostName: nil)
    #expect(report.text.contains("pagemigration_pages_migrated_total went back"))
  }

  /// A kernel's file may say anything; what a command could not give back is not known.
  @Test(arguments: [-1, 0.5, 1.8e19, .infinity])
  func `takes no setting that is none`(_ value: Double) {
    let names = [
      "compaction_proactiveness", "numa_balancing_mode", "watermark_scale_factor",
      "promotion_rate_limit_bytes_per_second", "node_promotion_candidates_total{numa_node=\"0\"}",
    ]
    for rule in RuleCase.all {
      let values = Dictionary(uniqueKeysWithValues: names.map { ("pagemigration_\($0)", value) })
      let text = Situation(rates: rule.fires, values: rule.values.merging(values) { $1 }).report()
        .text
      #expect(!text.contains("=-"), "\(text)")
    }
  }

  @Test func `never gives two commands that undo each other`() {
    // Everything at once: each setting is set by one value at most.
    var rates: [String: Double] = [:]
    var values: [String: Double] = [:]
    for rule in RuleCase.all {
      rates.merge(rule.fires) { max($0, $1) }
      values.merge(rule.values) { first, _ in first }
    }
    let report = Situation(rates: rates, values: values).report()
    #expect(report.findings.count >= 8)
    var settings: [String: Set<String>] = [:]
    for finding in report.findings {
      if let match = finding.tries.firstMatch(of: /sysctl ([a-zA-Z_.]+)=(\d+)/) {
        settings[String(match.1), default: []].insert(String(match.2))
      } else if let match = finding.tries.firstMatch(of: /^echo (\S+) > (\S+)/) {
        settings[String(match.2), default: []].insert(String(match.1))
      }
    }
    for (setting, values) in settings { #expect(values.count == 1, "\(setting): \(values)") }
  }

  @Test func `shows nothing that is not in JSON, too`() throws {
    let json = Situation(rates: [Situation.total("compaction_stalls"): 50]).report().json
    for member in [
      "\"rule\":\"compaction_stalls\"", "\"undo\":\"sysctl", "\"severity\":\"warning\"",
    ] {
      #expect(json.contains(member), "\(json)")
    }
  }
}

@Suite struct `The history of explain` {
  @Test(arguments: [
    ("", 0), ("pagemigration_a 1", 0), ("pagemigration_a 1\npagemigration_b 2", 1),
    ("# HELP a b\n\n \n1\nx\nx y z\npagemigration_a 1\n", 1), ("a NaN\nb +Inf\nc -1\n", 3),
    ("\u{0}\u{0} 1\n\r\n", 1),
  ])
  func `takes what is whole of a hostile exposition`(_ text: String, _ samples: Int) {
    var count = 0
    ExpositionText.forEachSample(Array(text.utf8)) { _, _ in count += 1 }
    #expect(count == samples)
  }

  @Test func `does not grow without end`() {
    var history = History()
    for second in 0..<500 {
      let text = (0..<100).map { "pagemigration_\(second)_\($0) 1\n" }.joined()
      history.add(Array(text.utf8), at: Situation.start + .seconds(second * 10))
    }
    let size = MemoryLayout<Double>.size * 4096 * 61
    #expect(history.bytes <= size)
  }
}

@Suite struct `The thresholds` {
  @Test func `are taken back as explain prints them`() throws {
    var thresholds = Thresholds()
    try thresholds.set(from: Rule.table, path: "file")
  }

  @Test func `change what is found`() throws {
    var thresholds = Thresholds()
    try thresholds.set(from: "storm.bytes_per_second = 4096  # a page\n", path: "file")
    let report = Situation(rates: [Situation.total("pages_migrated"): 2]).report(
      over: .seconds(600), thresholds)
    #expect(report.findings.map(\.rule) == ["storm"])
  }

  @Test(arguments: [
    ("storm", "file:1: not of the form 'rule.threshold = number'"),
    ("# a\nstorm.x = 1", "file:2: there is no threshold 'storm.x' (explain --rules shows them)"),
    ("storm.bytes_per_second = -1", "file:1: '-1' is not a number from 0 up"),
    ("storm.bytes_per_second = nan", "file:1: 'nan' is not a number from 0 up"),
    ("storm.bytes_per_second = 1 2", "file:1: not of the form 'rule.threshold = number'"),
    (
      "storm.bytes_per_second = 1\nstorm.bytes_per_second = 1",
      "file:2: 'storm.bytes_per_second' is set twice"
    ),
  ])
  func `are refused with the line and the reason`(_ text: String, _ problem: String) {
    var thresholds = Thresholds()
    let error = #expect(throws: BadThreshold.self) { try thresholds.set(from: text, path: "file") }
    #expect(error?.description == problem)
  }
}
