import TestSupport
import Testing

@Suite struct `Over HTTP` {
  let exporter: ServingExporter

  init() throws { exporter = try ServingExporter(Exporter.flags(Fixture("debian-7.2-two-tiers"))) }

  @Test func `the metrics are there, and vary with what is accepted`() throws {
    let answer = try exporter.get("/metrics")
    #expect(answer.status == 200)
    #expect(answer.header("Content-Type") == "text/plain; version=0.0.4; charset=utf-8")
    #expect(answer.header("Vary") == "Accept, Accept-Encoding")
    #expect(answer.header("Content-Encoding") == nil)
    #expect(answer.header("Content-Length") == "\(answer.body.count)")
    #expect(answer.text.contains("\npagemigration_pages_migrated_total 85184\n"))
  }

  @Test(arguments: [
    (
      "application/openmetrics-text;version=1.0.0,application/openmetrics-text;version=0.0.1;q=0.75,text/plain;version=0.0.4;q=0.5,*/*;q=0.1",
      "application/openmetrics-text; version=1.0.0; charset=utf-8"
    ),
    (
      "application/openmetrics-text;version=1.0.0;escaping=allow-utf-8;q=0.6,application/openmetrics-text;version=0.0.1;q=0.5,text/plain;version=1.0.0;escaping=allow-utf-8;q=0.4,text/plain;version=0.0.4;q=0.3,*/*;q=0.2",
      "application/openmetrics-text; version=1.0.0; charset=utf-8; escaping=allow-utf-8"
    ),
    (
      "application/openmetrics-text",
      "application/openmetrics-text; version=0.0.1; charset=utf-8"
    ),
    ("application/openmetrics-text;version=2.0.0", "text/plain; version=0.0.4; charset=utf-8"),
    ("text/plain;version=1.0.0", "text/plain; version=1.0.0; charset=utf-8"),
    ("text/html,*/*;q=0.8", "text/plain; version=0.0.4; charset=utf-8"),
    (
      "text/plain;q=0.5,application/openmetrics-text;version=0.0.1;q=0.7",
      "application/openmetrics-text; version=0.0.1; charset=utf-8"
    ),
  ])
  func `the format is what the client likes best`(accept: String, contentType: String) throws {
    let answer = try exporter.get("/metrics", ["Accept: \(accept)"])
    #expect(answer.header("Content-Type") == contentType)
    let isOpenMetrics = contentType.hasPrefix("application/openmetrics-text")
    #expect(answer.text.hasSuffix("\n# EOF\n") == isOpenMetrics)
    #expect(answer.text.contains("# TYPE pagemigration_pages_migrated counter\n") == isOpenMetrics)
  }

  @Test func `an Accept header may come in pieces`() throws {
    let answer = try exporter.get(
      "/metrics",
      ["Accept: text/plain;q=0.1", "accept: application/openmetrics-text;version=1.0.0"])
    #expect(answer.text.hasSuffix("# EOF\n"))
  }

