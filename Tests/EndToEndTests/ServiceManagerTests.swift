import Glibc
import Synchronization
import TestSupport
import Testing

@Suite struct `The service manager` {
  @Test(arguments: [false, true])
  func `hears that the exporter serves, and that it stops`(isAbstract: Bool) throws {
    let manager = try NotifySocket(isAbstract: isAbstract)
    let exporter = try managed(manager)
    try waitUntil("it is ready") { !manager.received("READY=1").isEmpty }
    #expect(manager.received() == ["READY=1\nSTATUS=serving on \(exporter.address)"])
    #expect(try exporter.stop() == .exit(0))
    #expect(manager.received().last == "STOPPING=1\nSTATUS=stopping")
  }

  @Test func `hears when a reload begins, and that it is over`() throws {
    let manager = try NotifySocket()
    let exporter = try managed(manager)
    try waitUntil("it is ready") { !manager.received("READY=1").isEmpty }
    let before = microseconds()
    exporter.process.send(SIGHUP)
    try waitUntil("it has reloaded") { manager.received("READY=1").count == 2 }
    let reload = try #require(manager.received("RELOADING=1").first?.split(separator: "\n"))
    let time = try #require(reload.first { $0.hasPrefix("MONOTONIC_USEC=") }?.dropFirst(15))
    #expect(try (before...microseconds()).contains(#require(UInt64(time))))
    #expect(manager.received().last == "READY=1\nSTATUS=serving on \(exporter.address)")
    #expect(try exporter.get("/metrics").status == 200)
  }

  @Test func `hears twice in its time that all is well, but not of a stopped process`() throws {
    let manager = try NotifySocket()
    let exporter = try managed(manager, ["WATCHDOG_USEC=400000"])
    try waitUntil("it is alive") { manager.received("WATCHDOG=1").count >= 4 }
    exporter.process.send(SIGSTOP)
    pause(milliseconds: 200)
    let count = manager.received("WATCHDOG=1").count
    pause(milliseconds: 1000)
    #expect(manager.received("WATCHDOG=1").count == count)
    exporter.process.send(SIGCONT)
    try waitUntil("it is alive again") { manager.received("WATCHDOG=1").count > count + 1 }
    // No scrape sees anything of it.
    let text = try exporter.get("/metrics").text
    #expect(text.contains("\npagemigration_http_connections_accepted_total 1\n"))
  }

  @Test(arguments: ["WATCHDOG_PID=1", "WATCHDOG_USEC=soon", "WATCHDOG_USEC=-1"])
  func `is not told that all is well where another is meant, or no time is said`(
    variable: String
  ) throws {
    let manager = try NotifySocket()
    let exporter = try managed(manager, ["WATCHDOG_USEC=100000", variable])
    try waitUntil("it is ready") { !manager.received("READY=1").isEmpty }
    pause(milliseconds: 300)
    #expect(manager.received("WATCHDOG=1").isEmpty)
    let isUSEC = variable.hasPrefix("WATCHDOG_USEC")
    #expect(try exporter.log("WATCHDOG_USEC is not a time").count == (isUSEC ? 1 : 0))
  }

  @Test(arguments: [
    "/nowhere/notify", "relative", "@", "vsock:2:1", "/" + String(repeating: "x", count: 200),
  ])
  func `need not be there`(address: String) throws {
    let exporter = try ServingExporter(
      wrapper: ["env", "NOTIFY_SOCKET=\(address)", "WATCHDOG_USEC=100000"])
    #expect(try exporter.get("/metrics").status == 200)
    let isUsable = address == "/nowhere/notify"
    #expect(try exporter.log("NOTIFY_SOCKET is neither").count == (isUsable ? 0 : 1))
    #expect(try exporter.stop() == .exit(0))
  }

  @Test func `holds nothing up where it does not read`() throws {
    let manager = try NotifySocket()
    try manager.fill()
    let exporter = try managed(manager, ["WATCHDOG_USEC=200000"])
    #expect(try exporter.get("/metrics").status == 200)
    exporter.process.send(SIGTERM)
    #expect(try exporter.process.wait(limitSeconds: 6) == .exit(0))
  }
}

@Suite struct `Sockets that systemd passes` {
  @Test func `are all served, and the log has their names`() throws {
    let tree = try TemporaryTree()
    let exporter = try passed(
      names: "web:local:also:last",
      ["tcp", "unix:\(tree.path)/one", "tcp", "unix:\(tree.path)/two"])
    #expect(exporter.addresses.count == 4)
    for address in exporter.addresses {
      #expect(try HTTPConnection(address).get("/metrics").status == 200, "\(address)")
    }
    #expect(try exporter.log("socket=local").count == 1)
    #expect(try exporter.stop() == .exit(0))
    // They are systemd's, and so are their files.
    #expect(Files.isSocket("\(tree.path)/one"))
  }

