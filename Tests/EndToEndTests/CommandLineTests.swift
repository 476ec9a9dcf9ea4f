import Glibc
import TestSupport
import Testing

@Suite struct `The command line` {
  @Test(arguments: [
    (["--frobnicate"], "Unknown option '--frobnicate'"),
    (["serve", "--frobnicate"], "Unknown option '--frobnicate'"),
    (["frobnicate"], "Unexpected argument 'frobnicate'"),
    (["print", "--web.listen-address=:1"], "Unknown option '--web.listen-address'"),
    (["--web.listen-address"], "Missing value for '--web.listen-address <address>'"),
    (
      ["--web.listen-address=10057"],
      "The value '10057' is invalid for '--web.listen-address <address>'"
    ),
    (
      ["--web.listen-address=:65536"],
      "The value ':65536' is invalid for '--web.listen-address <address>'"
    ),
    (["--web.max-requests=many"], "The value 'many' is invalid for '--web.max-requests <n>'"),
    (["--web.max-requests=-1"], "--web.max-requests must be 0 or more"),
    (["--web.max-connections=0"], "--web.max-connections must be from 1 to 65536"),
    (
      ["--web.telemetry-path=metrics"],
      "--web.telemetry-path must be a path such as /metrics, not 'metrics'"
    ),
    (["--web.telemetry-path=/"], "--web.telemetry-path must be a path such as /metrics, not '/'"),
    (
      ["--web.systemd-socket", "--web.listen-address=:0"],
      "--web.systemd-socket and --web.listen-address cannot be combined"
    ),
    (["--log.level=loud"], "The value 'loud' is invalid for '--log.level <level>'"),
    (["--log.format=xml"], "The value 'xml' is invalid for '--log.format <format>'"),
  ])
  func `is refused with one line and 64 where it is wrong`(
    arguments: [String], reason: String
  ) throws {
    let result = try Command.run([Exporter.path] + arguments)
    #expect(result.status == .exit(64))
    #expect(result.errors.hasPrefix("page-migration-exporter: \(reason)"))
    #expect(result.errors.hasSuffix(" (see --help)\n"))
    #expect(result.errors.split(separator: "\n").count == 1)
    #expect(result.output == [])
  }

  @Test(arguments: [
    (
      ["--path.procfs=/nowhere"],
      "cannot list /nowhere: No such file or directory (--path.procfs)"
    ),
    (
      ["print", "--path.sysfs=/nowhere"],
      "cannot list /nowhere: No such file or directory (--path.sysfs)"
    ),
    (["--path.procfs=/proc/version"], "cannot list /proc/version: Not a directory (--path.procfs)"),
    (
      ["--web.listen-address=192.0.2.1:0"],
      "cannot listen on 192.0.2.1:0: Cannot assign requested address; ip address shows the addresses of this host"
    ),
    (
      ["--web.systemd-socket"],
      "cannot listen on systemd's sockets: none was passed; is the program started by its socket unit?"
    ),
  ])
  func `that asks for what cannot be started gives one line and 1`(
    arguments: [String], reason: String
  ) throws {
    let result = try Command.run([Exporter.path] + arguments)
    #expect(result.status == .exit(1))
    #expect(result.errors == "page-migration-exporter: \(reason)\n")
  }

  @Test(arguments: [["--version"], ["serve", "--version"]])
  func `tells its version in one line`(arguments: [String]) throws {
    let result = try Command.run([Exporter.path] + arguments)
    #expect(result.status == .exit(0))
    #expect(result.errors == "")
    let format =
      /page-migration-exporter \d+\.\d+\.\d+ \(revision [0-9a-f]{12}, Swift [0-9. a-z]+, libmicrohttpd \d+\.\d+\.\d+\)\n/
    #expect(try format.wholeMatch(in: result.text) != nil)
  }

