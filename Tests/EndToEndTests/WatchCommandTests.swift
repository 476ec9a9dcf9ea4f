import Glibc
import TestSupport
import Testing

@Suite struct `watch` {
  @Test func `prints a row per interval of what has grown`() throws {
    let tree = try TemporaryTree(copyOf: Fixture("debian-6.1-two-nodes").path)
    try tree.write("proc/vmstat", "pgmigrate_success 1000\npgmigrate_fail 0\n")
    let watch = try ChildProcess([Exporter.path, "watch", "0.5", "3"] + Exporter.flags(tree))
    try waitUntil("it shows its first row") { rows(try watch.output()).count == 1 }
    try tree.write("proc/vmstat", "pgmigrate_success 6000\npgmigrate_fail 0\n")
    #expect(try watch.wait(limitSeconds: 10) == .exit(0))
    let shown = rows(try watch.output()).map { $0.split(separator: " ")[1] }
    #expect(shown.count == 3)
    #expect(shown.contains { $0 != "0" } && shown.contains("0"))
  }

  @Test(arguments: [SIGINT, SIGTERM, SIGHUP])
  func `ends at once when it is asked to, while it sleeps and while it waits for a host`(
    signal: CInt
  ) throws {
    let silent = try ListeningSocket()
    for arguments in [["3600"], ["--url", "http://\(silent.address)"]] {
      let watch = try ChildProcess([Exporter.path, "watch"] + arguments)
      try waitUntil("it takes signals itself") { try takes(signal, watch) }
      pause(milliseconds: 100)
      #expect(watch.status() == nil)
      watch.send(signal)
      #expect(try watch.wait(limitSeconds: 2) == .exit(0))
    }
  }

  @Test func `goes on after its terminal where nohup has it so`() throws {
    let watch = try ChildProcess(["nohup", Exporter.path, "watch", "0.1"])
    try waitUntil("it shows its first row") { rows(try watch.output()).count == 1 }
    watch.send(SIGHUP)
    try waitUntil("it shows more") { rows(try watch.output()).count >= 4 }
    watch.send(SIGTERM)
    #expect(try watch.wait(limitSeconds: 2) == .exit(0))
  }

  /// SigBlk of proc(5): a bit for each signal that is left to the thread that waits for it.
  private func takes(_ signal: CInt, _ process: ChildProcess) throws -> Bool {
    let status = try Files.text("/proc/\(process.pid)/status")
    let blocked = status.firstMatch(of: /SigBlk:\s+([0-9a-f]+)/).flatMap { UInt64($0.1, radix: 16) }
    return (blocked ?? 0) >> (signal - 1) & 1 == 1
  }

