import Glibc
import TestSupport
import Testing

/// What people do wrong, and what their machines lack: each is one line that says what to do.
@Suite struct `A mistake is answered with what to do:` {
  /// Wrong usage is refused with 64, and what cannot be started or reached with 1.
  @Test(arguments: [
    (
      ["--collector.reason"], 64,
      "Unknown option '--collector.reason'. Did you mean '--collector.reasons'?"
    ),
    (["wach"], 64, "Unexpected argument 'wach'. Did you mean 'watch'? (see --help)"),
    (["--web.listen-address=10057"], 64, "give it as :10057, 127.0.0.1:10057"),
    (["--collector.rates.interval=1"], 64, "give it as 500ms, 10s, 5m or 1h"),
    (["watch", "--url=ftp://db1"], 64, "give it as http://host:10057"),
    (["watch", "0"], 64, "SECONDS must be from 0.1 to 3600"),
    (["placement"], 64, "<pid>"),
    (
      ["--web.listen-address=127.0.0.1:TAKEN"], 1,
      "--web.listen-address sets another address"
    ),
    (["--web.listen-address=192.0.2.1:0"], 1, "ip address shows the addresses of this host"),
    (["--web.listen-address=unix:/no/such/folder"], 1, "No such file or directory"),
    (["--path.procfs=/nowhere"], 1, "(--path.procfs)"),
    (["--web.systemd-socket"], 1, "is the program started by its socket unit?"),
    (
      ["watch", "--url=http://127.0.0.1:1"], 1,
      "no exporter listens there (its default port is 10057)"
    ),
    (["explain", "--url=http://127.0.0.1:1"], 1, "no exporter listens there"),
    (
      ["watch", "--url=http://no.such.host.invalid:1"], 1,
      "cannot get http://no.such.host.invalid:1/"
    ),
    (
      ["watch", "--collector.reasons", "--path.tracefs=/nowhere"], 1,
      "mount it: mount -t tracefs nodev /nowhere"
    ),
    (["placement", "999999999"], 64, "is not a process number"),
    (["print", "--output=/no/such/folder/x"], 1, "No such file or directory"),
  ])
  func `on the command line`(arguments: [String], status: Int, advice: String) throws {
    let taken = try ListeningSocket()
    let port = "\(taken.address.split(separator: ":").last ?? "")"
    let result = try Command.run(
      [Exporter.path] + arguments.map { $0.replacing("TAKEN", with: port) }, limitSeconds: 30)
    #expect(result.status == .exit(status))
    #expect(result.errors.contains(advice), "\(result.errors)")
    #expect(result.errors.hasPrefix("page-migration-exporter: "))
    #expect(result.errors.split(separator: "\n").count == 1)
  }

  /// What a machine lacks costs only what needs it: it is logged at the start, before any scrape.
  @Test(arguments: [
    ("--collector.reasons --path.tracefs=/nowhere", "mount it: mount -t tracefs nodev /nowhere"),
    ("--path.procfs=TREE/empty", "vmstat"),
    ("--collector.cgroup --path.cgroupfs=TREE/empty", "is not a cgroup version 2 hierarchy"),
  ])
  func `of the machine`(flags: String, advice: String) throws {
    let tree = try TemporaryTree(["empty/x": ""])
    let exporter = try ServingExporter(
      flags.split(separator: " ").map { String($0).replacing("TREE", with: tree.path) })
    #expect(try exporter.awaitedLog(advice).allSatisfy { $0.contains("level=error") })
    #expect(try HTTPConnection(exporter.address).get("/metrics").status == 200)
  }

  @Test(.needs(.root)) func `without privileges`() throws {
    let program = "setpriv"
    let result = try Command.run([
      program, "--reuid=65534", "--regid=65534", "--clear-groups", Exporter.path, "watch",
      "--collector.reasons", "1", "1",
    ])
    #expect(result.status == .exit(1))
    #expect(
      result.errors.contains("CAP_") || result.errors.contains("mount it"), "\(result.errors)")
    #expect(result.errors.split(separator: "\n").count == 1)
  }
}
