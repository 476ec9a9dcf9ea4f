import PageMigration
import System
import Testing
import Views

private func reading(
  seconds: Int, _ values: [MigrationCounter: UInt64], includesSplit: Bool? = true
) -> WatchReading {
  WatchReading(
    time: MonotonicTime(sinceBoot: .seconds(seconds)), snapshot: CounterSnapshot(values),
    pageSize: 4096, failedIncludesSplit: includesSplit)
}

@Suite struct `The rows of watch` {
  private let header =
    "time     pages    bytes failed  fail%  THPs split  lost  numa promo  demo stall\n"

  @Test func `stand under their names`() {
    let table = WatchTable(isColoured: false)
    let row = table.row(
      time: "03:00:01",
      WatchChange(
        from: reading(
          seconds: 10,
          [
            .migrateSuccess: 1000, .migrateFail: 10, .thpMigrationSuccess: 1, .thpMigrationFail: 4,
            .thpMigrationSplit: 2, .numaPagesMigrated: 0, .promoteSuccess: 0, .demoteKswapd: 5,
            .demoteDirect: 1, .compactStall: 7,
          ]),
        to: reading(
          seconds: 12,
          [
            .migrateSuccess: 25_600, .migrateFail: 110, .thpMigrationSuccess: 41,
            .thpMigrationFail: 64, .thpMigrationSplit: 42, .numaPagesMigrated: 0,
            .promoteSuccess: 0, .demoteKswapd: 105, .demoteDirect: 101, .compactStall: 9,
          ])))
    #expect(table.header() == header)
    #expect(
      row
        == "03:00:01 12.3k   48 MiB     50 0.40 %    20    20    10     0     0   100     1\n"
    )
  }

  @Test func `have a dash for what the kernel lacks, for a reset and for an unknown rule`() {
    let row = WatchTable(isColoured: false).row(
      time: "03:00:01",
      WatchChange(
        from: reading(seconds: 1, [.migrateSuccess: 50, .migrateFail: 9], includesSplit: nil),
        to: reading(seconds: 2, [.migrateSuccess: 0, .migrateFail: 9], includesSplit: nil)))
    #expect(
      row
        == "03:00:01     -        -      0      -     -     -     -     -     -     -     -\n"
    )
  }

  @Test func `have failures in the page's colour, and nothing else, on a terminal with colours`() {
    let row = WatchTable(isColoured: true).row(
      time: "03:00:01",
      WatchChange(
        from: reading(seconds: 1, [.migrateSuccess: 0, .migrateFail: 0]),
        to: reading(seconds: 2, [.migrateSuccess: 6, .migrateFail: 2])))
    let colour = "\u{1b}[38;5;166m"
    #expect(row.contains("\(colour)2\u{1b}[0m") && row.contains("\(colour)25 %\u{1b}[0m"))
    #expect(row.split(separator: colour).count == 3)
  }

  @Test(arguments: [
    (200, true, 8), (80, false, 8), (80, false, 10), (80, true, 8), (80, true, 10), (40, false, 8),
    (24, false, 8),
  ])
  func `fit their terminal, whatever is left out`(width: Int, hasReasons: Bool, timeWidth: Int) {
    let table = WatchTable(
      isColoured: false, hasReasons: hasReasons, timeWidth: timeWidth, width: width)
    #expect(table.header().count - 1 <= width, "\(table.header())")
    #expect(table.header().contains("pages") && table.header().contains("failed"))
  }

  @Test func `are whole on a terminal of 80 columns`() {
    #expect(WatchTable(isColoured: false, width: 80).header() == header)
  }

  @Test(arguments: [(120, false, 39), (200, true, 60), (200, false, 60), (80, false, 0)])
  func `show the last minute beside them, where there is room`(
    width: Int, hasReasons: Bool, spark: Int
  ) {
    let table = WatchTable(isColoured: false, hasReasons: hasReasons, width: width)
    let row = table.row(time: "03:00:01", change(5000), minute([0, 0, 5000]))
    #expect(row.count - 1 <= width)
    #expect(row.hasSuffix("▁▁▇\n") == (spark > 0))
    #expect(table.header(minute([0, 0, 5000])).hasPrefix("the last minute: ") == (spark == 0))
  }

  @Test(arguments: [
    ([0, 0, 0, 99], false), ([0, 0, 0, 100], true), ([0, 0, 100], false),
    ([1000, 1100, 900, 9000], false), ([1000, 1100, 900, 10_000], true),
    ([5000, 5000, 0, 5000, 5000], false),
  ])
  func `mark a burst, and no storm that goes on`(pages: [UInt64], isBurst: Bool) {
    #expect(minute(pages).isBurst == isBurst)
    let row = WatchTable(isColoured: false).row(
      time: "03:00:01", change(pages.last ?? 0), minute(pages))
    #expect(row.hasPrefix("03:00:01*") == isBurst)
  }

  @Test func `are forgotten after a minute`() {
    var minute = minute([5000])
    for _ in 0..<60 { minute.add(change(0)) }
    #expect(minute.highest == 0)
    #expect(
      minute.sparkline(width: 70) == String(repeating: " ", count: 10)
        + String(repeating: "▁", count: 60))
  }

  @Test func `are summed up as ping does`() {
    let first = reading(seconds: 10, [.migrateSuccess: 1000, .migrateFail: 0, .compactStall: 5])
    var summary = WatchSummary(from: first)
    #expect(summary.text == nil)
    let last = reading(seconds: 70, [.migrateSuccess: 7000, .migrateFail: 2000, .compactStall: 6])
    summary.add(WatchChange(from: first, to: last), to: last, at: "03:00:01", isBurst: true)
    #expect(
      summary.text == """
        --- 1 row in 1 min ---
        migrated 6000 pages (23.4 MiB), 100/s on average, at most 100/s (03:00:01); 1 burst
        failed 2000 pages, 25 % of those tried
        1 allocation stalled for compaction

        """)
  }

  /// The rows show 0, -, 2500 and 2500 pages.
  @Test func `are summed up without what a reset hides`() {
    let summary = summary(of: [(0, 1000), (1, 1000), (2, 0), (3, 2500), (4, 5000)])
    #expect(
      summary == """
        --- 4 rows in 4 s ---
        counters went back once: what grew then is not known, and not in the sums
        migrated 5000 pages (19.5 MiB), 1.67k/s on average, at most 2.50k/s (-)

        """)
  }

  /// The clock of a host that was booted anew begins again, too.
  @Test func `are summed up where the other host is booted anew`() {
    let summary = summary(of: [(1000, 900), (1001, 1000), (5, 4000), (6, 4500)])
    #expect(
      summary == """
        --- 3 rows in 2 s ---
        counters went back once: what grew then is not known, and not in the sums
        migrated 600 pages (2.34 MiB), 300/s on average, at most 500/s (-)

        """)
  }

  @Test func `are summed up where a reset is all that was seen`() {
    #expect(
      summary(of: [(1000, 900), (5, 10)]) == """
        --- 1 row ---
        counters went back once: what grew then is not known, and not in the sums
        how much was migrated is not known

        """)
  }

  /// A copied tree: the row shows a dash, and the sum has none of it.
  @Test func `are summed up without a jump that no machine makes`() {
    #expect(
      summary(of: [(0, 5), (1, 105), (2, .max), (3, .max)]) == """
        --- 3 rows in 3 s ---
        migrated 100 pages (400 KiB), 50/s on average, at most 100/s (-)

        """)
  }

  private func summary(of readings: [(Int, UInt64)]) -> String? {
    let readings = readings.map { reading(seconds: $0, [.migrateSuccess: $1]) }
    var summary = WatchSummary(from: readings[0])
    for (earlier, later) in zip(readings, readings.dropFirst()) {
      summary.add(WatchChange(from: earlier, to: later), to: later, at: "-", isBurst: false)
    }
    return summary.text
  }

  @Test func `are summed up with causes and the slowest calls of their time`() {
    func reading(_ second: Int, _ pages: UInt64, _ slowest: [(Int, Int, String)]) -> WatchReading {
      let causes = ["pinned": pages / 4, "no_target": pages / 2, "locked": 7]
      let counts = WatchReasons.Counts(
        reason: "compaction", pages: pages, timedCalls: pages, duration: .seconds(1), causes: causes
      )
      let calls = slowest.map { ended, milliseconds, caller in
        WatchReasons.SlowestCall(
          reason: "compaction", duration: .milliseconds(milliseconds), pagesMigrated: 40,
          pagesFailed: 2, caller: caller, cgroup: "/db.slice",
          ended: UnixTime(sinceEpoch: .seconds(ended)))
      }
      return WatchReading(
        time: MonotonicTime(sinceBoot: .seconds(second)),
        snapshot: CounterSnapshot([.migrateSuccess: pages]), pageSize: 4096,
        failedIncludesSplit: true,
        reasons: WatchReasons(
          [counts], time: UnixTime(sinceEpoch: .seconds(second)), slowest: calls))
    }
    let readings = [
      reading(10, 0, [(9, 900, "before (1)")]), reading(11, 400, [(9, 900, "before (1)")]),
      reading(12, 800, [(11, 52, "postgres (4711)")]),
      reading(13, 800, [(12, 40, "java\u{1b} (9)")]),
    ]
    var summary = WatchSummary(from: readings[0])
    for (earlier, later) in zip(readings, readings.dropFirst()) {
      summary.add(WatchChange(from: earlier, to: later), to: later, at: "-", isBurst: false)
    }
    #expect(
      summary.text == """
        --- 3 rows in 3 s ---
        migrated 800 pages (3.13 MiB), 267/s on average, at most 400/s (-)
        reasons: compaction 100 % 0 µs
        failed for: no_target 66.7 %, pinned 33.3 %
        slowest call: compaction 52 ms, 40 pages moved, 2 failed, by postgres (4711) in /db.slice

        """)
  }

  @Test func `are JSON for scripts, in which what is not known is null`() {
    let change = WatchChange(
      from: reading(seconds: 1, [.migrateSuccess: 0]), to: reading(seconds: 3, [.migrateSuccess: 9])
    )
    let json = change.json(at: UnixTime(sinceEpoch: .seconds(5)), isBurst: false)
    #expect(
      json == """
        {"schema":1,"time":5.000000000,"seconds":2.000000000,"pages_migrated":4.5,"bytes_migrated":18432,\
        "pages_failed":null,"failure_share":null,"thp_migrated":null,"thp_split":null,"thp_lost":null,\
        "numa_pages_migrated":null,"pages_promoted":null,"pages_demoted":null,"compaction_stalls":null,\
        "burst":false,"reason":null,"reason_share":null,"reason_seconds_per_call":null}

        """)
  }

  /// A second in which so many pages were migrated.
  private func change(_ pages: UInt64) -> WatchChange {
    WatchChange(
      from: reading(seconds: 1, [.migrateSuccess: 0]),
      to: reading(seconds: 2, [.migrateSuccess: pages]))
  }

  private func minute(_ pages: [UInt64]) -> WatchMinute {
    pages.reduce(into: WatchMinute()) { $0.add(change($1)) }
  }
}
