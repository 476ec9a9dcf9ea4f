import Explain
import System
import TestSupport
import Testing

@Suite struct `explain` {
  @Test func `has recorded histories for each rule`() {
    #expect(Set(RuleCase.all.map(\.rule)) == Set(Rule.all.map(\.name)))
    #expect(Set(Rule.all.map(\.name)).count == Rule.all.count)
  }

  @Test(arguments: RuleCase.all)
  func `names it, with all its words`(_ rule: RuleCase) throws {
    let report = rule.report(rule.fires)
    #expect(report.findings.map(\.rule) == [rule.rule])
    try Golden.expect(report.text, equals: rule.path, section: "report")
  }

  @Test(arguments: RuleCase.all)
  func `is silent where it is just not enough`(_ rule: RuleCase) {
    #expect(rule.report(rule.below).findings.map(\.rule) == [])
  }

  @Test(arguments: RuleCase.all)
  func `is silent on a host that does the same and is well`(_ rule: RuleCase) {
    let report = rule.report(rule.quiet)
    #expect(report.findings.map(\.rule) == [])
    #expect(report.sentence.hasPrefix("Nothing unusual in the last 10 min: "))
  }

  @Test(arguments: RuleCase.all)
  func `says only what the alerts and runbooks have, too`(_ rule: RuleCase) throws {
    let finding = try #require(rule.report(rule.fires).findings.first)
    let sentences = try #require(Rule.all.first { $0.name == rule.rule }).sentences
    #expect(sentences.contains(finding.sentence))
    #expect(finding.see.hasSuffix(".md"))
  }

  /// A setting that cannot be read takes the command, not the warning.
  @Test(arguments: ["compaction_stalls", "ping_pong", "numa_storm", "threads_demote"])
  func `warns where the setting that it would change is not known`(_ name: String) throws {
    let rule = try #require(RuleCase.all.first { $0.name == name })
    let settings = [
      "compaction_proactiveness", "numa_balancing_mode", "promotion_rate_limit_bytes_per_second",
      "watermark_scale_factor", "thp_defrag{policy=\"madvise\"}", "thp_defrag{policy=\"always\"}",
    ].map { "pagemigration_\($0)" }
    let unset = try settings.map { try RecordedSeries($0, "_x60") }
    let finding = try #require(rule.report(rule.fires + unset).findings.first)
    #expect(finding.rule == name)
    #expect(finding.tries.wholeMatch(of: /sysctl [a-z._MBps]+/) != nil, "\(finding.tries)")
    #expect(finding.undo == nil)
  }

