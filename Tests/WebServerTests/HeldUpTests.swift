import Synchronization
import System
import TestSupport
import Testing
import WebServer

/// Work that hangs, as on a file that does.
@Suite struct `A server whose work hangs` {
  private static let second = ["X-Prometheus-Scrape-Timeout-Seconds: 1"]

  @Test func `has it done by another worker, and the first to end answers`() throws {
    let server = try TestServer()
    #expect(try server.get("/hangs", Self.second).text == "answered by another\n")
    // The one that hangs is left behind: the next does not wait for it.
    #expect(try server.get("/hangs", Self.second).text == "answered by another\n")
    #expect(server.counters.inFlight == 0)
    server.hanging.open()
    #expect(try server.get("/hangs", Self.second).status == 200)
  }

  @Test func `answers 503 at the deadline, and its other routes at once`() throws {
    let server = try TestServer()
    let connection = try HTTPConnection(server.address)
    try connection.send(
      "GET /hangs-for-ever HTTP/1.1\r\nHost: test\r\n\(Self.second[0])\r\n\r\n")
    try waitUntil("it is in flight") { server.counters.inFlight == 1 }
    #expect(try server.get("/always").text == "always\n")
    #expect(try server.get("/text").text == "hello\n")
    let answer = try connection.answer()
    #expect(answer.status == 503)
    #expect(answer.text.hasPrefix("503: timed out"))
    #expect(server.counters.inFlight == 0)
  }

  @Test func `has a thread of its own for a route that was slow, until it is quick again`() throws {
    let server = try TestServer()
    let connection = try server.connect()
    func worker(_ path: String) throws -> String { try connection.get(path).text }
    #expect(try worker("/thread?slow") == "server\n")
    #expect(try worker("/thread") == "worker\n")
    // On a busy machine a quick one may take long, too.
    try waitUntil("it is quick") { try worker("/thread") == "server\n" }
    #expect(server.counters.inFlight == 0)
  }

  @Test func `stops all the same`() throws {
    let server = try TestServer { $0.drainTime = .milliseconds(200) }
    let connection = try HTTPConnection(server.address)
    try connection.send("GET /hangs-for-ever HTTP/1.1\r\nHost: test\r\n\r\n")
    try waitUntil("it is in flight") { server.counters.inFlight == 1 }
    server.stop()
    #expect(server.counters.inFlight == 0)
  }

