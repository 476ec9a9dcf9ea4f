import Explain
import System
import TestSupport
import Testing

/// Ten minutes of a storm of 200 000 pages each second, in which a collector fails in some readings.
private struct GappedStorm {
  /// The readings that lack what it has, of 0 to 60.
  let lacking: Set<Int>
  var collector = "vmstat"
  /// Whether the readings say how the collectors went.
  var tellsHealth = true
  /// What the counters become as the gap ends.
  var after: [String: Double] = [:]
  var window = 600

  func report() -> Report {
    var storm = Situation(rates: [migrated: 200_000, stalls: 100])
    storm.length = window
    var history = History()
    for (reading, second) in stride(from: 0, through: storm.length, by: 10).enumerated() {
      let lacks = lacking.contains(reading)
      storm.without = lacks ? Self.series[collector]! : []
      storm.values = reading > lacking.max() ?? 0 ? after : [:]
      if tellsHealth {
        for name in Self.series.keys {
          storm.values["pagemigration_scrape_collector_success{collector=\"\(name)\"}"] =
            lacks && name == collector ? 0 : 1
        }
      }
      history.add(storm.exposition(at: second), at: Situation.start + .seconds(second))
    }
    return Report(
      history.evidence(
        over: .seconds(window), until: Situation.start + .seconds(window), kernelRelease: nil),
      Thresholds(), hostName: nil)
  }

  private let migrated = Situation.total("pages_migrated")
  private let stalls = Situation.total("compaction_stalls")
  /// How those begin that each collector has.
  private static let series = [
    "vmstat": [
      "page_size", "pages_", "thp_", "numa_pages", "numa_hint", "compaction_", "cma_", "pins_",
      "hugetlb_", "free_",
    ],
    "node": ["node_"], "reasons": ["reason_", "cause_"],
  ].mapValues { $0.map { "pagemigration_\($0)" } }

  init(lacking: [Int]) { self.lacking = Set(lacking) }
}

@Suite struct `A reading that failed` {
  @Test(arguments: [
    ([48], "vmstat was not read for 10 s, 2 min ago"),
    ([47, 48], "vmstat was not read for 20 s, 130 s ago"),
    ([30], "vmstat was not read for 10 s, 5 min ago"),
    ([29, 30, 31, 32, 33, 34], "vmstat was not read for 1 min, 310 s ago"),
    ([0], "vmstat was not read for 10 s, 10 min ago"),
    ([60], "vmstat has not been read for 10 s"),
    ([58, 59, 60], "vmstat has not been read for 30 s"),
    ([3, 20, 21, 48], "vmstat was not read 3 times, for 40 s in all, last 2 min ago"),
    ([3, 60], "vmstat was not read 2 times, for 20 s in all, last just now"),
  ])
  func `hides no storm, and is named`(lacking: [Int], line: String) {
    let report = GappedStorm(lacking: lacking).report()
    #expect(report.findings.map(\.rule) == ["compaction_stalls"], "\(report.text)")
    #expect(report.hasWarnings && report.couldLook)
    #expect(report.gaps == [line])
    #expect(report.text.contains("\n\n\(line).\n"))
    #expect(report.json.contains("\"gaps\":[\"\(line)\"]"))
    #expect(!report.text.contains("there is no"), "\(report.text)")
    let because = report.findings.first?.because.first ?? ""
    #expect(because.hasPrefix("100 allocations/s"), "\(because)")
  }

