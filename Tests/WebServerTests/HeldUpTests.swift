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

  @Test func `ends at once with a client that has said its last`() throws {
    let server = try TestServer()
    let connection = try HTTPConnection(server.address)
    try connection.send("GET /text HTTP/1.1\r\nHost: test\r\n\r\n")
    try connection.finishSending()
    #expect(try connection.answer().text == "hello\n")
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
@Suite struct `A head` {
  private static let line = "GET /text HTTP/1.1\r\n"
  private static let host = "Host: test\r\n"

  @Test(arguments: [
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
  ])
  func `that is not one is refused, and nothing behind it is read`(head: String, status: Int) throws
  {
    let server = try TestServer()
    let connection = try HTTPConnection(server.address)
    try connection.send(head + "GET /always HTTP/1.1\r\nHost: test\r\n\r\n")
    let answer = try connection.answer()
    #expect(answer.status == status)
    #expect(answer.text.hasSuffix("\n"))
    #expect(try connection.rest() == [])
    #expect(server.answered == [status: 1])
  }

  @Test(arguments: [
    line + host + "\r\n", "\r\n" + line + host + "\r\n", line + "host:test\r\n\r\n",
    "GET /text HTTP/1.0\r\n\r\n", line + host + "Content-Length: 0\r\n\r\n",
    line + "Host:\r\n\r\n", line + "Host: [::1]:10057\r\n\r\n",
    line + host + "A: \u{e4}\tx\r\nB:\r\n\r\n",
    "GET /text?a=%20&b=%ff HTTP/1.1\r\n" + host + "\r\n",
  ])
  func `that is one is answered, however it is cut`(head: String) throws {
    let server = try TestServer()
    #expect(try HTTPConnection(server.address).sending([head]).answer().text == "hello\n")
    let bytes = Array(head.utf8)
    let cut = bytes.count / 2
    let connection = try HTTPConnection(server.address)
    try connection.send(Array(bytes[..<cut]))
    (MonotonicTime.now + .milliseconds(5)).sleep()
    try connection.send(Array(bytes[cut...]))
    #expect(try connection.answer().text == "hello\n")
  }

  @Test(arguments: [
    "Content-Length: 1\r\nContent-Length: 2", "A : x", "Host: b",
    "Content-Length: 5\r\nTransfer-Encoding: chunked",
  ])
  func `is looked at again on a connection that goes on`(header: String) throws {
    let server = try TestServer()
    let connection = try HTTPConnection(server.address)
    #expect(try connection.get("/text").status == 200)
    try connection.send("GET /text HTTP/1.1\r\nHost: test\r\n\(header)\r\n\r\n")
    #expect((400..<500).contains(try connection.answer().status))
    #expect(try connection.rest() == [])
  }
}
