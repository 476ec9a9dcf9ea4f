import Glibc
import TestSupport
import Testing

@Suite struct `The exporter stops` {
  @Test(arguments: [(SIGTERM, "SIGTERM"), (SIGINT, "SIGINT")])
  func `with exit code 0 when it is asked to`(signal: CInt, name: String) throws {
    let exporter = try ServingExporter()
    #expect(try exporter.get("/metrics").status == 200)
    exporter.process.send(signal)
    #expect(try exporter.process.wait() == .exit(0))
    #expect(try exporter.log("msg=stopping signal=\(name)").count == 1)
    #expect(try exporter.log("msg=stopped").count == 1)
  }

  @Test(arguments: [SIGTERM, SIGINT])
  func `after it has answered the request in flight`(signal: CInt) throws {
    let exporter = try ServingExporter()
    let connection = try HTTPConnection(exporter.address)
    try connection.send("GET /metrics HTTP/1.1\r\nHost: test\r\nContent-Length: 1\r\n\r\n")
    try waitForRequestsInFlight(2, exporter)
    exporter.process.send(signal)
    try waitUntil("it is stopping") { try exporter.log("msg=stopping").count == 1 }
    #expect(exporter.process.status() == nil)
    try connection.send("x")
    let answer = try connection.answer()
    #expect(answer.status == 200)
    #expect(answer.text.contains("\npagemigration_build_info{"))
    #expect(try exporter.process.wait() == .exit(0))
  }

  @Test func `after five seconds where a client never ends its request`() throws {
    let exporter = try ServingExporter()
    let connection = try HTTPConnection(exporter.address)
    try connection.send("GET /metrics HTTP/1.1\r\nHost: test\r\nContent-Length: 1\r\n\r\n")
    try waitForRequestsInFlight(2, exporter)
    #expect(try exporter.stop() == .exit(0))
    #expect(try connection.rest() == [])
  }

  @Test func `at once where clients only keep their connections`() throws {
    let exporter = try ServingExporter()
    let connections = try (1...5).map { _ in try HTTPConnection(exporter.address) }
    for connection in connections { _ = try connection.get("/metrics") }
    exporter.process.send(SIGTERM)
    #expect(try exporter.process.wait(limitSeconds: 3) == .exit(0))
    for connection in connections { #expect(try connection.rest() == []) }
  }

  @Test func `at once on the second signal`() throws {
    let exporter = try ServingExporter()
    let connection = try HTTPConnection(exporter.address)
    try connection.send("GET /metrics HTTP/1.1\r\nHost: test\r\nContent-Length: 1\r\n\r\n")
    try waitForRequestsInFlight(2, exporter)
    exporter.process.send(SIGTERM)
    try waitUntil("it is stopping") { try exporter.log("msg=stopping").count == 1 }
    exporter.process.send(SIGTERM)
    #expect(try exporter.process.wait(limitSeconds: 3) == .signal(Int(SIGTERM)))
  }
}

/// Returns when the exporter says that so many requests are in flight, the one that asks among
/// them.
func waitForRequestsInFlight(_ count: Int, _ exporter: ServingExporter) throws {
  try waitUntil("\(count) requests are in flight") {
    try exporter.get("/metrics").text
      .contains("\npagemigration_http_requests_in_flight \(count)\n")
  }
}
