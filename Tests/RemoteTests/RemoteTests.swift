import PageMigration
import Remote
import System
import Testing
import Views

@Suite struct `The URL of another exporter` {
  @Test(arguments: [
    ("http://db1", "db1", "80", "/"),
    ("http://db1:10057", "db1", "10057", "/"),
    ("http://[::1]:10057/rates?format=json", "::1", "10057", "/rates?format=json"),
    ("http://[fe80::1]", "fe80::1", "80", "/"),
    ("http://10.0.0.1:1/x", "10.0.0.1", "1", "/x"),
    ("https://db1:10057/rates", "db1", "10057", "/rates"),
    ("https://db1", "db1", "443", "/"),
  ])
  func `has a host, a port and a path`(text: String, host: String, port: String, path: String) {
    let url = HTTPURL(text)
    #expect(url?.host == host && url?.port == port && url?.path == path)
  }

  @Test(arguments: [
    "db1:10057", "ftp://db1", "https://", "http://", "http://:80", "http://h:99999", "http://u@h/",
    "http://h/a b", "http://h\r\nX: y", "http://[::1", "http://::1", "http://::1]:80", "http://[h]",
    "http://[]", "http://[::1]80", "http://h:+80", "http://h:", "http://h:8 0", "http://h:80:81",
  ])
  func `is refused where it is none`(text: String) {
    #expect(HTTPURL(text) == nil)
  }
}

@Suite struct `An answer of /rates` {
  @Test func `is read with exact counts, and what is not known is left out`() {
    let text = """
      {"schema":1,"monotonic_seconds":12.5,"page_size_bytes":16384,"thp_failed_includes_split":null,
      "vmstat":{"pgmigrate_success":18446744073709551615,"of_a_newer_kernel":1}}
      """
    let reading = WatchReading(json: Array(text.utf8))
    #expect(reading?.time == MonotonicTime(sinceBoot: .milliseconds(12_500)))
    #expect(reading?.snapshot[.migrateSuccess] == .max)
    #expect(reading?.snapshot[.migrateFail] == nil)
    #expect(reading?.pageSize == 16384 && reading?.failedIncludesSplit == nil)
  }

  @Test func `has causes and the slowest calls, which other versions may lack`() throws {
    func summary(_ more: String, pages: UInt64, seconds: Int) throws -> WatchReading {
      let text = """
        {"schema":1,"time":\(seconds),"monotonic_seconds":\(seconds),"page_size_bytes":4096,
        "vmstat":{"pgmigrate_success":0},"reasons":{"totals":[{"reason":"demotion","pages_migrated":0,
        "pages_failed":\(pages),"timed_calls":0,"duration_seconds_sum":0\(more)}]
        \(more.isEmpty ? "" : #","slowest_calls":[{"reason":"demotion","seconds":0.5,"ended":2,"command":"kswapd0","pid":7,"cgroup":null,"pages_migrated":1,"pages_failed":0}]"#)}}
        """
      return try #require(WatchReading(json: Array(text.utf8)))
    }
    for isOlder in [true, false] {
      let readings = try [
        summary(isOlder ? "" : #","causes":{"no_target":1}"#, pages: 1, seconds: 1),
        summary(isOlder ? "" : #","causes":{"no_target":5}"#, pages: 5, seconds: 3),
      ]
      var all = WatchSummary(from: readings[0])
      let change = WatchChange(from: readings[0], to: readings[1])
      all.add(change, to: readings[1], at: "-", isBurst: false)
      let text = try #require(all.text)
      #expect(text.contains("failed for: no_target 100 %") != isOlder)
      #expect(text.contains("slowest call: demotion 500 ms, 1 pages moved") != isOlder)
    }
  }

  @Test(arguments: [
    "", "{}", "{\"schema\":2}", "<html>", "{\"schema\":1,\"monotonic_seconds\":-1}",
    "{\"schema\":-1e300}", "{\"schema\":1.5}", String(repeating: "[", count: 100_000),
    String(repeating: "{\"a\":", count: 100_000),
    """
    {"schema":1,"monotonic_seconds":1e400,"page_size_bytes":4096,"vmstat":{}}
    """,
    """
    {"schema":1,"monotonic_seconds":1,"page_size_bytes":-4096,"vmstat":{}}
    """,
    """
    {"schema":1,"monotonic_seconds":1,"page_size_bytes":4096,"vmstat":{"pgmigrate_fail":1.5}}
    """,
    """
    {"schema":1,"monotonic_seconds":1,"page_size_bytes":4096,"vmstat":{},"thp_failed_includes_split":2}
    """,
    """
    {"schema":1,"monotonic_seconds":1,"page_size_bytes":4096,"vmstat":{},"reasons":{"totals":[{}]}}
    """,
  ])
  func `is refused where it is none`(text: String) {
    #expect(WatchReading(json: Array(text.utf8)) == nil)
  }
}