  @Test func `a client that takes gzip gets it`() throws {
    let answer = try exporter.get(
      "/metrics?collect[]=settings&collect[]=vmstat", ["Accept-Encoding: gzip"])
    #expect(answer.header("Content-Encoding") == "gzip")
    #expect(answer.header("Vary") == "Accept, Accept-Encoding")
    let unpacked = try Command.run(["gzip", "-dc"], input: answer.body)
    #expect(unpacked.status == .exit(0))
    #expect(unpacked.output.count > 3 * answer.body.count)
    #expect(unpacked.text.contains("\npagemigration_pages_migrated_total 85184\n"))
    #expect(
      try exporter.get("/metrics", ["Accept-Encoding: gzip;q=0"]).header("Content-Encoding") == nil)
  }

  @Test(arguments: [
    ("collect[]=vmstat", ["vmstat"]),
    ("collect[]=settings&collect[]=vmstat", ["vmstat", "settings"]),
    ("collect%5B%5D=node", ["node"]),
    ("exclude[]=rates&exclude[]=process", ["vmstat", "node", "settings"]),
    ("collect[]=vmstat&collect[]=vmstat&name[]=x", ["vmstat"]),
  ])
  func `a scrape can choose its collectors`(query: String, expected: [String]) throws {
    let answer = try exporter.get("/metrics?\(query)")
    #expect(answer.status == 200)
    #expect(collectors(in: answer.text, withSuccess: 1) == expected)
    #expect(
      answer.text.contains("pagemigration_pages_migrated_total") == expected.contains("vmstat"))
  }

  @Test(arguments: [
    (
      "collect[]=nothing",
      "400: collect[]: no collector 'nothing' is on; there are vmstat, node, settings,"
    ),
    (
      "exclude[]=nothing",
      "400: exclude[]: no collector 'nothing' is on; there are vmstat, node, settings,"
    ),
    ("collect[]=", "400: collect[]: no collector '' is on; there are vmstat, node, settings,"),
    ("collect[]=vmstat&exclude[]=node", "400: collect[] and exclude[] exclude each other\n"),
  ])
  func `a scrape that cannot be chosen is refused with 400`(query: String, text: String) throws {
    let answer = try exporter.get("/metrics?\(query)")
    #expect(answer.status == 400)
    #expect(answer.text.hasPrefix(text))
  }

  @Test func `a collector that is off cannot be chosen`() throws {
    let exporter = try ServingExporter(["--no-collector.node"])
    #expect(try exporter.get("/metrics?collect[]=node").status == 400)
    #expect(try !exporter.get("/metrics").text.contains("pagemigration_node_"))
  }

  @Test(arguments: [
    ("/-/healthy", 200), ("/-/ready", 200), ("/", 200), ("/metrics", 200), ("/metrics/", 404),
    ("/metric", 404), ("/-/", 404), ("/favicon.ico", 404), ("//metrics", 404), ("/METRICS", 404),
  ])
  func `a path has its status, with HEAD as with GET`(path: String, status: Int) throws {
    let connection = try HTTPConnection(exporter.address)
    let get = try connection.get(path)
    #expect(get.status == status)
    let head = try connection.request("HEAD", path)
    #expect(head.status == status)
    #expect(head.header("Content-Type") == get.header("Content-Type"))
    #expect(try connection.get("/-/ready").text == "ready\n")
  }

  @Test(arguments: ["POST", "PUT", "DELETE", "OPTIONS", "PATCH"])
  func `other methods are refused with 405 and what is allowed`(method: String) throws {
    for path in ["/metrics", "/", "/-/healthy"] {
      let answer = try HTTPConnection(exporter.address).request(method, path)
      #expect(answer.status == 405)
      #expect(answer.header("Allow") == "GET, HEAD")
    }
  }

  @Test func `what is too large is refused with 413, 414 and 431`() throws {
    let long = String(repeating: "x", count: 40_000)
    #expect(try exporter.get("/metrics?\(long)").status == 414)
    #expect(try exporter.get("/metrics", ["X-Long: \(long)"]).status == 431)
    let body = try HTTPConnection(exporter.address)
      .request("GET", "/metrics", ["Content-Length: 1000000"])
    #expect(body.status == 413)
    #expect(try exporter.get("/metrics").status == 200)
  }

  @Test func `forty clients that never send what they announced keep nobody out`() throws {
    let exporter = try ServingExporter()
    let held = try (1...50).map { _ in try HTTPConnection(exporter.address) }
    for (number, connection) in held.enumerated() {
      let method = number % 2 == 0 ? "PUT" : "GET"
      try connection.send("\(method) /metrics HTTP/1.1\r\nHost: test\r\nContent-Length: 9\r\n\r\n")
    }
    let text = try exporter.get("/metrics").text
    #expect(text.contains("\npagemigration_http_requests_in_flight 1\n"))
    for connection in held { #expect([405, 413].contains(try connection.answer().status)) }
  }

  @Test func `a thousand silent connections keep nobody out`() throws {
    let exporter = try ServingExporter(["--web.max-connections=100"])
    var silent: [HTTPConnection] = []
    for _ in 1...1000 { silent.append(try HTTPConnection(exporter.address)) }
    #expect(try exporter.get("/metrics").status == 200)
    #expect(try exporter.get("/-/healthy").text == "healthy\n")
    #expect(try openFiles(of: exporter.process.pid).count < 200)
    _ = silent
  }

  @Test func `bytes that are no HTTP do no harm`() throws {
    for bytes in [
      "\0\0\0\0", "\r\n\r\n", "GET\r\n\r\n", "\u{16}\u{3}\u{1}", "GET /metrics HTTP/1.1\r\n",
    ] {
      let connection = try HTTPConnection(exporter.address)
      try connection.send(bytes)
    }
    #expect(try exporter.get("/metrics").status == 200)
  }

  /// A page of evil.example whose name leads here (DNS rebinding) is no page of this host.
  @Test(arguments: ["/", "/rates", "/explain", "/rates?format=json"])
  func `a foreign name sees nothing of this host`(path: String) throws {
    func status(_ exporter: ServingExporter, _ path: String, _ host: String) throws -> Int {
      let connection = try HTTPConnection(exporter.address)
      // The same connection asks under a name that it may first.
      for name in ["localhost", host] {
        try connection.send("GET \(path) HTTP/1.1\r\nHost: \(name)\r\n\r\n")
        let answer = try connection.answer()
        guard name == host else { continue }
        if answer.status == 421 {
          #expect(
            answer.text
              == "421: this host is not known as \(host); --web.allowed-host adds a name\n")
        }
        return answer.status
      }
      return 0
    }
    #expect(try status(exporter, path, "evil.example:10057") == 421)
    #expect(try status(exporter, path, "127.0.0.1:10057") != 421)
    // Prometheus has whatever name it has for this host.
    #expect(try status(exporter, "/metrics", "evil.example") == 200)
    #expect(try status(exporter, "/-/healthy", "evil.example") == 200)
    let other = try ServingExporter(["--web.allowed-host=evil.example"])
    #expect(try status(other, path, "evil.example") != 421)
  }

  @Test(arguments: [
    "/", "/metrics", "/rates", "/explain", "/-/healthy", "/nothing", "/rates?format=x",
  ])
  func `every answer says what it is, and that it is of now`(path: String) throws {
    for answer in [
      try exporter.get(path), try exporter.get(path, ["Accept: text/html"]),
      try exporter.get(path, ["A : b"]),
      try HTTPConnection(exporter.address).request("POST", path, ["Content-Length: 9"]),
    ] {
      #expect(answer.header("X-Content-Type-Options") == "nosniff")
      #expect(answer.header("Cache-Control") == "no-store")
      #expect(answer.header("Content-Type") != nil)
      #expect(answer.body.last == UInt8(ascii: "\n"))
    }
  }

  @Test func `the metrics are where --web.telemetry-path says`() throws {
    let exporter = try ServingExporter(["--web.telemetry-path=/probe"])
    #expect(try exporter.get("/probe").text.contains("\npagemigration_build_info{"))
    #expect(try exporter.get("/metrics").status == 404)
  }

  @Test func `the exporter's own metrics can be left out`() throws {
    let exporter = try ServingExporter(["--web.disable-exporter-metrics"])
    let text = try exporter.get("/metrics").text
    #expect(!text.contains("process_") && !text.contains("pagemigration_http_"))
    #expect(text.contains("\npagemigration_scrape_collector_success{collector=\"vmstat\"} 1\n"))
    let other = try self.exporter.get("/metrics").text
    #expect(other.contains("\nprocess_open_fds ") && other.contains("\npagemigration_http_"))
  }
}