  @Test func `is named by its counters where it does not say what failed`() {
    var storm = GappedStorm(lacking: [48])
    storm.tellsHealth = false
    let report = storm.report()
    #expect(report.findings.map(\.rule) == ["compaction_stalls"], "\(report.text)")
    #expect(report.gaps.count == 1)
    #expect(
      report.gaps[0].wholeMatch(
        of: /pagemigration_\w+ and \d+ other series were not read for 10 s, 2 min ago/) != nil,
      "\(report.gaps)")
  }

  @Test func `is not named where all went well`() {
    #expect(GappedStorm(lacking: []).report().gaps == [])
  }

  /// Half of each half of the window must be known, and that it is so now.
  @Test(arguments: [Array(15...45), Array(0...35), Array(40...60), Array(57...60)])
  func `makes unknown what lasts too long to be told from it`(lacking: [Int]) {
    let report = GappedStorm(lacking: lacking).report()
    #expect(!report.hasWarnings, "\(report.text)")
    #expect(report.text.contains("compaction_stalls"))
    #expect(report.text.contains(": vmstat was not read for too long\n"), "\(report.text)")
    #expect(!report.sentence.hasPrefix("Nothing unusual in the last"), "\(report.sentence)")
    #expect(!report.text.contains("there is no"), "\(report.text)")
  }

  /// What is not read is neither off nor not there.
  @Test(arguments: [
    ("node", ["lower_tier_full", "demotion_off", "promotion_throttled"]),
    ("reasons", ["two_movers", "bad_memory", "pinning_slow", "offline_never_ends"]),
  ])
  func `makes unknown what other collectors tell, and no more`(name: String, rules: [String]) {
    var storm = GappedStorm(lacking: Array(55...60))
    storm.collector = name
    let report = storm.report()
    #expect(report.findings.map(\.rule) == ["compaction_stalls"], "\(report.text)")
    #expect(report.gaps == ["\(name) has not been read for 1 min"])
    let hidden = report.unknown.first { $0.why == "\(name) was not read for too long" }?.rules ?? []
    #expect(Set(rules).isSubset(of: hidden), "\(report.text)")
    #expect(!report.text.contains("--collector.\(name) is off"), "\(report.text)")
  }

  @Test func `leaves the counters unknown, and says why, where it is of now`() {
    let report = GappedStorm(lacking: Array(50...60)).report()
    #expect(
      report.sentence
        == "The kernel's counters of page migration are not known:"
        + " vmstat was not read for too long.")
    #expect(!report.couldLook)
    #expect(report.json.contains("\"could_look\":false"))
  }

  @Test func `makes absent what is absent in all`() {
    let report = GappedStorm(lacking: Array(0...60)).report()
    #expect(report.sentence == "The kernel's counters of page migration are not known here.")
    #expect(report.text.contains("there is no pagemigration_pages_migrated_total here"))
    #expect(report.gaps == [])
    #expect(!report.couldLook)
  }

  private static let reset = [
    Situation.total("compaction_stalls"): -40_000.0,
    Situation.total("pages_migrated"): -80_000_000.0,
  ]

  /// A machine that was restored meanwhile: what its counters grew by in that time is not known.
  @Test func `hides no storm where the counters went back, and is named`() {
    var storm = GappedStorm(lacking: [30, 31])
    storm.after = Self.reset
    let report = storm.report()
    #expect(report.findings.map(\.rule) == ["compaction_stalls"], "\(report.text)")
    let because = report.findings.first?.because.first ?? ""
    #expect(because.hasPrefix("100 allocations/s"), "\(because)")
    #expect(
      report.gaps == [
        "vmstat was not read for 20 s, 5 min ago",
        "pagemigration_compaction_stalls_total and 1 other series went back 280 s ago:"
          + " what was counted then is not known",
      ])
    #expect(report.couldLook)
  }

  @Test func `makes unknown what it leaves too little of, and says why`() {
    var storm = GappedStorm(lacking: [])
    storm.after = Self.reset
    storm.window = 10
    let report = storm.report()
    #expect(report.findings.isEmpty, "\(report.text)")
    #expect(report.text.contains("pagemigration_compaction_stalls_total went back"))
    #expect(
      report.sentence == "The kernel's counters of page migration are not known:"
        + " pagemigration_pages_migrated_total went back.")
    #expect(report.couldLook)
  }

  @Test(arguments: [[], [3], [2], [3, 4]])
  func `hides no storm in a minute, either`(lacking: [Int]) {
    var storm = GappedStorm(lacking: lacking)
    storm.window = 60
    let isTold = storm.report().findings.map(\.rule).contains("compaction_stalls")
    #expect(isTold == (lacking.count < 2))
  }

  /// 5, and then 2^64-1 as in a corrupt tree, is no rate.
  @Test(arguments: [10, 600])
  func `makes no storm of a counter that jumped`(window: Int) {
    var storm = GappedStorm(lacking: window == 10 ? [] : [30])
    storm.after = [Situation.total("pages_migrated"): 0x1p64]
    storm.window = window
    let report = storm.report()
    #expect(!report.findings.map(\.rule).contains("storm"))
    #expect(report.couldLook)
    let unknown = "pagemigration_pages_migrated_total jumped by more than a machine can do"
    #expect(report.text.contains(unknown) == (window == 10), "\(report.text)")
  }
}

@Suite struct `A reason that is met for the first time` {
  /// Its failures begin in the middle of the window, and the collector was well before.
  @Test func `did nothing before`() throws {
    let reason = "pagemigration_reason_pages_migrated_total{reason=\"syscall_or_cpuset\"}"
    let new = try RecordedSeries(reason, "_x40 5+100000x20")
    let history = History(of: [new], over: Situation.quiet, each: .seconds(10), steps: 60)
    let report = Report(
      history.evidence(
        over: .seconds(600), until: Situation.start + .seconds(600), kernelRelease: nil),
      Thresholds(), hostName: nil)
    #expect(report.findings.isEmpty)
    #expect(report.gaps == [])
    #expect(!report.unknown.flatMap(\.rules).contains("two_movers"), "\(report.text)")
  }
}