  @Test func `says so where its output is full, and ends cleanly where nobody reads it`() throws {
    let full = try Command.run(["sh", "-c", "exec \"$0\" watch 0.2 3 > /dev/full", Exporter.path])
    #expect(full.status == .exit(1))
    #expect(
      full.errors
        == "page-migration-exporter: cannot write to standard output: No space left on device\n")
    let closed = try Command.run([
      "sh", "-c", "\"$0\" watch 0.2 3 | true; exit ${PIPESTATUS:-0}", Exporter.path,
    ])
    #expect(closed.status == .exit(0))
    #expect(closed.errors == "")
  }

  /// What a host may answer, and what is said of it. Nothing of it reaches the terminal as it is.
  @Test(arguments: [
    ("", "the answer is not HTTP"),
    ("\u{1b}[31mred", "the answer is not HTTP"),
    ("HTTP/1.0 404 Not\u{1b}[2J Found\r\n\r\n", "the answer is 404 Not?[2J Found"),
    ("HTTP/1.0 301 Moved\r\nLocation: /\r\n\r\n", "the answer is 301 Moved"),
    ("HTTP/1.0 200 OK\r\n\r\n<html>", "did not answer with the rates"),
    ("HTTP/1.0 200 OK\r\n\r\n{\"schema\":-1e300}", "did not answer with the rates"),
    (
      "HTTP/1.0 200 OK\r\n\r\n{\"schema\":2}",
      "answers in schema 2, and this version knows only schema 1"
    ),
    (
      "HTTP/1.0 200 OK\r\n\r\n" + String(repeating: "[", count: 100_000),
      "did not answer with the rates"
    ),
    (
      "HTTP/1.0 200 OK\r\n\r\n{\"schema\":1,\"monotonic_seconds\":1e300,\"page_size_bytes\":1,\"vmstat\":{}}",
      "did not answer with the rates"
    ),
  ])
  func `says in one line what is wrong with another host`(answer: String, reason: String) throws {
    let server = try ScriptedServer(answer)
    let watch = try Command.run([Exporter.path, "watch", "--url", "http://\(server.address)"])
    #expect(watch.status == .exit(1))
    #expect(watch.errors.contains(reason))
    #expect(watch.errors.split(separator: "\n").count == 1)
    #expect(!watch.errors.contains("\u{1b}") && !watch.text.contains("\u{1b}"))
  }

  @Test func `goes on while a host goes, answers nonsense, and comes back`() throws {
    func rates(_ seconds: Int, _ pages: Int, _ more: String = "") -> String {
      "HTTP/1.0 200 OK\r\n\r\n{\"schema\":1,\"monotonic_seconds\":\(seconds),\"page_size_bytes\":4096,"
        + "\"vmstat\":{\"pgmigrate_success\":\(pages)}\(more)}"
    }
    let server = try ScriptedServer(inTurn: [
      rates(1, 1000), "", "HTTP/1.0 302 Found\r\nLocation: http://other/\r\n\r\n",
      "HTTP/1.0 200 OK\r\nContent-Type: text/html\r\n\r\n<!doctype html><title>\u{1b}[2J</title>",
      // A newer version, an older one that knows less, and one that was started anew.
      "HTTP/1.0 200 OK\r\n\r\n{\"schema\":9}", rates(3, 5000, ",\"of_a_newer_version\":[{}]"),
      rates(4, 0), rates(5, 10),
    ])
    let watch = try Command.run(
      [Exporter.path, "watch", "0.1", "7", "--url", "http://\(server.address)"], limitSeconds: 20)
    #expect(watch.status == .exit(0))
    let columns = rows(watch.output).map { $0.split(separator: " ")[1] }
    #expect(columns == ["2k", "-", "10"])
    let complaints = watch.errors.split(separator: "\n")
    #expect(complaints.count == 4)
    for (line, reason) in zip(
      complaints,
      ["the answer is not HTTP", "302 Found", "did not answer with the rates", "in schema 9"])
    {
      #expect(line.contains(reason))
    }
    #expect(!(watch.errors + watch.text).contains("\u{1b}"))
  }

  @Test func `goes on when the exporter that it watches is started anew`() throws {
    let first = try ServingExporter()
    let address = first.address
    let watch = try ChildProcess([Exporter.path, "watch", "0.2", "--url", "http://\(address)"])
    try waitUntil("it shows a row") { rows(try watch.output()).count >= 1 }
    first.process.send(SIGKILL)
    _ = try first.process.wait()
    try waitUntil("it says that there is nobody") { try watch.errors().contains("refused") }
    let before = rows(try watch.output()).count
    let second = try ServingExporter(listen: [address])
    try waitUntil("it shows rows again") { rows(try watch.output()).count > before }
    watch.send(SIGINT)
    #expect(try watch.wait(limitSeconds: 2) == .exit(0))
    #expect(try second.stop() == .exit(0))
  }

  /// `script` gives it a terminal, of which the shell says how wide it is.
  @Test(.needs(.tool("script")), arguments: [1, 20, 50, 80, 200])
  func `fits the terminal that it is shown on`(width: Int) throws {
    let command = "stty cols \(width) rows 10; exec '\(Exporter.path)' watch 0.1 2"
    let shown = try Command.run(["script", "-qec", command, "/dev/null"], limitSeconds: 20)
    #expect(shown.status == .exit(0))
    let lines = shown.text.replacing(/\u{1b}\[[0-9]*m/, with: "").split(separator: "\r\n")
    // The time, pages and failures are there whatever the width; what is said at the end may wrap.
    let table = lines.prefix { !$0.hasPrefix("---") }
    #expect(table.count >= 3)
    for line in table { #expect(line.count <= max(width, 23), "\(line)") }
  }

  @Test func `waits for no more of a host that has said all`() throws {
    let server = try ScriptedServer(
      running: """
        import socket, time
        server = socket.create_server(("127.0.0.1", 0))
        print("%s:%d" % server.getsockname(), flush=True)
        client, _ = server.accept()
        client.sendall(b"HTTP/1.1 200 OK\\r\\nContent-Length: 6\\r\\n\\r\\nready\\nmore")
        time.sleep(60)
        """)
    let health = try Command.run([Exporter.path, "health", "--url=http://\(server.address)"])
    #expect(health.status == .exit(0) && health.errors == "")
  }

  @Test func `gives up on a host that sends a byte now and then`() throws {
    let server = try ScriptedServer("HTTP/1.0 200 OK\r\n\r\n", trickles: true)
    let watch = try Command.run(
      [Exporter.path, "watch", "--url", "http://\(server.address)"], limitSeconds: 15)
    #expect(watch.status == .exit(1))
    #expect(watch.errors.contains("no answer within 5 s"))
  }

  @Test func `sums its rows up, at its end and when it is told to end`() throws {
    let tree = try TemporaryTree(copyOf: Fixture("debian-6.1-two-nodes").path)
    try tree.write("proc/vmstat", "pgmigrate_success 1000\npgmigrate_fail 0\n")
    let counted = try Command.run([Exporter.path, "watch", "0.1", "2"] + Exporter.flags(tree))
    #expect(counted.text.contains(/\n--- 2 rows in \d+ ms ---\nno page was migrated\n/))
    let watch = try ChildProcess([Exporter.path, "watch", "0.2"] + Exporter.flags(tree))
    try waitUntil("it shows its first row") { rows(try watch.output()).count == 1 }
    try tree.write("proc/vmstat", "pgmigrate_success 6000\npgmigrate_fail 0\n")
    try waitUntil("it shows more") { rows(try watch.output()).count >= 4 }
    watch.send(SIGINT)
    #expect(try watch.wait(limitSeconds: 2) == .exit(0))
    let text = String(decoding: try watch.output(), as: UTF8.self)
    #expect(text.contains("\nmigrated 5000 pages (19.5 MiB), "))
  }

  @Test func `prints a line of JSON for each row, and nothing else`() throws {
    let result = try Command.run([Exporter.path, "watch", "--json", "0.1", "3"])
    #expect(result.status == .exit(0) && result.errors == "")
    let lines = result.text.split(separator: "\n")
    #expect(lines.count == 3)
    #expect(lines.allSatisfy { $0.hasPrefix("{\"schema\":1,\"time\":") && $0.hasSuffix("}") })
  }

  /// Without the line of names, and what is said at the end.
  private func rows(_ output: [UInt8]) -> [Substring] {
    String(decoding: output, as: UTF8.self).split(separator: "\n").prefix { !$0.hasPrefix("---") }
      .filter { !$0.hasPrefix("time") }
  }
}
