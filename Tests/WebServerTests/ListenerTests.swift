import TestSupport
import Testing
import WebServer

@Suite struct `A listener` {
  @Test func `on port 0 says which port it got`() throws {
    let address = try bound("127.0.0.1:0")
    #expect(address.hasPrefix("127.0.0.1:") && !address.hasSuffix(":0"))
  }

  @Test(.needs(.ipv6))
  func `without a host takes IPv6 and IPv4`() throws {
    let server = try Serving(":0")
    #expect(server.address.hasPrefix("[::]:"))
    let port = server.address.dropFirst("[::]:".count)
    #expect(try HTTPConnection("127.0.0.1:\(port)").get("/").status == 200)
    #expect(try HTTPConnection("[::1]:\(port)").get("/").status == 200)
  }

  @Test(.needs(.ipv6))
  func `with an IPv6 host takes nothing else`() throws {
    // Another program may have the same port of IPv4 by chance, but hardly three times.
    let refusals = try (1...3).filter { _ in
      let server = try Serving("[::1]:0")
      let port = server.address.dropFirst("[::1]:".count)
      #expect(try HTTPConnection("[::1]:\(port)").get("/").status == 200)
      return (try? HTTPConnection("127.0.0.1:\(port)")) == nil
    }
    #expect(!refusals.isEmpty)
  }

  @Test func `says who has its port`() throws {
    let server = try Serving("127.0.0.1:0")
    #expect(failure(server.address) == "cannot listen on \(server.address): Address already in use")
  }

  @Test(arguments: [
    ("192.0.2.1:0", "cannot listen on 192.0.2.1:0: Cannot assign requested address"),
    (
      "host.invalid:1", "cannot listen on host.invalid:1: Name or service not known"
    ),
    ("unix:/nowhere/x.sock", "cannot listen on unix:/nowhere/x.sock: No such file or directory"),
  ])
  func `says why it cannot be`(address: String, reason: String) {
    #expect(failure(address) == reason)
  }

  @Test func `takes the place of a socket that nobody listens on any more, and leaves none`() throws
  {
    let tree = try TemporaryTree()
    let path = "\(tree.path)/exporter.sock"
    try leaveSocket(at: path)
    #expect(Files.isSocket(path))
    do {
      let server = try Serving("unix:\(path)")
      #expect(server.address == "unix:\(path)")
      #expect(try HTTPConnection(server.address).get("/").status == 200)
      #expect(failure(server.address) == "cannot listen on unix:\(path): Address already in use")
      #expect(try HTTPConnection(server.address).get("/").status == 200)
      server.stop()
    }
    #expect(!Files.exists(path))
  }

  @Test func `leaves the socket of another that has taken its name`() throws {
    let tree = try TemporaryTree()
    let path = "\(tree.path)/exporter.sock"
    let first = try Serving("unix:\(path)")
    Files.remove(path)
    let second = try Serving("unix:\(path)")
    first.stop()
    #expect(try HTTPConnection(second.address).get("/").status == 200)
  }

  /// A hung server's backlog is full: connect(2) would wait for ever.
  @Test func `does not wait for a server that accepts nothing`() throws {
    let tree = try TemporaryTree()
    let path = "\(tree.path)/exporter.sock"
    let script = """
      import socket, sys, time
      server = socket.socket(socket.AF_UNIX)
      server.bind(sys.argv[1])
      server.listen(0)
      clients = [socket.socket(socket.AF_UNIX) for _ in range(4)]
      for client in clients:
          client.setblocking(False)
          client.connect_ex(sys.argv[1])
      print("full", flush=True)
      time.sleep(60)
      """
    let hung = try ChildProcess(["python3", "-c", script, path])
    try waitUntil("it is full") { try !hung.output().isEmpty }
    #expect(failure("unix:\(path)") == "cannot listen on unix:\(path): Address already in use")
  }

  @Test func `never takes the place of a file that is no socket`() throws {
    let tree = try TemporaryTree(["precious": "data", "folder/file": ""])
    for name in ["precious", "folder"] {
      let address = "unix:\(tree.path)/\(name)"
      #expect(failure(address) == "cannot listen on \(address): Address already in use")
    }
    #expect(try Files.text("\(tree.path)/precious") == "data")
  }
}

/// A server that answers `/`.
private final class Serving {
  let address: String
  private let server: WebServer

  init(_ text: String) throws {
    let listener = try Listener(#require(ListenAddress(text)))
    address = listener.address
    server = try WebServer(
      [Route("/") { _ in .line("hello") }], limits: Limits(requests: 8, connections: 8),
      counters: ServerCounters())
    server.start(listener)
  }

  func stop() { server.stop() }

  deinit { server.stop() }
}

private func bound(_ text: String) throws -> String {
  let listener = try Listener(#require(ListenAddress(text)))
  return listener.address
}

private func failure(_ text: String) -> String? {
  do throws(ListenError) {
    _ = try Listener(ListenAddress(text)!)
    return nil
  } catch {
    return error.description
  }
}
