import Glibc
import TestSupport
import Testing

@Suite struct `The exporter listens` {
  @Test func `on several addresses at once`() throws {
    let tree = try TemporaryTree()
    let exporter = try ServingExporter(
      listen: ["127.0.0.1:0", "127.0.0.1:0", "unix:\(tree.path)/one.sock"])
    #expect(exporter.addresses.count == 3)
    #expect(Set(exporter.addresses).count == 3)
    for address in exporter.addresses {
      #expect(try HTTPConnection(address).get("/metrics").status == 200, "\(address)")
    }
    #expect(try exporter.stop() == .exit(0))
    #expect(!Files.exists("\(tree.path)/one.sock"))
  }

  @Test(.needs(.ipv6))
  func `on IPv6 and IPv4 where only a port is given`() throws {
    let exporter = try ServingExporter(listen: [":0"])
    #expect(exporter.address.hasPrefix("[::]:"))
    let port = exporter.address.dropFirst("[::]:".count)
    for host in ["127.0.0.1", "[::1]"] {
      #expect(try HTTPConnection("\(host):\(port)").get("/-/healthy").text == "healthy\n")
    }
  }

  @Test(.needs(.ipv6))
  func `on IPv6`() throws {
    let exporter = try ServingExporter(listen: ["[::1]:0"])
    #expect(exporter.address.hasPrefix("[::1]:"))
    #expect(try exporter.get("/-/ready").text == "ready\n")
  }

  @Test func `on a port that was asked for`() throws {
    let port = try freePort()
    let exporter = try ServingExporter(listen: ["127.0.0.1:\(port)"])
    #expect(exporter.addresses == ["127.0.0.1:\(port)"])
    #expect(try exporter.get("/metrics").status == 200)
  }

  @Test func `in the place of a socket that a killed one left`() throws {
    let tree = try TemporaryTree()
    let path = "\(tree.path)/exporter.sock"
    let killed = try ServingExporter(listen: ["unix:\(path)"])
    killed.process.send(SIGKILL)
    #expect(try killed.process.wait() == .signal(Int(SIGKILL)))
    #expect(Files.isSocket(path))
    let exporter = try ServingExporter(listen: ["unix:\(path)"])
    #expect(try exporter.get("/metrics").status == 200)
  }

  @Test func `nowhere where one of its addresses is taken`() throws {
    let tree = try TemporaryTree()
    let first = try ServingExporter()
    let socket = "unix:\(tree.path)/exporter.sock"
    let second = try Exporter.run(
      "--web.listen-address=\(socket)", "--web.listen-address=\(first.address)")
    #expect(second.status == .exit(1))
    let reason =
      "page-migration-exporter: cannot listen on \(first.address): Address already in use; "
    #expect(second.errors.contains(reason))
    #expect(!Files.exists("\(tree.path)/exporter.sock"))
    let third = try Exporter.run("--web.listen-address=\(first.address)")
    #expect(third.status == .exit(1))
    #expect(third.errors.hasPrefix(reason))
    #expect(try first.get("/metrics").status == 200)
  }

  @Test func `on the sockets that systemd passes`() throws {
    // As systemd does it: a listening socket as descriptor 3, and who it is for in the environment.
    let listener = try ListeningSocket()
    let script = #"LISTEN_PID=$$ LISTEN_FDS=1 exec "$@""#
    let exporter = try ServingExporter(
      ["--web.systemd-socket"], listen: [], wrapper: ["sh", "-c", script, "sh"],
      socket: listener.descriptor)
    #expect(exporter.addresses == [listener.address])
    #expect(try exporter.get("/metrics").status == 200)
    #expect(try exporter.stop() == .exit(0))
  }
}
