import TestSupport
import Testing

@Suite struct `Endurance` {
  @Test(.timeLimit(.minutes(5)))
  func `10 000 scrapes leave no descriptor open and no memory grown`() throws {
    let exporter = try ServingExporter()
    try scrape(exporter, times: 2000)
    let before = try state(of: exporter)
    try scrape(exporter, times: 10_000)
    let after = try state(of: exporter)
    #expect(after.descriptors == before.descriptors)
    // A page here and there is the allocator's; a byte a scrape would show.
    #expect(after.resident <= before.resident + 256, "kB resident: \(before) then \(after)")
    #expect(try exporter.log("level=error") == [])
    #expect(try exporter.stop() == .exit(0))
  }

  @Test(.timeLimit(.minutes(5)))
  func `8 concurrent scrapers on 4 addresses each get whole expositions`() throws {
    let tree = try TemporaryTree()
    let exporter = try ServingExporter(
      ["--collector.rates.interval=100ms"],
      listen: ["127.0.0.1:0", "127.0.0.1:0", "127.0.0.1:0", "unix:\(tree.path)/exporter.sock"])
    let formats = [
      ["Accept: application/openmetrics-text;version=1.0.0", "Accept-Encoding: gzip"],
      ["Accept: application/openmetrics-text;version=1.0.0"],
      ["Accept: text/plain"],
      ["Accept-Encoding: gzip"],
    ]
    try concurrently(8) { number in
      let connection = try HTTPConnection(exporter.addresses[number % 4])
      let paths = ["/metrics", "/metrics?collect[]=vmstat", "/rates", "/", "/metrics"]
      for count in 0..<100 {
        let path = paths[count % paths.count]
        let answer = try connection.get(path, formats[(number + count) % 4])
        #expect(answer.status == 200)
        guard path == "/metrics", answer.header("Content-Encoding") == nil else { continue }
        #expect(answer.text.hasPrefix("# HELP pagemigration_pages_migrated"))
        let isOpenMetrics =
          answer.header("Content-Type")?.hasPrefix("application/openmetrics-text") == true
        #expect(answer.text.hasSuffix("# EOF\n") == isOpenMetrics)
        #expect(answer.text.contains("\npagemigration_http_requests_in_flight "))
      }
    }
    #expect(try exporter.stop() == .exit(0))
    #expect(try exporter.log("Sanitizer") == [])
  }

  private func scrape(_ exporter: ServingExporter, times: Int) throws {
    let begin = try sockets(of: exporter)
    try concurrently(4) { number in
      var connection = try HTTPConnection(exporter.address)
      for count in 0..<times / 4 {
        // A Prometheus server keeps its connection, curl does not.
        if number == 0 || count % 100 == 0 { connection = try HTTPConnection(exporter.address) }
        let headers = number % 2 == 0 ? ["Accept-Encoding: gzip"] : []
        #expect(try connection.get("/metrics", headers).status == 200)
      }
    }
    // The last connections are closed before their threads end; the exporter learns it soon.
    try waitUntil("the connections are closed") { try sockets(of: exporter) == begin }
  }

  private func sockets(of exporter: ServingExporter) throws -> Int {
    try openFiles(of: exporter.process.pid).filter { $0.hasPrefix("socket:") }.count
  }

  private func state(of exporter: ServingExporter) throws -> (descriptors: Int, resident: Int) {
    let status = try Files.text("/proc/\(exporter.process.pid)/status")
    let resident = try #require(status.firstMatch(of: /VmRSS:\s+(\d+) kB/))
    return (try openFiles(of: exporter.process.pid).count, Int(resident.1)!)
  }
}