  @Test func `tells every flag of serve where a user of other exporters looks for it`() throws {
    let root = try Exporter.run("--help")
    #expect(root.status == .exit(0))
    let serve = try Exporter.run("serve", "--help")
    let flags = flags(in: serve.text)
    #expect(flags.count > 15)
    #expect(flags.subtracting(self.flags(in: root.text)) == [])
    for command in ["serve", "print", "watch"] { #expect(root.text.contains("  \(command)")) }
    #expect(try Exporter.run("-h").text == root.text)
    #expect(try Exporter.run("help").text == root.text)
  }

  @Test(arguments: ["bash", "zsh", "fish"])
  func `completes itself in a shell`(shell: String) throws {
    let result = try Exporter.run("--generate-completion-script", shell)
    #expect(result.status == .exit(0))
    for word in ["page-migration-exporter", "web.listen-address", "path.procfs", "print"] {
      #expect(result.text.contains(word), "\(word)")
    }
    if Command.find(shell) != nil {
      let check = try Command.run([shell, "-n"], input: result.output)
      #expect(check.status == .exit(0), "\(check.errors)")
    }
  }

  @Test func `logs lines of JSON where it is asked to`() throws {
    let exporter = try ServingExporter(
      ["--log.format=json"], readyWhen: #""msg":"ready""#)
    #expect(try exporter.stop() == .exit(0))
    let lines = try exporter.process.errors().split(separator: "\n")
    #expect(lines.count == 4)
    for line in lines {
      let format =
        /\{"time":"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3}Z","level":"notice","msg":"[a-z]+"(,"[a-z]+":"[^"]+")?\}/
      #expect(try format.wholeMatch(in: line) != nil, "\(line)")
    }
  }

  @Test func `logs nothing below the level that was asked for`() throws {
    let tree = try TemporaryTree(["proc/x": "", "sys/x": ""])
    let socket = "unix:\(tree.path)/exporter.sock"
    let process = try ChildProcess(
      [Exporter.path, "--web.listen-address=\(socket)", "--log.level=error"]
        + Exporter.flags(tree))
    try waitUntil("it listens") { (try? HTTPConnection(socket)) != nil }
    #expect(try HTTPConnection(socket).get("/metrics").status == 200)
    process.send(SIGTERM)
    #expect(try process.wait() == .exit(0))
    let lines = try process.errors().split(separator: "\n")
    #expect(!lines.isEmpty && lines.allSatisfy { $0.contains("level=error") })
  }

  @Test func `prints to a file that its readers see whole`() throws {
    let tree = try TemporaryTree(["metrics.prom": "old\n"])
    let path = "\(tree.path)/metrics.prom"
    let result = try Exporter.run("print", "--output", path)
    #expect(result.status == .exit(0) && result.text == "" && result.errors == "")
    #expect(try Files.text(path).contains("\npagemigration_pages_migrated_total "))
    #expect(try Files.list(tree.path) == ["metrics.prom"])
  }

  @Test func `prints through a link, and into what is no file`() throws {
    let tree = try TemporaryTree(["metrics.prom": "old\n"])
    let (link, fifo) = ("\(tree.path)/link", "\(tree.path)/fifo")
    try #require(symlink("metrics.prom", link) == 0 && mkfifo(fifo, 0o600) == 0)
    let reader = try ChildProcess(["cat", fifo])
    for path in [link, fifo, "/dev/stdout"] {
      let result = try Exporter.run("print", "--output", path)
      #expect(result.status == .exit(0) && result.errors == "")
      #expect(
        result.text.contains("\npagemigration_pages_migrated_total ") == path.hasSuffix("out"))
    }
    #expect(try reader.wait() == .exit(0))
    for text in [
      try Files.text("\(tree.path)/metrics.prom"),
      String(decoding: try reader.output(), as: UTF8.self),
    ] {
      #expect(text.contains("\npagemigration_pages_migrated_total "))
    }
    #expect(try Files.list(tree.path).sorted() == ["fifo", "link", "metrics.prom"])
  }

  @Test(arguments: [["print"], ["--version"], ["help"], ["explain", "--rules"]])
  func `says where there is no standard output to answer on`(command: [String]) throws {
    let result = try Command.run(["sh", "-c", "exec \"$0\" \"$@\" >&-", Exporter.path] + command)
    #expect(result.status == .exit(1))
    #expect(result.errors.contains("cannot write to standard output: Bad file descriptor"))
  }

  @Test(arguments: ["no-such-folder/metrics.prom", "folder"])
  func `says which file it cannot print to, and leaves nothing behind`(file: String) throws {
    let tree = try TemporaryTree(["folder/in-it": ""])
    let result = try Exporter.run("print", "--output", "\(tree.path)/\(file)")
    #expect(result.status == .exit(1) && result.text == "")
    #expect(result.errors.hasPrefix("page-migration-exporter: cannot write \(tree.path)/\(file): "))
    #expect(try Files.list(tree.path) == ["folder"])
  }

  /// Each mistake is one line that says what to do.
  @Test(arguments: [
    (["serve", "--web.listen-address=nope"], "give it as :10057, 127.0.0.1:10057"),
    (["watch", "--url=db1"], "give it as http://host:10057"),
    (["serve", "--web.head-timeout=soon"], "give it as 500ms, 10s, 5m or 1h"),
    (["serve", "--web.head-timeout=0s"], "--web.head-timeout must be above 0"),
    (["serve", "--web.answer-timeout=0ms"], "--web.answer-timeout must be above 0"),
    (["placement", "abc"], "give it as a process number such as 4711"),
    (["watch", "often"], "give it as seconds such as 0.5 or 10"),
    (["serve", "--log.level=loud"], "provide one of 'debug', 'info', 'warn' or 'error'"),
    (["serve", "--collector.cgroup.allow=a"], "a cgroup's path begins with /"),
    (["help", "nosuch"], "there is no command 'nosuch'"),
  ])
  func `says what a value should have looked like`(arguments: [String], advice: String) throws {
    let result = try Command.run([Exporter.path] + arguments)
    #expect(result.status == .exit(64) && result.text == "")
    #expect(result.errors.contains(advice) && result.errors.split(separator: "\n").count == 1)
  }

  @Test func `asks a running exporter for its health`() throws {
    let exporter = try ServingExporter()
    let url = "http://\(exporter.address)"
    #expect(try Exporter.run("health", "--url", url).status == .exit(0))
    _ = try exporter.stop()
    let result = try Exporter.run("health", "--url", url)
    #expect(result.status == .exit(1))
    #expect(result.errors.contains("/-/ready: Connection refused; no exporter listens there"))
  }

  @Test func `prints to a pipe that nobody reads, as to a reader who has read enough`() throws {
    var ends: [CInt] = [0, 0]
    try #require(pipe(&ends) == 0)
    // Other tests start programs meanwhile, which are not to inherit them.
    for end in ends { _ = fcntl(end, F_SETFD, FD_CLOEXEC) }
    close(ends[0])
    defer { close(ends[1]) }
    let process = try ChildProcess([Exporter.path, "print"], output: ends[1])
    #expect(try process.wait() == .exit(0))
    #expect(try process.errors() == "")
  }

  private func flags(in help: String) -> Set<Substring> {
    Set(help.matches(of: /--[a-z][a-z.-]*[a-z]/).map(\.output))
  }
}
