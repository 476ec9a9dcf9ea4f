import Glibc
import Synchronization
import System
import TestSupport
import Testing
import WebServer

@Suite struct `A web server` {
  @Test func `answers its routes and nothing else`() throws {
    let server = try TestServer()
    #expect(try server.get("/text").text == "hello\n")
    #expect(try server.get("/text").header("Content-Type") == "text/plain; charset=utf-8")
    #expect(try server.get("/text?a=b").status == 200)
    for path in ["/", "/texts", "/Text", "/text/", "//text", "/../text", "*"] {
      #expect(try server.get(path).status == 404, "\(path)")
    }
  }

  @Test func `answers HEAD with the headers of GET and no body`() throws {
    let server = try TestServer()
    let connection = try HTTPConnection(server.address)
    let get = try connection.get("/large")
    let head = try connection.request("HEAD", "/large")
    #expect(head.status == 200)
    #expect(head.header("Content-Length") == "\(get.body.count)")
    #expect(head.header("Content-Type") == get.header("Content-Type"))
    // The connection is in step: no body came.
    #expect(try connection.get("/text").text == "hello\n")
  }

  @Test(arguments: ["POST", "PUT", "DELETE", "PATCH", "OPTIONS", "TRACE", "BREW"])
  func `refuses other methods and says which it has`(method: String) throws {
    let server = try TestServer()
    let answer = try HTTPConnection(server.address).request(method, "/text")
    #expect(answer.status == 405)
    #expect(answer.header("Allow") == "GET, HEAD")
  }

  @Test func `gives a route its headers and its query`() throws {
    let server = try TestServer()
    let answer = try server.get(
      "/echo?a=1&b[]=x%20y&b[]=z+z&c&d=%26", ["accept: one", "ACCEPT: two", "x-accept: three"])
    #expect(answer.text == "takes one, two; a=1 b[]=x y b[]=z z c= d=&\n")
    #expect(try server.get("/echo").text == "takes ; \n")
  }

  @Test func `compresses a large body for a client that takes gzip`() throws {
    let server = try TestServer()
    let plain = try server.get("/large")
    #expect(plain.header("Content-Encoding") == nil)
    let answer = try server.get("/large", ["Accept-Encoding: gzip"])
    #expect(answer.header("Content-Encoding") == "gzip")
    #expect(answer.body.count < plain.body.count)
    let unpacked = try Command.run(["gzip", "-dc"], input: answer.body)
    #expect(unpacked.status == .exit(0))
    #expect(unpacked.output == plain.body)
    // A small one, and one that says nothing of it, stay as they are.
    #expect(try server.get("/text", ["Accept-Encoding: gzip"]).header("Content-Encoding") == nil)
  }

  @Test func `keeps bodies apart that are sent at the same time`() throws {
    let server = try TestServer(listeners: 4)
    try concurrently(8) { number in
      let connection = try HTTPConnection(server.addresses[number % 4])
      for count in 0..<100 {
        let size = 100 + (number * 977 + count * 131) % 20_000
        let letter = Character(UnicodeScalar(UInt8(97 + number)))
        let headers = count % 2 == 0 ? [] : ["Accept-Encoding: gzip"]
        let answer = try connection.get("/fill?letter=\(letter)&size=\(size)", headers)
        let body =
          answer.header("Content-Encoding") == "gzip" && count % 50 == 1
          ? try Command.run(["gzip", "-dc"], input: answer.body).output : answer.body
        if answer.header("Content-Encoding") == nil || count % 50 == 1 {
          #expect(body.count == size && body.allSatisfy { $0 == letter.asciiValue })
        }
      }
    }
    // A client has its answer a moment before the server is done with the request.
    try waitUntil("the requests have ended") { server.counters.inFlight == 0 }
  }

  @Test func `counts its answers by status`() throws {
    let server = try TestServer()
    for _ in 1...3 { _ = try server.get("/text") }
    _ = try server.get("/nothing")
    _ = try HTTPConnection(server.address).request("POST", "/text")
    try waitUntil("the requests have ended") { server.counters.inFlight == 0 }
    #expect(server.answered == [200: 3, 404: 1, 405: 1])
  }

