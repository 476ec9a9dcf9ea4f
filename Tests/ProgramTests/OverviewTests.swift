import KernelText
import MigrationReasons
import PageMigration
import TestSupport
import Testing

@testable import page_migration_exporter

private let second: UInt64 = 1_000_000_000

/// What a sampler would have seen: each element is how much the five counters grew in a second.
private func overview(
  _ growth: [[MigrationCounter: UInt64]], reasons: Result<ReasonsView, ReasonsUnavailable>? = nil
) throws -> Overview {
  let tree = Fixture("firecracker-6.18-one-node")
  var sampled = SampledRates(interval: second)
  var values = Dictionary(
    uniqueKeysWithValues: SampledCounter.allCases.map { ($0.counter, UInt64(0)) })
  sampled.add(CounterSnapshot(values), at: second)
  for (index, increase) in growth.enumerated() {
    values.merge(increase) { $0 + $1 }
    sampled.add(CounterSnapshot(values), at: UInt64(index + 2) * second)
  }
  let now = UInt64(growth.count + 1) * second
  return Overview(
    facts: HostFacts(KernelPaths(procfs: tree.procfs, sysfs: tree.sysfs)),
    snapshot: CounterSnapshot(values), view: SamplerView(sampled: sampled, now: now),
    reasons: reasons,
    monotonicTime: now, unixTime: 1_795_000_000 * second)
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
        == "The kernel migrated no page in the last 10 s. The peak of the last 1m was 2.56k pages/s (10 MiB/s)."
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
    let text = OverviewText(overview: try overview(growth)).text
    #expect(
      text == """
        page-migration-exporter \(Version.number)  kernel 6.18.44-fc-v657  sampled every 1s

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

@Suite struct `The overview as JSON` {
  @Test func `has null for what is not known, and exact counts`() throws {
    let text = OverviewJSON(
      overview: try overview([[.migrateSuccess: .max, .migrateFail: 3]]), history: 60 * second
    ).text
    let json = try #require(JSONParser.parse(Array(text.utf8)))
    let migrated = json["counters"]?["pages_migrated"]
    #expect(json["schema"] == .integer(1))
    #expect(migrated?["total"] == .integer(.max))
    #expect(migrated?["per_second"]?["1m"] == .null)
    #expect(json["vmstat"]?["pgmigrate_fail"] == .integer(3))
    #expect(json["reasons"] == .null)
    #expect(
      text.contains(
        """
        "history":[{"time":1795000000.000000000,"seconds":1.000000000,\
        "pages_migrated":18446744073709551615,"pages_failed":3,"thp_migrated":0,"thp_failed":0,\
        "thp_split":0}]
        """))
  }

  @Test func `is what watch reads`() throws {
    let text = OverviewJSON(overview: try overview(quiet), history: nil).text
    let reading = try #require(WatchReading(json: Array(text.utf8)))
    #expect(reading.time == 11 * second)
    #expect(reading.snapshot[.migrateSuccess] == 0 && reading.snapshot[.compactStall] == nil)
    #expect(reading.failedIncludesSplit == true)
  }
}
