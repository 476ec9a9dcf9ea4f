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
        ]))
    #expect(table.header == header)
    #expect(
      row
        == "03:00:01 12.3k   48 MiB     50 0.40 %    20    20    10     0     0   100     1\n"
    )
  }

  @Test func `have a dash for what the kernel lacks, for a reset and for an unknown rule`() {
    let row = WatchTable(isColoured: false).row(
      time: "03:00:01",
      from: reading(seconds: 1, [.migrateSuccess: 50, .migrateFail: 9], includesSplit: nil),
      to: reading(seconds: 2, [.migrateSuccess: 0, .migrateFail: 9], includesSplit: nil))
    #expect(
      row
        == "03:00:01     -        -      0      -     -     -     -     -     -     -     -\n"
    )
  }

  @Test func `have failures in red, and nothing else, on a terminal with colours`() {
    let row = WatchTable(isColoured: true).row(
      time: "03:00:01", from: reading(seconds: 1, [.migrateSuccess: 0, .migrateFail: 0]),
      to: reading(seconds: 2, [.migrateSuccess: 6, .migrateFail: 2]))
    #expect(row.contains("\u{1b}[31m2\u{1b}[0m") && row.contains("\u{1b}[31m25 %\u{1b}[0m"))
    #expect(row.split(separator: "\u{1b}[31m").count == 3)
  }

  @Test(arguments: [
    (200, true, 8), (80, false, 8), (80, false, 10), (80, true, 8), (80, true, 10), (40, false, 8),
    (24, false, 8),
  ])
  func `fit their terminal, whatever is left out`(width: Int, hasReasons: Bool, timeWidth: Int) {
    let table = WatchTable(
      isColoured: false, hasReasons: hasReasons, timeWidth: timeWidth, width: width)
    #expect(table.header.count - 1 <= width, "\(table.header)")
    #expect(table.header.contains("pages") && table.header.contains("failed"))
  }

  @Test func `are whole on a terminal of 80 columns`() {
    #expect(WatchTable(isColoured: false, width: 80).header == header)
  }
}