  @Test func `answers 503 above its limit, and what must be answered all the same`() throws {
    let server = try TestServer(requests: 2)
    let held = try (1...2).map { _ in try HTTPConnection(server.address) }
    for (number, connection) in held.enumerated() {
      try connection.send("GET /held?\(number) HTTP/1.1\r\nHost: test\r\n\r\n")
    }
    try waitUntil("both are in flight") { server.counters.inFlight == 2 }
    let refused = try server.get("/text")
    #expect(refused.status == 503)
    #expect(refused.header("Retry-After") == "1")
    #expect(refused.text == "503: 2 requests are being answered already\n")
    #expect(try server.get("/always").status == 200)
    server.held.open()
    for connection in held { #expect(try connection.answer().status == 200) }
    try waitUntil("they have ended") { server.counters.inFlight == 0 }
    #expect(try server.get("/text").status == 200)
  }

  @Test func `forgets a request whose client went away`() throws {
    let server = try TestServer(requests: 1)
    do {
      let connection = try HTTPConnection(server.address)
      try connection.send("GET /held HTTP/1.1\r\nHost: test\r\n\r\n")
      try waitUntil("it is in flight") { server.counters.inFlight == 1 }
    }
    server.held.open()
    try waitUntil("it is forgotten") { server.counters.inFlight == 0 && server.counters.open == 0 }
    #expect(try server.get("/text").status == 200)
  }

  @Test(arguments: [
    ("POST", "Content-Length: 65537", 405), ("PUT", "Content-Length: 5", 405),
    ("GET", "Content-Length: 5", 413), ("GET", "Transfer-Encoding: chunked", 413),
    ("GET", "Content-Length: 5\r\nExpect: 100-continue", 413),
    ("PUT", "Transfer-Encoding: chunked", 405),
  ])
  func `answers a request with a body at its head`(
    method: String, header: String, status: Int
  ) throws {
    let server = try TestServer()
    let connection = try HTTPConnection(server.address)
    // The body never comes.
    #expect(
      try connection.request(method, "/text", header.split(separator: "\r\n").map(String.init))
        .status == status)
    #expect(try connection.rest() == [])
    #expect(server.counters.inFlight == 0)
  }

  @Test func `refuses a path and headers that are too long`() throws {
    let server = try TestServer()
    let long = String(repeating: "x", count: 20_000)
    #expect(try server.get("/\(long)").status == 414)
    #expect(try server.get("/text", ["X-Long: \(long)"]).status == 431)
    #expect(try server.get("/text", ["X-Long: \(long.prefix(8000))"]).status == 200)
  }

  @Test(arguments: [
    "\r\n\r\n\r\n\r\n", "\0\0\0\0\r\n\r\n", "GET\r\n\r\n", "GET /text\r\n\r\n",
    "GET /text HTTP/9.9\r\nHost: test\r\n\r\n", "GET /text HTTP/1.1\r\n\r\n",
    "GET /text HTTP/1.1\r\nHost: test\r\nContent-Length: -1\r\n\r\n",
    "GET /text HTTP/1.1\r\nHost: test\r\nContent-Length: 99999999999999999999999\r\n\r\n",
    "GET /text HTTP/1.1\r\nHost: test\r\nTransfer-Encoding: chunked\r\n\r\nzz\r\n",
    "\u{16}\u{3}\u{1}\u{2}\0\u{1}\0\u{1}\u{fc}\u{3}\u{3}",
    "POST /text HTTP/1.1\r\nHost: test\r\nExpect: 100-continue\r\nContent-Length: 3\r\n\r\nabc",
    ": : :\r\n: :\r\n\r\n", "GET /%zz%0 HTTP/1.1\r\nHost: test\r\n\r\n",
  ])
  func `lives on after bytes that are no request`(bytes: String) throws {
    let server = try TestServer()
    do {
      let connection = try HTTPConnection(server.address)
      try connection.send(bytes)
    }
    #expect(try server.get("/text").status == 200)
    try waitUntil("nothing is in flight") { server.counters.inFlight == 0 }
  }

