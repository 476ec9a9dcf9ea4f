import FoundationEssentials
import KernelText
import MigrationReasons
import PageMigration
import System
import TestSupport
import Testing
import Views

private func at(_ seconds: Int) -> MonotonicTime { .init(sinceBoot: .seconds(seconds)) }

/// What a sampler would have seen: each element is how much the five counters grew in a second.
private func overview(
  _ growth: [[MigrationCounter: UInt64]], reasons: Result<ReasonsView, ReasonsUnavailable>? = nil
) throws -> Overview {
  let tree = Fixture("firecracker-6.18-one-node")
  var sampled = SampledRates(interval: .seconds(1))
  var values = Dictionary(
    uniqueKeysWithValues: SampledCounter.allCases.map { ($0.source, UInt64(0)) })
  sampled.add(CounterSnapshot(values), at: at(1))
  for (index, increase) in growth.enumerated() {
    values.merge(increase) { $0 + $1 }
    sampled.add(CounterSnapshot(values), at: at(index + 2))
  }
  let now = at(growth.count + 1)
  return Overview(
    version: "1.2.3", started: UnixTime(sinceEpoch: .seconds(1_794_990_000)),
    facts: HostFacts.read(KernelPaths(procfs: tree.procfs, sysfs: tree.sysfs)),
    snapshot: CounterSnapshot(values), view: SamplerView(sampled: sampled, now: now),
    reasons: reasons,
    time: now, unixTime: UnixTime(sinceEpoch: .seconds(1_795_000_000)))
}

private let quiet = [[MigrationCounter: UInt64]](repeating: [:], count: 10)

@Suite struct `The overview's sentence` {
  @Test func `says that nothing is known before the first window is full`() throws {
    #expect(
      OverviewSentence(try overview([[:]])).text == "The rates of the last 10 s are not known yet.")
  }

  @Test func `says that all is quiet`() throws {
    #expect(
      OverviewSentence(try overview(quiet)).text == "The kernel migrated no page in the last 10 s.")
  }

  @Test func `says what a quiet moment would hide`() throws {
    let burst: [[MigrationCounter: UInt64]] = [[.migrateSuccess: 2560]]
    let growth = burst + Array(repeating: [:], count: 60)
    #expect(
      OverviewSentence(try overview(growth)).text
        == "The kernel migrated no page in the last 10 s.")
    #expect(
      OverviewSentence(try overview(Array(growth.prefix(60)))).text
        == "The kernel migrated no page in the last 10 s. The peak of the last 1 min was 2.56k pages/s (10 MiB/s)."
    )
  }

  @Test func `says how much moved, what failed and which huge pages were lost`() throws {
    let growth = [[MigrationCounter: UInt64]](
      repeating: [
        .migrateSuccess: 900, .migrateFail: 100, .thpMigrationFail: 5, .thpMigrationSplit: 3,
      ], count: 10)
    #expect(
      OverviewSentence(try overview(growth)).text
        == "The kernel migrated 900 pages/s (3.52 MiB/s); 10 % of the pages tried failed, in the last 10 s. 2 THPs/s could be neither moved nor split."
    )
  }

  @Test func `says that all failed`() throws {
    let growth = [[MigrationCounter: UInt64]](repeating: [.migrateFail: 7], count: 10)
    #expect(
      OverviewSentence(try overview(growth)).text
        == "The kernel failed to migrate 7 pages/s and migrated none, in the last 10 s.")
  }
}

@Suite struct `The overview as text` {
  @Test func `has a row for each counter and a dash for what is not known`() throws {
    let growth = [[MigrationCounter: UInt64]](
      repeating: [.migrateSuccess: 900, .migrateFail: 100, .thpMigrationSuccess: 1], count: 10)
    let text = OverviewText(try overview(growth)).text
    #expect(
      text == """
        page-migration-exporter 1.2.3  kernel 6.18.44-fc-v657  sampled every 1s

        The kernel migrated 900 pages/s (3.52 MiB/s); 10 % of the pages tried failed, in the last 10 s.

                           total       now       10s  1m  5m  peak 1m  peak 5m
        pages migrated      9000       900       900   -   -        -        -
        bytes migrated  35.2 MiB  3.52 MiB  3.52 MiB   -   -        -        -
        pages failed        1000       100       100   -   -        -        -
        failure share       10 %      10 %      10 %   -   -
        THPs migrated         10         1         1   -   -        -        -
        THPs split             0         0         0   -   -        -        -
        THPs lost              0         0         0   -   -

        Rates are per second; - is what is not known (yet). More: /metrics, /rates?format=json

        """)
  }

  @Test func `says why reasons are not known, and nothing where they were not asked for`() throws {
    #expect(OverviewReasons(nil).lines == [])
    #expect(
      OverviewReasons(.failure(.notBuilt)).lines.last?.hasPrefix("Reasons are not known: ") == true)
  }
}

