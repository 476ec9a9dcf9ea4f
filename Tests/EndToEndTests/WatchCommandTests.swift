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

  @Test(arguments: [SIGINT, SIGTERM])
  func `ends at once when it is asked to, while it sleeps and while it waits for a host`(
    signal: CInt
  ) throws {
    let silent = try ListeningSocket()
    for arguments in [["3600"], ["--url", "http://\(silent.address)"]] {
      let watch = try ChildProcess([Exporter.path, "watch"] + arguments)
      pause(milliseconds: 300)
      #expect(watch.status() == nil)
      watch.send(signal)
      #expect(try watch.wait(limitSeconds: 2) == .exit(0))
    }
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
    ("HTTP/1.0 200 OK\r\n\r\n<html>", "does not answer with the rates"),
    ("HTTP/1.0 200 OK\r\n\r\n{\"schema\":-1e300}", "does not answer with the rates"),
    (
      "HTTP/1.0 200 OK\r\n\r\n{\"schema\":2}",
      "answers in schema 2, and this version knows schema 1"
    ),
    (
      "HTTP/1.0 200 OK\r\n\r\n" + String(repeating: "[", count: 100_000),
      "does not answer with the rates"
    ),
    (
      "HTTP/1.0 200 OK\r\n\r\n{\"schema\":1,\"monotonic_seconds\":1e300,\"page_size_bytes\":1,\"vmstat\":{}}",
      "does not answer with the rates"
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

  @Test func `gives up on a host that sends a byte now and then`() throws {
    let server = try ScriptedServer("HTTP/1.0 200 OK\r\n\r\n", trickles: true)
    let watch = try Command.run(
      [Exporter.path, "watch", "--url", "http://\(server.address)"], limitSeconds: 15)
    #expect(watch.status == .exit(1))
    #expect(watch.errors.contains("no answer within 5 s"))
  }

  /// Without the line of names.
  private func rows(_ output: [UInt8]) -> [Substring] {
    String(decoding: output, as: UTF8.self).split(separator: "\n").filter { !$0.hasPrefix("time") }
  }
}