  @Test(arguments: 1...4)
  func `lives on after random bytes`(seed: UInt64) throws {
    var random = Random(seed: seed)
    let server = try TestServer()
    for _ in 1...50 {
      let connection = try HTTPConnection(server.address)
      let begin = Bool.random(using: &random) ? "GET /text HTTP/1.1\r\n" : ""
      let noise = (0..<Int.random(in: 1...3000, using: &random)).map { _ in
        UInt8.random(in: .min...(.max), using: &random)
      }
      try? connection.send(Array(begin.utf8) + noise)
    }
    #expect(try server.get("/text").status == 200)
    try waitUntil("nothing is in flight") { server.counters.inFlight == 0 }
  }

  @Test func `lets a request in flight end when it stops, and takes no new one`() throws {
    let server = try TestServer()
    let connection = try HTTPConnection(server.address)
    try connection.send("GET /held HTTP/1.1\r\nHost: test\r\n\r\n")
    try waitUntil("it is in flight") { server.counters.inFlight == 1 }
    let stopping = Thread { server.stop() }
    server.held.open()
    #expect(try connection.answer().text == "held\n")
    stopping.join()
    #expect(server.counters.inFlight == 0)
  }

  @Test func `answers once more on each connection that it has when it stops, and then closes it`()
    throws
  {
    let server = try TestServer {
      $0.drainTime = .seconds(20)
      $0.lastHeadTime = .seconds(20)
    }
    let held = try HTTPConnection(server.address)
    try held.send("GET /held HTTP/1.1\r\nHost: test\r\n\r\n")
    try waitUntil("it is in flight") { server.counters.inFlight == 1 }
    let late = try HTTPConnection(server.address)
    let kept = try HTTPConnection(server.address)
    #expect(try kept.get("/text").status == 200)
    let stopping = Thread { server.stop() }
    try waitUntil("nobody is let in") { (try? HTTPConnection(server.address)) == nil }
    for connection in [late, kept] {
      let answer = try connection.get("/text")
      #expect(answer.status == 200 && answer.header("connection") == "close")
      #expect(try connection.rest() == [])
    }
    server.held.open()
    #expect(try held.answer().text == "held\n")
    stopping.join()
  }

  @Test func `is alive until one of its own threads is stuck, but not for a file that hangs`()
    throws
  {
    let server = try TestServer()
    #expect(server.isAlive)
    let hanging = try HTTPConnection(server.address)
    try hanging.send("GET /hangs-for-ever HTTP/1.1\r\nHost: test\r\n\r\n")
    try waitUntil("it is in flight") { server.counters.inFlight == 1 }
    #expect(server.isAlive)
    let connection = try HTTPConnection(server.address)
    try connection.send("GET /stuck HTTP/1.1\r\nHost: test\r\n\r\n")
    try waitUntil("it is stuck") { !server.isAlive }
    server.held.open()
    #expect(try connection.answer().text == "stuck\n")
    try waitUntil("it is alive again") { server.isAlive }
    server.stop()
    #expect(!server.isAlive)
  }

  /// In a process of its own, where nobody else opens anything.
  @Test func `leaves nothing open when it has stopped`() async {
    await #expect(processExitsWith: .success) {
      _ = try TestServer()
      let before = try openFiles().count
      for _ in 1...5 {
        let server = try TestServer(listeners: 2)
        _ = try server.get("/text")
        let idle = try HTTPConnection(server.address)
        let half = try HTTPConnection(server.address)
        try half.send("GET /te")
        server.stop()
        _ = (idle, half)
      }
      try waitUntil("all is closed") { try openFiles().count <= before }
    }
  }
}

/// A server with a route of each kind.
final class TestServer: Sendable {
  let addresses: [String]
  let counters = ServerCounters()
  /// What `/held` waits for.
  let held = Latch()
  /// What the first call of `/hangs` and every call of `/hangs-for-ever` wait for.
  let hanging = Latch()
  let calls = Calls()
  private let server: WebServer