@Suite struct `The slowest calls` {
  private let calls = [
    NamedSlowCall(
      SlowCall(
        reason: "compaction", duration: .milliseconds(12), ended: at(5), process: 42, thread: 43,
        command: CommandName(0x6d31_5b1b, 0), cgroup: 7, pagesMigrated: 512, pagesFailed: 3),
      cgroup: "/a.slice", ended: UnixTime(sinceEpoch: .seconds(5))),
    NamedSlowCall(
      SlowCall(
        reason: "demotion", duration: .microseconds(80), ended: at(5), process: 9, thread: 9,
        command: CommandName(0x3064_7061_7773_6b, 0), cgroup: nil, pagesMigrated: 32,
        pagesFailed: 0),
      cgroup: nil, ended: UnixTime(sinceEpoch: .seconds(5))),
  ]

  @Test func `are told with who made them, whatever these call themselves`() {
    #expect(
      calls.lines == [
        "",
        "slowest call, last minute   took  moved  failed           by    cgroup",
        "compaction                 12 ms    512       3    ?[1m (42)  /a.slice",
        "demotion                   80 µs     32       0  kswapd0 (9)         -",
      ])
    #expect([NamedSlowCall]().lines == [])
  }
}

/// What of the JSON these tests look at.
private struct Answer: Decodable {
  struct Counter: Decodable {
    let total: UInt64?
    let perSecond: [String: Double?]
  }

  let schema: Int
  let version: String
  let counters: [String: Counter]
  let derived: [String: [String: Double?]]
  let vmstat: [String: UInt64]
  let reasons: [String: String]?
}

@Suite struct `The overview as JSON` {
  @Test func `has null for what is not known, and exact counts`() throws {
    let text = OverviewJSON(
      try overview([[.migrateSuccess: .max, .migrateFail: 1 << 48]]), history: .seconds(60)
    ).text
    let answer = try answer(text)
    #expect(answer.schema == 1 && answer.version == "1.2.3")
    #expect(answer.counters["pages_migrated"]?.total == .max)
    #expect(answer.counters["pages_migrated"]?.perSecond["1m"] == .some(nil))
    #expect(answer.vmstat["pgmigrate_fail"] == 1 << 48)
    #expect(answer.reasons == nil)
    // What no machine counts in a second is no increase.
    #expect(
      text.contains(
        """
        "history":[{"time":1795000000.000000000,"seconds":1.000000000,\
        "pages_migrated":null,"pages_failed":281474976710656,"thp_migrated":0,"thp_failed":0,\
        "thp_split":0}]
        """))
  }

  @Test func `has what follows from several counters, for those who would work it out again`()
    throws
  {
    let growth = [[MigrationCounter: UInt64]](
      repeating: [
        .migrateSuccess: 900, .migrateFail: 100, .thpMigrationFail: 5, .thpMigrationSplit: 3,
      ], count: 10)
    let answer = try answer(OverviewJSON(try overview(growth), history: nil).text)
    let columns = ["total": 10.0, "now": 1, "10s": 1]
    for (column, factor) in columns {
      #expect(answer.derived["bytes_migrated"]?[column] == 900 * 4096 * factor)
      #expect(answer.derived["pages_tried"]?[column] == 1000 * factor)
      #expect(answer.derived["failure_share"]?[column] == 0.1)
      #expect(answer.derived["thp_lost"]?[column] == 2 * factor)
    }
    #expect(answer.derived["thp_lost"]?["1m"] == .some(nil))
    #expect(OverviewText(try overview(growth)).text.contains("THPs lost             20 "))
  }

  private func answer(_ text: String) throws -> Answer {
    let decoder = JSONDecoder()
    decoder.keyDecodingStrategy = .convertFromSnakeCase
    return try decoder.decode(Answer.self, from: Data(text.utf8))
  }
}