  /// Each of the two levers of ping-pong serves where the other is not known.
  @Test func `needs no mode of balancing where the rate limit serves`() throws {
    let rule = try #require(RuleCase.all.first { $0.name == "ping_pong" })
    let mode = try RecordedSeries("pagemigration_numa_balancing_mode", "_x60")
    let limit = try RecordedSeries("pagemigration_promotion_rate_limit_bytes_per_second", "_x60")
    #expect(
      try #require(rule.report(rule.fires + [mode]).findings.first).tries
        .hasPrefix("sysctl kernel.numa_balancing_promote_rate_limit_MBps="))
    #expect(
      try #require(rule.report(rule.fires + [limit]).findings.first).tries
        == "sysctl kernel.numa_balancing=1")
  }

  @Test func `counts what it costs in the units of who pays`() throws {
    let rule = try #require(RuleCase.all.first { $0.name == "ping_pong" })
    let told = try [
      ("node_bandwidth_bytes_per_second{numa_node=\"0\",operation=\"read\"}", "20000000000x60"),
      ("node_bandwidth_bytes_per_second{numa_node=\"0\",operation=\"write\"}", "10000000000x60"),
      ("node_bandwidth_bytes_per_second{numa_node=\"1\",operation=\"write\"}", "1000000000x60"),
      ("wait_seconds_sum{page=\"base\"}", "0+3x60"), ("wait_seconds_sum{page=\"thp\"}", "0+2x60"),
    ].map { try RecordedSeries("pagemigration_\($0)", $1[...]) }
    let because = try #require(rule.report(rule.fires + told).findings.first).because
    #expect(
      because.contains(
        "it costs 128 MiB/s of each tier's bandwidth: 1.34 % of tier 4's 9.31 GiB/s,"
          + " 13.4 % of tier 450's 954 MiB/s, by the firmware's HMAT"), "\(because)")
    #expect(
      because.contains("threads that touched pages in transit slept for 500 ms each second"))
    #expect(
      because.contains(
        "about 83.5 ms of CPU time each second, within a factor of two: 2.5 µs per base page moved,"
          + " 0.4 µs per page of a THP, 7 ns per page scanned"), "\(because)")
  }

  /// What is seen in one half of the window alone is a burst.
  @Test(arguments: [
    "storm", "pinned", "compaction_stalls", "ping_pong", "two_movers", "huge_pages_lost",
    "calls_slow",
  ])
  func `takes no burst for what lasts`(_ name: String) throws {
    let rule = try #require(RuleCase.all.first { $0.name == name })
    let burst = try rule.fires.map { series in
      let (start, end) = (series[0] ?? 0, series[60] ?? 0)
      let values = (0...60).map { String(start + (end - start) * min(1, Double($0) / 20)) }
      return try RecordedSeries(series.series, values.joined(separator: " ")[...])
    }
    let report = rule.report(burst)
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

  /// Whoever asks comes at any time between two readings, which are ten seconds apart.
  @Test(arguments: [10, 20, 60, 300], [1, 4, 6, 9])
  func `looks as far back as it was asked to`(_ window: Int, _ secondsAfterReading: Int) {
    let storm = Situation(rates: [Situation.total("compaction_stalls"): 1000])
    let evidence = storm.history().evidence(
      over: .seconds(window),
      until: Situation.start + .seconds(storm.length + secondsAfterReading), kernelRelease: nil)
    let report = Report(evidence, Thresholds(), hostName: nil)
    #expect(report.sentence.hasSuffix("in the last \(Duration.seconds(window).spelledOut)."))
    #expect(report.findings.map(\.rule) == ["compaction_stalls"], "\(report.text)")
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
  @Test(arguments: ["-1", "0.5", "1.8e19", "inf"])
  func `takes no setting that is none`(_ value: String) throws {
    let names = [
      "compaction_proactiveness", "numa_balancing_mode", "watermark_scale_factor",
      "promotion_rate_limit_bytes_per_second", "node_promotion_candidates_total{numa_node=\"0\"}",
      "min_free_bytes", "defrag_mode", "page_size_bytes", "thp_size_bytes",
      "node_bandwidth_bytes_per_second{numa_node=\"0\",operation=\"read\"}",
    ]
    let odd = try names.map { try RecordedSeries("pagemigration_\($0)", "\(value)x60") }
    for rule in RuleCase.all {
      let text = rule.report(rule.fires + odd).text
      #expect(!text.contains("=-"), "\(text)")
    }
  }

  /// Every two of them at once, and all: no setting is given two values.
  @Test func `never gives two commands that undo each other`() throws {
    var everything = RuleCase.all.flatMap(\.fires)
    for (place, one) in RuleCase.all.enumerated() {
      for other in RuleCase.all[place...] { try expectOneValueEach(one.fires + other.fires) }
    }
    #expect(try findings(of: everything).count >= 8)
    try expectOneValueEach(everything)
    everything.reverse()
    try expectOneValueEach(everything)
  }

  private func findings(of recorded: [RecordedSeries]) throws -> [Finding] {
    // Of a series that both have, the one that grows more.
    var series: [String: RecordedSeries] = [:]
    for new in recorded {
      let growth = { (series: RecordedSeries) in (series[60] ?? 0) - (series[0] ?? 0) }
      if let old = series[new.series], growth(old) >= growth(new) { continue }
      series[new.series] = new
    }
    let steps = 2
    let history = History(
      of: Array(series.values), over: Situation.quiet, each: .seconds(10), steps: steps)
    let now = Situation.start + .seconds(10 * steps)
    return Report(
      history.evidence(over: .seconds(20), until: now, kernelRelease: "6.18.0"), Thresholds(),
      hostName: nil
    ).findings
  }

  private func expectOneValueEach(_ recorded: [RecordedSeries]) throws {
    var settings: [String: Set<String>] = [:]
    for finding in try findings(of: recorded) {
      if let match = finding.tries.firstMatch(of: /^sysctl ([a-zA-Z_.]+)=(\d+)/) {
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
    try thresholds.set(from: Rule.table(), path: "file")
  }

  @Test(arguments: ["\n", "\r\n"])
  func `are shown as they are set, whatever ends their lines`(_ end: String) throws {
    var thresholds = Thresholds()
    try thresholds.set(
      from: ["# ours", "storm.bytes_per_second = 4096", "ping_pong.balance = 0.25", ""]
        .joined(separator: end), path: "file")
    let table = Rule.table(thresholds)
    for line in [
      "storm.bytes_per_second = 4096  # bytes/s; set, not 1073741824; alert PageMigrationStorm",
      "ping_pong.balance = 0.25  # of the larger; set, not 0.5; TPP, Nomad",
      "ping_pong.pages_per_second = 2560  # base pages/s each way; ours",
    ] {
      #expect(table.contains("\n\(line)\n"), "\(table)")
    }
    try thresholds.set(from: table, path: "file")
  }

  @Test(arguments: ["", "\u{FEFF}", "# thresholds\r\n\r\n"])
  func `change what is found`(beginning: String) throws {
    var thresholds = Thresholds()
    let line = "storm.bytes_per_second = 4096  # a page\n"
    try thresholds.set(from: beginning + line, path: "file")
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
    (
      "# a\r\n\r\nstorm = 1\r\n",
      "file:3: there is no threshold 'storm' (explain --rules shows them)"
    ),
    ("\u{1b}[2J = 1", "file:1: there is no threshold '?[2J' (explain --rules shows them)"),
    ("storm.bytes_per_second = 1\r2", "file:1: not of the form 'rule.threshold = number'"),
  ])
  func `are refused with the line and the reason`(_ text: String, _ problem: String) {
    var thresholds = Thresholds()
    let error = #expect(throws: BadThreshold.self) { try thresholds.set(from: text, path: "file") }
    #expect(error?.description == problem)
  }
}