  private let wire: Wire

  init(
    requests: Int = 40, listeners: Int = 1, over wire: Wire = .plain,
    _ adjust: (inout Limits) -> Void = { _ in }
  ) throws {
    self.wire = wire
    var limits = Limits(requests: requests, connections: 100, connectionsPerAddress: 100)
    adjust(&limits)
    server = try WebServer(
      Self.routes(held, hanging, calls), limits: limits, counters: counters,
      config: try wire.config())
    var addresses: [String] = []
    for _ in 0..<listeners {
      let listener = try Listener(.tcp(host: "127.0.0.1", port: 0))
      addresses.append(listener.address)
      server.start(listener)
    }
    self.addresses = addresses
  }

  deinit {
    held.open()
    hanging.open()
    server.stop()
  }

  var address: String { addresses[0] }

  var answered: [Int: UInt64] {
    let totals = ServerCounters.codes.indices.map { counters.answered(at: $0) }
    return Dictionary(uniqueKeysWithValues: zip(ServerCounters.codes, totals))
      .filter { $0.value > 0 }
  }

  func connect() throws -> HTTPConnection {
    try HTTPConnection(address, trusting: wire.authority())
  }

  func get(_ path: String, _ headers: [String] = []) throws -> HTTPAnswer {
    try connect().get(path, headers)
  }

  func stop() { server.stop() }

  var isAlive: Bool { server.isAlive(within: .milliseconds(300)) }

  private static func routes(_ held: Latch, _ hanging: Latch, _ calls: Calls) -> [Route] {
    [
      route("/text") { "hello" },
      Route("/always") { _ in .line("always") },
      // On the thread that serves all connections, where nothing may wait.
      Route("/stuck") { _ in
        .live {
          held.wait()
          return .line("stuck")
        }
      },
      Route("/large") { _ in
        .work(
          Work(key: "") { _, body in
            body = Array(String(repeating: "a large body ", count: 1000).utf8)
            return Head(contentType: "text/plain")
          })
      },
      Route("/echo") { request in
        let query = request.query.map { "\($0.name)=\($0.value)" }.joined(separator: " ")
        let taken = ["one", "two", "three"].filter { request.accept.prefers($0, to: "none") }
        return .line("takes \(taken.joined(separator: ", ")); \(query)")
      },
      Route("/fill") { request in
        let letter = request.query[0].value.utf8.first!
        let size = Int(request.query[1].value)!
        return .work(
          Work(key: "\(letter) \(size)") { _, body in
            body.removeAll(keepingCapacity: true)
            // Of an array, which is copied at once even where nothing is optimised.
            body.append(contentsOf: [UInt8](repeating: letter, count: size))
            return Head(contentType: "text/plain")
          })
      },
      Route("/held") { request in
        .work(
          Work(key: request.query.first?.name ?? "") { _, body in
            calls.count.wrappingAdd(1, ordering: .relaxed)
            held.wait()
            return .line("held", status: 200, into: &body)
          })
      },
      Route("/thread") { request in
        .work(
          Work(key: request.query.first?.name ?? "") { _, body in
            if request.query.first?.name == "slow" { usleep(6_000) }
            let name = (try? Files.text("/proc/thread-self/comm")) ?? "nobody\n"
            return .line(String(name.dropLast()), status: 200, into: &body)
          })
      },
      route("/hangs") {
        if calls.count.wrappingAdd(1, ordering: .relaxed).oldValue == 0 { hanging.wait() }
        return "answered by another"
      },
      route("/hangs-for-ever") {
        hanging.wait()
        return "too late"
      },
    ]
  }

  private static func route(_ path: String, _ text: @escaping @Sendable () -> String) -> Route {
    Route(path) { _ in
      .work(Work(key: "") { _, body in .line(text(), status: 200, into: &body) })
    }
  }
}

final class Calls: Sendable {
  let count = Atomic<Int>(0)
}
