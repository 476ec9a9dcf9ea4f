import Glibc
import TestSupport

/// A host that sends the same to whoever connects, and closes or sends on for ever.
final class ScriptedServer: Sendable {
  let address: String
  private let process: ChildProcess

  init(_ answer: String, trickles: Bool = false) throws {
    let script = """
      import socket, sys, time
      server = socket.create_server(("127.0.0.1", 0))
      print("%s:%d" % server.getsockname(), flush=True)
      while True:
          client, _ = server.accept()
          try:
              client.recv(4096)
              client.sendall(sys.stdin.buffer.read() if not sys.argv[1:] else b"HTTP/1.0 200 OK\\r\\n\\r\\n")
              while sys.argv[1:]:
                  client.sendall(b" ")
                  time.sleep(0.3)
          except OSError:
              pass
          client.close()
      """
    let process = try ChildProcess(
      ["python3", "-c", script] + (trickles ? ["trickles"] : []), input: Array(answer.utf8))
    try waitUntil("it listens") { try process.output().contains(0x0a) }
    address =
      String(decoding: try process.output(), as: UTF8.self)
      .split(separator: "\n").first.map(String.init) ?? ""
    self.process = process
  }
}