  @Test func `does equal work once for all who wait`() throws {
    let server = try TestServer()
    let connections = try (1...8).map { _ in try HTTPConnection(server.address) }
    for connection in connections {
      try connection.send("GET /held HTTP/1.1\r\nHost: test\r\n\r\n")
    }
    try waitUntil("all are in flight") { server.counters.inFlight == 8 }
    server.held.open()
    for connection in connections { #expect(try connection.answer().text == "held\n") }
    // One that had begun when the others came, and one for all of them.
    #expect(server.calls.count.load(ordering: .relaxed) <= 2)
    #expect(server.answered == [200: 8])
  }

  @Test func `turns nobody away for what is done anyway`() throws {
    let server = try TestServer(requests: 2)
    let connections = try (1...8).map { _ in try HTTPConnection(server.address) }
    for connection in connections {
      try connection.send("GET /held HTTP/1.1\r\nHost: test\r\n\r\n")
    }
    try waitUntil("all are in flight") { server.counters.inFlight == 8 }
    server.held.open()
    for connection in connections { #expect(try connection.answer().text == "held\n") }
    #expect(server.answered == [200: 8])
  }

  @Test func `lets nobody cut the time of others short`() throws {
    let server = try TestServer()
    let running = try HTTPConnection(server.address)
    try running.send("GET /held?a HTTP/1.1\r\nHost: test\r\n\r\n")
    try waitUntil("it is in flight") { server.counters.inFlight == 1 }
    let waiting = try HTTPConnection(server.address)
    try waiting.send("GET /held HTTP/1.1\r\nHost: test\r\n\r\n")
    try waitUntil("it waits") { server.counters.inFlight == 2 }
    let hasty = try HTTPConnection(server.address)
    #expect(
      try hasty.get("/held", ["X-Prometheus-Scrape-Timeout-Seconds: 0.1"]).status == 503)
    #expect(server.counters.inFlight == 2)
    server.held.open()
    for connection in [running, waiting] { #expect(try connection.answer().text == "held\n") }
  }
}

@Suite struct `A server's patience` {
  @Test func `ends with a head that does not come`() throws {
    let server = try TestServer { $0.headTime = .milliseconds(200) }
    let connection = try HTTPConnection(server.address)
    try connection.send("GET /text HT")
    let answer = try connection.answer()
    #expect(answer.status == 408)
    #expect(try connection.rest() == [])
    #expect(server.counters.timedOut(at: 1) == 1)
  }

  @Test func `ends with a second head that trickles`() throws {
    let server = try TestServer { $0.headTime = .milliseconds(200) }
    let connection = try HTTPConnection(server.address)
    #expect(try connection.get("/text").status == 200)
    try waitUntil("it is closed") {
      (try? connection.send("G")) == nil || server.counters.open == 0
    }
    #expect(server.counters.timedOut(at: 1) == 1)
  }

  @Test func `ends with an answer that is not taken`() throws {
    let server = try TestServer { $0.answerTime = .milliseconds(200) }
    let connection = try HTTPConnection(server.address)
    for _ in 1...20 {
      try connection.send("GET /fill?letter=x&size=4000000 HTTP/1.1\r\nHost: t\r\n\r\n")
    }
    try waitUntil("it is closed") { server.counters.accepted == 1 && server.counters.open == 0 }
    #expect(server.counters.timedOut(at: 2) == 1)
  }

  @Test func `ends with a connection that asks no more`() throws {
    let server = try TestServer { $0.idleTime = .milliseconds(200) }
    let connection = try HTTPConnection(server.address)
    #expect(try connection.get("/text").status == 200)
    #expect(try connection.rest() == [])
    #expect(server.counters.timedOut(at: 0) == 1)
  }

  @Test(arguments: [0, 2], ["/text", "/always"])
  func `ends at once with a client that has said its last, whoever else is there`(
    others: Int, path: String
  ) throws {
    let server = try TestServer()
    let before = try (0..<others).map { _ in try HTTPConnection(server.address) }
    for connection in before { #expect(try connection.get("/text").status == 200) }
    let connection = try HTTPConnection(server.address)
    try connection.send("GET \(path) HTTP/1.1\r\nHost: test\r\n\r\n")
    try connection.finishSending()
    #expect(try connection.answer().status == 200)
    #expect(try connection.rest() == [])
  }

  @Test func `gives the place of one that waits to a newcomer`() throws {
    let server = try TestServer {
      $0.connections = 4
      $0.connectionsPerAddress = 4
    }
    let silent = try (1...20).map { _ in try HTTPConnection(server.address) }
    #expect(try server.get("/text").text == "hello\n")
    try waitUntil("the others are closed") { server.counters.open <= 4 }
    _ = silent
  }
}

/// Requests that two servers could read differently (RFC 9112).
/// Without TLS and within it.
@Suite(.needs(.tool("certtool"))) struct `A head` {
  private static let line = "GET /text HTTP/1.1\r\n"
  private static let host = "Host: test\r\n"

  @Test(
    arguments: [
      (line + host + "Content-Length: 1\r\nContent-Length: 2\r\n\r\n", 400),
      (line + host + "Content-Length: 0\r\nContent-Length: 0\r\n\r\n", 400),
      (line + host + "Content-Length: 1\r\nTransfer-Encoding: chunked\r\n\r\n", 400),
      (line + host + "Content-Length: +1\r\n\r\n", 400),
      (line + host + "Content-Length: 1, 1\r\n\r\n", 400),
      (line + host + "Transfer-Encoding: gzip, chunked\r\n\r\n", 501),
      (line + host + "Transfer-Encoding: x\r\n\r\n", 501),
      (line + host + ": x\r\n\r\n", 400), (line + host + "A : x\r\n\r\n", 400),
      (line + host + "A: x\r\n y\r\n\r\n", 400), (line + host + "A: x\0y\r\n\r\n", 400),
      (line + host + "A\r\n\r\n", 400), (line + host + host + "\r\n", 400),
      (line + "\r\n", 400), (line + "Host: a b\r\n\r\n", 400), (line + "Host: a@b\r\n\r\n", 400),
      ("GET /text HTTP/1.1\nHost: test\n\n", 400), (line + "Host: test\nA: b\r\n\r\n", 400),
      ("GET /text%00x HTTP/1.1\r\n" + host + "\r\n", 400),
      ("GET /text\u{1}x HTTP/1.1\r\n" + host + "\r\n", 400),
      ("GET /text\r\n\r\n", 400), ("GET  /text HTTP/1.1\r\n" + host + "\r\n", 400),
      ("GET /text HTTP/2.0\r\n" + host + "\r\n", 505),
      ("PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n", 505), ("GET /text http/1.1\r\n" + host + "\r\n", 400),
      ("G@T /text HTTP/1.1\r\n" + host + "\r\n", 400),
      (line + host + "Expect: something\r\n\r\n", 417),
      ("GET /text?" + String(repeating: "a&", count: 300) + " HTTP/1.1\r\n" + host + "\r\n", 400),
      (line + host + String(repeating: "A: b\r\n", count: 101) + "\r\n", 431),
      ("\u{16}\u{3}\u{1}\u{2}\0\u{1}\n", 400),
    ], Wire.allCases)
  func `that is not one is refused, and nothing behind it is read`(
    _ row: (head: String, status: Int), wire: Wire
  ) throws {
    let (head, status) = row
    let server = try TestServer(over: wire)
    let connection = try server.connect()
    try connection.send(head + "GET /always HTTP/1.1\r\nHost: test\r\n\r\n")
    let answer = try connection.answer()
    #expect(answer.status == status)
    #expect(answer.text.hasSuffix("\n"))
    #expect(try connection.rest() == [])
    #expect(server.answered == [status: 1])
  }

  @Test(arguments: Wire.allCases)
  func `that is a HEAD and refused is answered with a date and without a body`(wire: Wire) throws {
    let server = try TestServer(over: wire)
    let connection = try server.connect()
    try connection.send("HEAD /text%00 HTTP/1.1\r\nHost: test\r\n\r\n")
    let answer = try connection.answer(hasBody: false)
    #expect(answer.status == 400)
    #expect(answer.header("Content-Length").flatMap { Int($0) }.map { $0 > 0 } == true)
    #expect(answer.header("Date")?.hasSuffix(" GMT") == true)
    #expect(try connection.rest() == [])
  }

  @Test(
    arguments: [
      line + host + "\r\n", "\r\n" + line + host + "\r\n", line + "host:test\r\n\r\n",
      "GET /text HTTP/1.0\r\n\r\n", line + host + "Content-Length: 0\r\n\r\n",
      line + "Host:\r\n\r\n", line + "Host: [::1]:10057\r\n\r\n",
      line + host + "A: \u{e4}\tx\r\nB:\r\n\r\n",
      "GET /text?a=%20&b=%ff HTTP/1.1\r\n" + host + "\r\n",
      "GET http://test/text HTTP/1.1\r\n" + host + "\r\n",
      "GET HTTPS://other:1/text?a=b HTTP/1.1\r\n" + host + "\r\n",
    ], Wire.allCases)
  func `that is one is answered, however it is cut`(head: String, wire: Wire) throws {
    let server = try TestServer(over: wire)
    #expect(try server.connect().sending([head]).answer().text == "hello\n")
    let bytes = Array(head.utf8)
    let cut = bytes.count / 2
    let connection = try server.connect()
    try connection.send(Array(bytes[..<cut]))
    (MonotonicTime.now + .milliseconds(5)).sleep()
    try connection.send(Array(bytes[cut...]))
    #expect(try connection.answer().text == "hello\n")
  }

  /// What the library itself would take for the end of a head is among these.
  @Test(
    arguments: [
      "Content-Length: 1\r\nContent-Length: 2\r\n\r\n", "A : x\r\n\r\n", "Host: b\r\n\r\n",
      "Content-Length: 5\r\nTransfer-Encoding: chunked\r\n\r\n", "A: b\n\n", "A: b\n\r\n",
      "A: b\r\n\n", "\n", ": x\r\n\r\n", ":\n", ":\r\n", "A: b\r\n:\n", "A: b\n\0\r\n", "A: b\r\r",
      "A: b\r\n\r", "A: b\r\n c\r\n\r\n",
    ], Wire.allCases)
  func `is looked at as closely on a connection that goes on`(headers: String, wire: Wire) throws {
    let server = try TestServer(over: wire)
    for path in ["/text", "/always"] {
      for pause in [false, true] {
        let connection = try server.connect()
        let before = "GET \(path) HTTP/1.1\r\nHost: test\r\n\r\n"
        try connection.send(before)
        if pause { #expect(try connection.answer().status == 200) }
        try connection.send(
          "GET /text HTTP/1.1\r\nHost: test\r\n\(headers)" + before)
        if !pause { #expect(try connection.answer().status == 200) }
        #expect(try connection.answer().status == 400)
        #expect(try connection.rest() == [])
      }
    }
    #expect(server.answered == [200: 4, 400: 4])
  }

  @Test(arguments: ["/text", "/always"])
  func `may come before the last one is answered, and in any pieces`(path: String) throws {
    let server = try TestServer()
    let head = Array("GET \(path) HTTP/1.1\r\nHost: test\r\n\r\n".utf8)
    for size in [head.count * 5, head.count + 1, head.count - 1, 7, 1] {
      let connection = try HTTPConnection(server.address)
      var rest = Array(repeatElement(head, count: 5).joined())[...]
      while !rest.isEmpty {
        try connection.send(Array(rest.prefix(size)))
        rest = rest.dropFirst(size)
      }
      for _ in 1...5 { #expect(try connection.answer().status == 200) }
    }
    #expect(server.answered == [200: 25])
  }

  /// What GnuTLS has decrypted no event tells of.
  @Test(arguments: ["/text", "/always"])
  func `that comes with another in one record of TLS is not read, and the connection is closed`(
    path: String
  ) throws {
    let server = try TestServer(over: .tls)
    let head = "GET \(path) HTTP/1.1\r\nHost: test\r\n\r\n"
    for rest in [head, "G", "\n", String(repeating: head, count: 600)] {
      let connection = try server.connect()
      try connection.send(head + rest)
      #expect(try connection.answer().status == 200)
      #expect(try connection.rest() == [])
    }
    #expect(server.answered == [200: 4])
    try waitUntil("all are closed") { server.counters.open == 0 }
  }

  @Test func `has its time within TLS, too`() throws {
    let server = try TestServer(over: .tls) { $0.headTime = .milliseconds(200) }
    let first = try server.connect()
    try first.send("GET /te")
    // Closed before anything came.
    #expect(throws: (any Error).self) { try first.rest() }
    let later = try server.connect()
    #expect(try later.get("/text").status == 200)
    try later.send("GET /te")
    #expect(try later.rest() == [])
    #expect(server.counters.timedOut(at: 1) == 2)
  }

  @Test func `may come byte by byte within TLS, each in a record`() throws {
    let server = try TestServer(over: .tls)
    let connection = try server.connect()
    for _ in 1...3 {
      for byte in "GET /text HTTP/1.1\r\nHost: test\r\nA: \u{e4}\r\n\r\n".utf8 {
        try connection.send([byte])
      }
      #expect(try connection.answer().text == "hello\n")
    }
    for byte in "GET /text HTTP/1.1\r\nHost: test\n".utf8 { try connection.send([byte]) }
    #expect(try connection.answer().status == 400)
    #expect(try connection.rest() == [])
  }

  @Test(arguments: Wire.allCases)
  func `has so many bytes and no more`(wire: Wire) throws {
    let server = try TestServer(over: wire)
    let long = String(repeating: "x", count: 20_000)
    for (size, status) in [(8000, 200), (15_000, 200), (20_000, 431)] {
      let connection = try server.connect()
      #expect(try connection.get("/text", ["X-Long: \(long.prefix(size))"]).status == status)
    }
    #expect(try server.get("/\(long)").status == 414)
  }
}

/// Connections on which nothing happens.
@Suite struct `A connection that only waits` {
  /// Each text is sent together with the end.
  @Test(
    arguments: ["/text", "/always"],
    [
      [whole], [whole, whole], [whole + whole], [whole, ""], [whole, "GET /te"],
      [whole + "GET /te"], [""],
    ])
  func `is closed at once where its client has said its last`(path: String, texts: [String]) throws
  {
    // A look at it after its time would be another reason.
    let server = try TestServer { $0.idleTime = .seconds(600) }
    let connection = try server.connect()
    let texts = texts.map { $0.replacing("/any", with: path) }
    for text in texts.dropLast() {
      try connection.send(text)
      #expect(try connection.answer().status == 200)
    }
    try connection.send(texts.last!)
    try connection.finishSending()
    for _ in texts.last!.ranges(of: "HTTP/1.1") { #expect(try connection.answer().status == 200) }
    #expect(try connection.rest() == [])
    try waitUntil("it is closed") { server.counters.open == 0 }
  }

  private static let whole = "GET /any HTTP/1.1\r\nHost: test\r\n\r\n"

  /// A thread that wakes each second to look at them costs more than the scrapes.
  @Test func `wakes nobody, and is closed when its time is up all the same`() async {
    await #expect(processExitsWith: .success) {
      let server = try TestServer { $0.idleTime = .seconds(6) }
      let connections = try (1...20).map { _ in try HTTPConnection(server.address) }
      for connection in connections { #expect(try connection.get("/text").status == 200) }
      // One look at connections that were new, and one at those that were asked something.
      (MonotonicTime.now + .milliseconds(1500)).sleep()
      let before = try wakes(of: "acceptor")
      (MonotonicTime.now + .milliseconds(2500)).sleep()
      #expect(try wakes(of: "acceptor") == before)
      for connection in connections { #expect(try connection.rest() == []) }
      #expect(server.counters.timedOut(at: 0) == 20)
    }
  }

  @Test func `that begins another head has the time of one`() throws {
    let server = try TestServer {
      $0.idleTime = .seconds(600)
      $0.headTime = .milliseconds(200)
    }
    let connection = try server.connect()
    #expect(try connection.get("/text").status == 200)
    (MonotonicTime.now + .milliseconds(1500)).sleep()
    try connection.send("GET /te")
    #expect(try connection.rest() == [])
    #expect(server.counters.timedOut(at: 1) == 1)
  }
}

/// How often a thread of this process has gone to sleep and come back.
private func wakes(of name: String) throws -> Int {
  for thread in try Files.list("/proc/self/task")
  where try Files.text("/proc/self/task/\(thread)/comm") == name + "\n" {
    let status = try Files.text("/proc/self/task/\(thread)/status")
    return Int(try #require(status.firstMatch(of: /\nvoluntary_ctxt_switches:\s+(\d+)/)).1)!
  }
  throw Failure("there is no thread \(name)")
}
