import PageMigration
import Testing

@testable import page_migration_exporter

private func reading(
  seconds: UInt64, _ values: [MigrationCounter: UInt64], includesSplit: Bool? = true
) -> WatchReading {
  WatchReading(
    time: seconds * 1_000_000_000, snapshot: CounterSnapshot(values), pageSize: 4096,
    failedIncludesSplit: includesSplit)
}

@Suite struct `The rows of watch` {
  private let header =
    "time     pages/s  bytes/s failed/s  fail%  THP/s split/s lost/s numa/s promo/s demo/s stall/s\n"

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
        == "03:00:01   12.3k   48 MiB       50 0.40 %     20      20     10      0       0    100       1\n"
    )
  }

  @Test func `have a dash for what the kernel lacks, for a reset and for an unknown rule`() {
    let row = WatchTable(isColoured: false).row(
      time: "03:00:01",
      from: reading(seconds: 1, [.migrateSuccess: 50, .migrateFail: 9], includesSplit: nil),
      to: reading(seconds: 2, [.migrateSuccess: 0, .migrateFail: 9], includesSplit: nil))
    #expect(
      row
        == "03:00:01       -        -        0      -      -       -      -      -       -      -       -\n"
    )
  }

  @Test func `have failures in red, and nothing else, on a terminal with colours`() {
    let row = WatchTable(isColoured: true).row(
      time: "03:00:01", from: reading(seconds: 1, [.migrateSuccess: 0, .migrateFail: 0]),
      to: reading(seconds: 2, [.migrateSuccess: 6, .migrateFail: 2]))
    #expect(row.contains("\u{1b}[31m2\u{1b}[0m") && row.contains("\u{1b}[31m25 %\u{1b}[0m"))
    #expect(row.split(separator: "\u{1b}[31m").count == 3)
  }
}

@Suite struct `The URL of another exporter` {
  @Test(arguments: [
    ("http://db1", "db1", "80", "/"),
    ("http://db1:10057", "db1", "10057", "/"),
    ("http://[::1]:10057/rates?format=json", "::1", "10057", "/rates?format=json"),
    ("http://[fe80::1]", "fe80::1", "80", "/"),
    ("http://10.0.0.1:1/x", "10.0.0.1", "1", "/x"),
  ])
  func `has a host, a port and a path`(text: String, host: String, port: String, path: String) {
    let url = HTTPURL(argument: text)
    #expect(url?.host == host && url?.port == port && url?.path == path)
  }

  @Test(arguments: [
    "db1:10057", "https://db1", "http://", "http://:80", "http://h:99999", "http://u@h/",
    "http://h/a b", "http://h\r\nX: y",
  ])
  func `is refused where it is none`(text: String) {
    #expect(HTTPURL(argument: text) == nil)
  }
}

@Suite struct `An answer of /rates` {
  @Test func `is read with exact counts, and what is not known is left out`() {
    let text = """
      {"schema":1,"monotonic_seconds":12.5,"page_size_bytes":16384,"thp_failed_includes_split":null,
      "vmstat":{"pgmigrate_success":18446744073709551615,"of_a_newer_kernel":1}}
      """
    let reading = WatchReading(json: Array(text.utf8))
    #expect(reading?.time == 12_500_000_000)
    #expect(reading?.snapshot[.migrateSuccess] == .max)
    #expect(reading?.snapshot[.migrateFail] == nil)
    #expect(reading?.pageSize == 16384 && reading?.failedIncludesSplit == nil)
  }

  @Test(arguments: [
    "", "{}", "{\"schema\":2}", "<html>", "{\"schema\":1,\"monotonic_seconds\":-1}",
  ])
  func `is refused where it is none`(text: String) {
    #expect(WatchReading(json: Array(text.utf8)) == nil)
  }
}
