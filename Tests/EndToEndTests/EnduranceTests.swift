import TestSupport
import Testing

@Suite struct `Endurance` {
  /// As `make soak` sets it; otherwise a hundredth of that.
  private static let scrapes = Environment.value("SOAK").flatMap { Int($0) } ?? 10_000

  @Test(.timeLimit(.minutes(60)))
  func `scrapes without end leave no descriptor, no thread and no memory behind`() throws {
    // Once a second: ten minutes of samples at 100 ms would grow to 0.6 MB meanwhile, and no further.
    try soak(ServingExporter(["--collector.rates.interval=1s"]), as: Client())
  }

  /// As a Prometheus server scrapes that has been given a certificate authority and a password.
  @Test(.timeLimit(.minutes(60)), .needs(.tool("certtool")))
  func `scrapes without end over TLS and with a password leave nothing behind either`() throws {
    let folder = try ConfiguredFolder(
      ConfiguredFolder.pair + "basic_auth_users:\n  alice: \(hunter2)\n")
    let client = Client(
      authority: Array(try folder.authority.text("ca.crt").utf8),
      headers: ["Authorization: Basic YWxpY2U6aHVudGVyMg=="])
    try soak(folder.serve(["--collector.rates.interval=1s"]), as: client)
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

  /// How a server is asked.
  private struct Client: Sendable {
    /// In PEM. Nil without TLS.
    var authority: [UInt8]?
    var headers: [String] = []
  }

  private func soak(_ exporter: ServingExporter, as client: Client) throws {
    // What sixteen handshakes at once want of memory is there after a few rounds of them.
    for _ in 1...5 { try scrape(exporter, as: client, times: max(800, Self.scrapes / 50)) }
    let before = try state(of: exporter)
    let begin = ContinuousClock.now
    try scrape(exporter, as: client, times: Self.scrapes)
    let after = try state(of: exporter)
    let kind = client.authority == nil ? "" : " over TLS"
    print("\(Self.scrapes) scrapes\(kind): \(before) then \(after), \(ContinuousClock.now - begin)")
    #expect(after.descriptors == before.descriptors)
    // A worker that has nothing to do ends after a while.
    try waitUntil("no thread is left over") {
      try state(of: exporter).threads <= before.threads
    }
    // A few pages are the allocator's, more where the machine is busy and many wait; `make soak` would
    // show a byte for each second scrape.
    let allowed = max(512, Self.scrapes / 2000)
    #expect(after.resident <= before.resident + allowed, "kB resident: \(before) then \(after)")
    #expect(try exporter.log("level=error") == [])
    #expect(try exporter.stop() == .exit(0))
  }

  private func scrape(_ exporter: ServingExporter, as client: Client, times: Int) throws {
    let begin = try sockets(of: exporter)
    try concurrently(16) { number in
      var connection = try HTTPConnection(exporter.address, trusting: client.authority)
      for count in 0..<times / 16 {
        // A Prometheus server keeps its connection, curl does not.
        if number == 0 || count % 100 == 0 {
          connection = try HTTPConnection(exporter.address, trusting: client.authority)
        }
        let headers = client.headers + (number % 2 == 0 ? ["Accept-Encoding: gzip"] : [])
        #expect(try connection.get("/metrics", headers).status == 200)
      }
    }
    // The last connections are closed before their threads end; the exporter learns it soon.
    try waitUntil("the connections are closed") { try sockets(of: exporter) == begin }
  }

  private func sockets(of exporter: ServingExporter) throws -> Int {
    try openFiles(of: exporter.process.pid).filter { $0.hasPrefix("socket:") }.count
  }

  private func state(of exporter: ServingExporter) throws -> (
    descriptors: Int, threads: Int, resident: Int
  ) {
    let status = try Files.text("/proc/\(exporter.process.pid)/status")
    let resident = try #require(status.firstMatch(of: /VmRSS:\s+(\d+) kB/))
    let threads = try Files.list("/proc/\(exporter.process.pid)/task").count
    return (try openFiles(of: exporter.process.pid).count, threads, Int(resident.1)!)
  }
}
