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
      "/echo?a=1&b[]=x%20y&b[]=z+z&c&d=%26", ["x-test: one", "X-TEST: two", "x-tes: three"])
    #expect(answer.text == "header one, two; a=1 b[]=x y b[]=z z c= d=&\n")
    #expect(try server.get("/echo").text == "header none; no query\n")
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
    try waitUntil("the requests have ended") { server.counter.inFlight == 0 }
  }

  @Test func `counts its answers by status`() throws {
    let server = try TestServer()
    for _ in 1...3 { _ = try server.get("/text") }
    _ = try server.get("/nothing")
    _ = try HTTPConnection(server.address).request("POST", "/text")
    try waitUntil("the requests have ended") { server.counter.inFlight == 0 }
    let totals = RequestCounter.codes.indices.map { server.counter.answered(at: $0) }
    #expect(
      Dictionary(uniqueKeysWithValues: zip(RequestCounter.codes, totals)).filter { $0.value > 0 }
        == [200: 3, 404: 1, 405: 1])
  }

  @Test func `answers 503 above its limit, and what must be answered all the same`() throws {
    let server = try TestServer(requests: 2)
    let held = try (1...2).map { _ in try HTTPConnection(server.address) }
    for connection in held {
      try connection.send("GET /text HTTP/1.1\r\nHost: test\r\nContent-Length: 1\r\n\r\n")
    }
    try waitUntil("both are in flight") { server.counter.inFlight == 2 }
    let refused = try server.get("/text")
    #expect(refused.status == 503)
    #expect(refused.header("Retry-After") == "1")
    #expect(refused.text == "503: 2 requests are being answered already\n")
    #expect(try server.get("/always").status == 200)
    for connection in held {
      try connection.send("x")
      #expect(try connection.answer().status == 200)
    }
    try waitUntil("they have ended") { server.counter.inFlight == 0 }
    #expect(try server.get("/text").status == 200)
  }

  @Test func `forgets a request whose client went away`() throws {
    let server = try TestServer(requests: 1)
    do {
      let connection = try HTTPConnection(server.address)
      try connection.send("GET /text HTTP/1.1\r\nHost: test\r\nContent-Length: 1\r\n\r\n")
      try waitUntil("it is in flight") { server.counter.inFlight == 1 }
    }
    try waitUntil("it is forgotten") { server.counter.inFlight == 0 }
    #expect(try server.get("/text").status == 200)
  }

  @Test func `refuses a body that is too large, announced or not`() throws {
    let server = try TestServer()
    let announced = try HTTPConnection(server.address)
      .request("POST", "/text", ["Content-Length: 65537"])
    #expect(announced.status == 413)
    #expect(announced.text == "413: a body may have 65536 bytes; no request here needs one\n")
    let chunked = try HTTPConnection(server.address)
    try chunked.send("GET /text HTTP/1.1\r\nHost: test\r\nTransfer-Encoding: chunked\r\n\r\n")
    let piece = "4000\r\n" + String(repeating: "x", count: 0x4000) + "\r\n"
    // It may close while it is being told.
    for _ in 1...5 { try? chunked.send(piece) }
    #expect(try chunked.rest() == [])
    #expect(try server.get("/text").status == 200)
    try waitUntil("they have ended") { server.counter.inFlight == 0 }
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
    try waitUntil("nothing is in flight") { server.counter.inFlight == 0 }
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
    try waitUntil("nothing is in flight") { server.counter.inFlight == 0 }
  }

  @Test func `lets a request in flight end when it stops, and takes no new one`() throws {
    let server = try TestServer()
    let connection = try HTTPConnection(server.address)
    try connection.send("GET /text HTTP/1.1\r\nHost: test\r\nContent-Length: 1\r\n\r\n")
    try waitUntil("it is in flight") { server.counter.inFlight == 1 }
    let stopping = Thread { server.stop() }
    try connection.send("x")
    #expect(try connection.answer().text == "hello\n")
    stopping.join()
    #expect(server.counter.inFlight == 0)
  }

  @Test func `leaves nothing open when it has stopped`() throws {
    let before = try openFiles().filter { $0.hasPrefix("socket:") }.count
    for _ in 1...20 {
      let server = try TestServer(listeners: 2)
      _ = try server.get("/text")
      server.stop()
    }
    // Other tests open and close theirs meanwhile, but not forty.
    #expect(try openFiles().filter { $0.hasPrefix("socket:") }.count < before + 40)
  }
}

/// A server with a route of each kind.
private final class TestServer: Sendable {
  let addresses: [String]
  let counter = RequestCounter()
  private let server: WebServer

  init(requests: Int = 40, listeners: Int = 1) throws {
    let pool = BodyPool()
    server = WebServer(
      Self.routes(pool), limits: Limits(requests: requests, connections: 100), pool: pool,
      counter: counter)
    var addresses: [String] = []
    for _ in 0..<listeners {
      let listener = try Listener(.tcp(host: "127.0.0.1", port: 0))
      addresses.append(listener.address)
      try server.start(listener)
    }
    self.addresses = addresses
  }

  deinit { server.stop() }

  var address: String { addresses[0] }

  func get(_ path: String, _ headers: [String] = []) throws -> HTTPAnswer {
    try HTTPConnection(address).get(path, headers)
  }

  func stop() { server.stop() }

  private static func routes(_ pool: BodyPool) -> [Route] {
    [
      Route("/text") { _ in .text("hello") },
      Route("/always", answersWhenBusy: true) { _ in .text("always") },
      Route("/large") { _ in
        var response = Response(
          contentType: "text/plain",
          body: ResponseBody(Array(String(repeating: "a large body ", count: 1000).utf8)))
        response.isCompressible = true
        return response
      },
      Route("/echo") { request in
        let query = request.query.map { "\($0.name)=\($0.value)" }.joined(separator: " ")
        return .text(
          "header \(request.header("X-Test") ?? "none"); \(request.hasQuery ? query : "no query")")
      },
      Route("/fill") { request in
        let body = pool.take()
        let letter = request.query[0].value.utf8.first!
        let size = Int(request.query[1].value)!
        body.fill { old in
          var bytes = old
          bytes.removeAll(keepingCapacity: true)
          bytes.append(contentsOf: repeatElement(letter, count: size))
          return bytes
        }
        var response = Response(contentType: "text/plain", body: body)
        response.isCompressible = true
        return response
      },
    ]
  }
}
