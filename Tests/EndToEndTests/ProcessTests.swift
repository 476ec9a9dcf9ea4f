import Glibc
import TestSupport
import Testing

/// What the process makes of what surrounds it.
@Suite struct `The process` {
  /// Swift takes the arguments from /proc/self/cmdline: there is none here.
  @Test(
    .needs(.root),
    arguments: [
      (["--version"], TestSupport.ExitStatus.exit(0), "page-migration-exporter "),
      (["serve", "--nonsense"], .exit(64), "nonsense"),
      (["print"], .exit(0), "collector vmstat failed"),
    ])
  func `knows its arguments where there is no /proc`(
    arguments: [String], status: TestSupport.ExitStatus, text: String
  ) throws {
    let script = "mount -t tmpfs none /proc && exec \"$0\" \"$@\""
    let result = try Command.run(
      ["unshare", "--mount", "sh", "-c", script, Exporter.path] + arguments, limitSeconds: 20)
    #expect(result.status == status)
    #expect((result.text + result.errors).contains(text))
  }

  @Test func `goes on after SIGHUP and SIGPIPE`() throws {
    let exporter = try ServingExporter()
    exporter.process.send(SIGHUP)
    exporter.process.send(SIGPIPE)
    pause(milliseconds: 50)
    #expect(try exporter.get("/metrics").status == 200)
    #expect(try exporter.stop() == .exit(0))
  }

  @Test func `goes on after it was stopped for 20 s, of which it knows no rate`() async throws {
    let exporter = try ServingExporter(["--collector.rates.interval=100ms"])
    let tenSeconds = "\npagemigration_pages_migrated_per_second{window=\"10s\"} "
    try await Task.sleep(for: .seconds(10))
    try waitUntil("ten seconds are known") {
      try exporter.get("/metrics").text.contains(tenSeconds)
    }
    exporter.process.send(SIGSTOP)
    try await Task.sleep(for: .seconds(20))
    exporter.process.send(SIGCONT)
    let answer = try exporter.get("/metrics")
    #expect(answer.status == 200)
    #expect(!answer.text.contains(tenSeconds))
    #expect(try exporter.get("/rates").status == 200)
  }

  @Test(arguments: ["2>&-", "<&- >&- 2>&-", ">/dev/full 2>/dev/full"])
  func `serves with standard descriptors closed or full`(redirections: String) throws {
    let folder = try TemporaryTree()
    let socket = "\(folder.path)/exporter.sock"
    let exporter = try ChildProcess([
      "sh", "-c", "exec \"$0\" \"$@\" \(redirections)", Exporter.path,
      "--web.listen-address=unix:\(socket)",
    ])
    try waitUntil("it serves") { Files.isSocket(socket) }
    try waitUntil("it answers") {
      (try? HTTPConnection("unix:\(socket)").get("/metrics").status) == 200
    }
    // Nothing of its own is where others look for the standard descriptors.
    for number in 0...2 {
      var target = [CChar](repeating: 0, count: 256)
      let count = readlink("/proc/\(exporter.pid)/fd/\(number)", &target, 255)
      #expect(count > 0 && target[0] == CChar(bitPattern: UInt8(ascii: "/")))
    }
    exporter.send(SIGTERM)
    #expect(try exporter.wait(limitSeconds: 6) == .exit(0))
  }

  /// A pipe takes 64 KiB; each scrape of these changing failures logs a line.
  @Test func `serves and ends though nobody reads its log`() throws {
    var ends: [CInt] = [0, 0]
    try #require(pipe(&ends) == 0)
    defer { for end in ends { close(end) } }
    let tree = try TemporaryTree(copyOf: Fixture("debian-6.1-two-nodes").path)
    let socket = "\(tree.path)/exporter.sock"
    let exporter = try ChildProcess(
      ["sh", "-c", "exec \"$0\" \"$@\" 2>&1", Exporter.path, "--web.listen-address=unix:\(socket)"]
        + Exporter.flags(tree), output: ends[1])
    try waitUntil("it serves") {
      (try? HTTPConnection("unix:\(socket)").get("/-/ready").status) == 200
    }
    let connection = try HTTPConnection("unix:\(socket)")
    let name = String(repeating: "x", count: 60)
    for number in 1...1200 {
      try tree.write("proc/vmstat", String(repeating: "a 1\n", count: number) + "\(name)\n")
      #expect(try connection.get("/metrics?collect[]=vmstat").status == 200)
    }
    let text = try connection.get("/metrics").text
    let dropped = try #require(
      text.firstMatch(of: /\npagemigration_log_lines_dropped_total (\d+)/)?.1)
    #expect(Int(dropped)! > 0)
    exporter.send(SIGTERM)
    #expect(try exporter.wait(limitSeconds: 8) == .exit(0))
  }

  @Test(.needs(.root), arguments: [[], ["--collector.reasons"]])
  func `of root has no capability, and can gain none`(flags: [String]) throws {
    let exporter = try ServingExporter(flags)
    let threads = try Files.list("/proc/\(exporter.process.pid)/task")
    // Some have little to do, and are gone by now.
    let states = threads.compactMap {
      try? Files.text("/proc/\(exporter.process.pid)/task/\($0)/status")
    }
    #expect(states.count >= 5)
    for status in states {
      for set in ["CapInh", "CapPrm", "CapEff", "CapBnd", "CapAmb"] {
        #expect(status.contains("\n\(set):\t0000000000000000\n"), "\(set)")
      }
      #expect(status.contains("\nNoNewPrivs:\t1\n"))
    }
  }

  @Test(.needs(.root)) func `becomes the user that is named`() throws {
    let exporter = try ServingExporter(["--user=nobody"])
    let status = try Files.text("/proc/\(exporter.process.pid)/status")
    #expect(status.firstMatch(of: /\nUid:\t65534\t65534\t65534\t65534\n/) != nil)
    #expect(status.contains("\nGroups:\t \n"))
    let text = try exporter.get("/metrics").text
    #expect(text.matches(of: /collector_success\{collector="\w+"\} 1\n/).count >= 5)
    #expect(text.contains("\nprocess_open_fds "))
  }

  @Test(.needs(.root)) func `does not start where there is no such user`() throws {
    let result = try Exporter.run("--web.listen-address=127.0.0.1:0", "--user=no-such-user")
    #expect(result.status == .exit(1))
    #expect(
      result.errors.hasSuffix(
        "page-migration-exporter: cannot drop privileges: there is no user no-such-user\n"))
  }

  @Test(.needs(.tool("prlimit")), arguments: [6, 24])
  func `does not start with too few descriptors, and says so`(count: Int) throws {
    let result = try Command.run(
      ["prlimit", "--nofile=\(count)", Exporter.path, "--web.listen-address=127.0.0.1:0"],
      limitSeconds: 10)
    #expect(result.status == .exit(1))
    let last = try #require(result.errors.split(separator: "\n").last)
    #expect(last.hasPrefix("page-migration-exporter: "))
  }

  @Test(.needs(.tool("prlimit"))) func `serves fewer connections with few descriptors`() throws {
    let exporter = try ServingExporter(wrapper: ["prlimit", "--nofile=64"])
    let silent = try (1...100).map { _ in try HTTPConnection(exporter.address) }
    let text = try exporter.get("/metrics").text
    #expect(text.matches(of: /collector_success\{collector="\w+"\} 1\n/).count >= 5)
    withExtendedLifetime(silent) {}
  }
}
