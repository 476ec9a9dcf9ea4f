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

  /// As where both the service manager and a terminal say so.
  @Test func `in order where it is told so twice`() throws {
    let folder = try TemporaryTree()
    let socket = "\(folder.path)/exporter.sock"
    let exporter = try ServingExporter(listen: ["unix:\(socket)"])
    for _ in 1...20 { exporter.process.send(SIGTERM) }
    exporter.process.send(SIGINT)
    #expect(try exporter.process.wait() == .exit(0))
    #expect(try exporter.log("msg=stopped").count == 1)
    #expect(!Files.exists(socket))
  }

  @Test func `without waiting for a client that never ends its request`() throws {
    let exporter = try ServingExporter()
    let connection = try HTTPConnection(exporter.address)
    try connection.send("GET /metrics HTTP/1.1\r\nHost: test\r\n")
    exporter.process.send(SIGTERM)
    #expect(try exporter.process.wait(limitSeconds: 3) == .exit(0))
    #expect(try connection.rest() == [])
  }

  /// What is refused then is sent by the library's last calls.
  @Test(arguments: 0..<8)
  func `in order where idle clients ask for two things at once`(milliseconds: Int) throws {
    let exporter = try ServingExporter(["--web.max-connections-per-address=512"])
    let connections = try (1...100).map { _ in try HTTPConnection(exporter.address) }
    for connection in connections { _ = try connection.get("/-/healthy") }
    exporter.process.send(SIGTERM)
    usleep(useconds_t(milliseconds * 500))
    let request = "GET /nope HTTP/1.1\r\nHost: test\r\n\r\n"
    for connection in connections { try? connection.send(request + request) }
    #expect(try exporter.process.wait() == .exit(0))
    #expect(try exporter.log("msg=stopped").count == 1)
  }

  @Test func `at once where clients only keep their connections`() throws {
    let exporter = try ServingExporter()
    let connections = try (1...5).map { _ in try HTTPConnection(exporter.address) }
    for connection in connections { _ = try connection.get("/metrics") }
    exporter.process.send(SIGTERM)
    #expect(try exporter.process.wait(limitSeconds: 3) == .exit(0))
    for connection in connections { #expect(try connection.rest() == []) }
  }
}