  @Test(arguments: [
    ("LISTEN_FDS=1 LISTEN_PID=1", "they are for process 1, and this one is "),
    ("LISTEN_FDS=0 LISTEN_PID=$$", "LISTEN_FDS is 0"),
    ("LISTEN_FDS=two LISTEN_PID=$$", "LISTEN_FDS is two"),
    ("LISTEN_FDS=65 LISTEN_PID=$$", "there are 65, and no more than 64 are taken"),
    (
      "LISTEN_FDS=1 LISTEN_PID=$$",
      "the socket that systemd passed is not a listening stream socket (Accept=yes is not supported)"
    ),
  ])
  func `are refused with the reason`(variables: String, reason: String) throws {
    let result = try Command.run(
      [
        "sh", "-c", "\(variables) exec \"$@\" 3</dev/null", "sh", Exporter.path,
        "--web.systemd-socket",
      ],
      limitSeconds: 10)
    #expect(result.status == .exit(1))
    #expect(result.errors.contains(reason), "\(result.errors)")
  }

  /// As it is with systemd: the sockets stay open, one process goes and the next comes.
  @Test func `lose no connection while one process follows another`() throws {
    let listener = try ListeningSocket()
    func start() throws -> ServingExporter {
      try ServingExporter(
        ["--web.systemd-socket"], listen: [],
        wrapper: ["sh", "-c", #"LISTEN_PID=$$ LISTEN_FDS=1 exec "$@""#, "sh"],
        socket: listener.descriptor)
    }
    var exporter = try start()
    let scrapes = Scrapes()
    let clients = (1...4).map { _ in
      Thread {
        while !scrapes.areOver.load(ordering: .relaxed) {
          do {
            let answer = try HTTPConnection(listener.address).get("/metrics?collect[]=vmstat")
            if answer.status != 200 { scrapes.lost("\(answer.status): \(answer.text)") }
          } catch {
            scrapes.lost("\(error)")
          }
          scrapes.count.wrappingAdd(1, ordering: .relaxed)
        }
      }
    }
    try scrapes.awaitMore(100)
    for _ in 1...3 {
      #expect(try exporter.stop() == .exit(0))
      exporter = try start()
      try scrapes.awaitMore(100)
    }
    scrapes.areOver.store(true, ordering: .relaxed)
    for client in clients { client.join() }
    #expect(scrapes.failures == [])
  }
}

/// What the clients of a test have seen.
private final class Scrapes: Sendable {
  let count = Atomic(0)
  let areOver = Atomic(false)
  private let reasons = Mutex<[String]>([])

  var failures: [String] { reasons.withLock { $0 } }

  func lost(_ reason: String) { reasons.withLock { $0.append(reason) } }

  func awaitMore(_ more: Int) throws {
    let before = count.load(ordering: .relaxed)
    try waitUntil("scrapes are answered") { count.load(ordering: .relaxed) >= before + more }
  }
}

/// An exporter that a service manager has started.
private func managed(
  _ manager: NotifySocket, _ variables: [String] = []
) throws -> ServingExporter {
  try ServingExporter(wrapper: ["env", "NOTIFY_SOCKET=\(manager.address)"] + variables)
}

/// An exporter with sockets of its own from descriptor 3 on: `tcp`, or `unix:` and a path.
private func passed(names: String, _ sockets: [String]) throws -> ServingExporter {
  let script = """
    import os, socket, sys
    kept = []
    for number, word in enumerate(sys.argv[1].split(",")):
        if word == "tcp":
            made = socket.socket()
            made.bind(("127.0.0.1", 0))
        else:
            made = socket.socket(socket.AF_UNIX)
            made.bind(word.removeprefix("unix:"))
        made.listen()
        kept.append(made)
    copies = [os.dup2(made.fileno(), 50 + number) for number, made in enumerate(kept)]
    for number, copy in enumerate(copies):
        os.dup2(copy, 3 + number, inheritable=True)
    os.environ.update(LISTEN_PID=str(os.getpid()), LISTEN_FDS=str(len(kept)), LISTEN_FDNAMES=sys.argv[2])
    os.execv(sys.argv[3], sys.argv[3:])
    """
  return try ServingExporter(
    ["--web.systemd-socket"], listen: [],
    wrapper: ["python3", "-c", script, sockets.joined(separator: ","), names])
}

private func microseconds() -> UInt64 {
  var time = timespec()
  clock_gettime(CLOCK_MONOTONIC, &time)
  return UInt64(time.tv_sec) * 1_000_000 + UInt64(time.tv_nsec) / 1000
}
