import Glibc
import TestSupport

/// A host that sends what it was told to whoever connects, and closes or sends on for ever.
final class ScriptedServer: Sendable {
  let address: String
  private let process: ChildProcess

  convenience init(_ answer: String, trickles: Bool = false) throws {
    try self.init(inTurn: [answer], trickles: trickles)
  }

  /// - Parameter answers: one for each connection; the last for all that follow.
  convenience init(inTurn answers: [String], trickles: Bool = false) throws {
    let script = """
      import socket, sys, time
      server = socket.create_server(("127.0.0.1", 0))
      print("%s:%d" % server.getsockname(), flush=True)
      answers = sys.stdin.buffer.read().split(b"\\x1e")
      while True:
          client, _ = server.accept()
          try:
              client.recv(4096)
              client.sendall(answers[0] if not sys.argv[1:] else b"HTTP/1.0 200 OK\\r\\n\\r\\n")
              while sys.argv[1:]:
                  client.sendall(b" ")
                  time.sleep(0.3)
          except OSError:
              pass
          client.close()
          answers = answers[1:] or answers
      """
    try self.init(
      running: script, trickles ? ["trickles"] : [], input: answers.joined(separator: "\u{1e}"))
  }

  /// - Parameter script: in Python; it prints its address first.
  init(running script: String, _ arguments: [String] = [], input: String = "") throws {
    let process = try ChildProcess(
      ["python3", "-c", script] + arguments, input: Array(input.utf8))
    try waitUntil("it listens") { try process.output().contains(0x0a) }
    address =
      String(decoding: try process.output(), as: UTF8.self)
      .split(separator: "\n").first.map(String.init) ?? ""
    self.process = process
  }
}
