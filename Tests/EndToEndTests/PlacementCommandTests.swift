import Glibc
import TestSupport
import Testing

@Suite struct `placement PID…` {
  @Test func `prints a table for each process`() throws {
    let machine = Fixture("debian-7.2-two-tiers")
    let result = try Exporter.run(
      "placement", "--path.procfs=\(machine.procfs)", "--path.sysfs=\(machine.sysfs)", "717", "717")
    let table = """
      process 717 (workload), bytes
               page size   node 0   node 1     total  in THPs
      anon          4096  4616192  5013504   9629696        -
      heap          4096   212992   212992    425984        -
      stack         4096    12288   126976    139264        -
      file          4096   937984   122880   1060864        -
      hugetlb    2097152  2097152  2097152   4194304        0
      total               7876608  7573504  15450112        -

      """
    #expect(result.text == table + "\n" + table)
    #expect(result.errors.contains("process 717: THPs and shared memory are not told apart: "))
    #expect(result.status == .exit(0))
  }

  @Test func `prints JSON whose schema is a promise`() throws {
    let tree = try processes()
    let result = try Exporter.run(
      "placement", "--json", "--path.procfs=\(tree.procfs)", "--path.sysfs=\(tree.sysfs)", "7", "8")
    #expect(
      result.text
        == #"{"schema":1,"processes":[{"pid":7,"command":"a\"\u001bb","bytes":2105344,"thp_bytes":2097152,"#
        + #""nodes":[{"node":0,"bytes":8192},{"node":1,"bytes":0},{"node":4,"bytes":2097152}],"memory":["#
        + #"{"kind":"anon","page_size_bytes":4096,"bytes":2097152,"thp_bytes":2097152,"#
        + #""nodes":[{"node":0,"bytes":0},{"node":1,"bytes":0},{"node":4,"bytes":2097152}]},"#
        + #"{"kind":"heap","page_size_bytes":4096,"bytes":8192,"thp_bytes":0,"#
        + #""nodes":[{"node":0,"bytes":8192},{"node":1,"bytes":0},{"node":4,"bytes":0}]},"#
        + empty("stack") + "," + empty("file") + "," + empty("shmem") + "]}],"
        + #""failures":[{"pid":8,"reason":"there is no such process"}]}"# + "\n")
    #expect(result.errors == "page-migration-exporter: process 8: there is no such process\n")
    #expect(result.status == .exit(1))
  }

  private func empty(_ kind: String) -> String {
    #"{"kind":"\#(kind)","page_size_bytes":4096,"bytes":0,"thp_bytes":0,"#
      + #""nodes":[{"node":0,"bytes":0},{"node":1,"bytes":0},{"node":4,"bytes":0}]}"#
  }

  @Test func `shows nothing that moves a terminal's cursor`() throws {
    let tree = try processes()
    let result = try Exporter.run(
      "placement", "--path.procfs=\(tree.procfs)", "--path.sysfs=\(tree.sysfs)", "7")
    #expect(result.text.hasPrefix("process 7 (a\"?b), bytes\n"))
    #expect(result.status == .exit(0))
  }

  @Test(arguments: [
    ([], "Missing expected argument"),
    (["x"], "The value 'x' is invalid"),
    (["1.5"], "The value '1.5' is invalid"),
    (["0"], "0 is no process number"),
    (["4194305"], "4194305 is no process number"),
    (["--", "-1"], "-1 is no process number"),
  ])
  func `refuses what is no process number`(arguments: [String], reason: String) throws {
    let result = try Command.run([Exporter.path, "placement"] + arguments)
    #expect(result.status == .exit(64))
    #expect(result.errors.hasPrefix("page-migration-exporter: \(reason)"))
    #expect(result.errors.split(separator: "\n").count == 1)
    #expect(result.output.isEmpty)
  }

  @Test(.needs(.numa))
  func `tells a kernel thread and a process that has ended from the others`() throws {
    let ended = try ChildProcess(["true"])
    // It is not waited for before the exporter has looked, so it stays as a zombie.
    try waitUntil("it ends") {
      try Files.text("/proc/\(ended.pid)/stat").contains(") Z ")
    }
    let me = getpid()
    let result = try Exporter.run("placement", "\(ended.pid)", "\(me)")
    #expect(
      result.errors
        == "page-migration-exporter: process \(ended.pid): it has ended; its parent has yet to ask how (a zombie)\n"
    )
    #expect(result.text.hasPrefix("process \(me) ("))
    #expect(result.status == .exit(1))
  }

  @Test(.needs(.numa), .needs(.kernelThreads))
  func `tells that a kernel thread has no memory`() throws {
    let result = try Exporter.run("placement", "2")
    #expect(
      result.errors
        == "page-migration-exporter: process 2: it is a kernel thread, which has no memory of its own\n"
    )
    #expect(result.status == .exit(1))
  }

  @Test(
    .needs(.numa),
    .needs(.root), .needs(.tool("setpriv")))
  func `tells who may look at another user's process`() throws {
    let sleeper = try ChildProcess(["sleep", "60"])
    // The build's folder may be closed to others.
    let copy = try TemporaryTree()
    try copy.write("exporter", try Files.read(Exporter.path))
    try copy.setMode("exporter", 0o755)
    try copy.setMode(".", 0o755)
    let result = try Command.run([
      "setpriv", "--reuid=65534", "--regid=65534", "--clear-groups", "--", "\(copy.path)/exporter",
      "placement", "\(sleeper.pid)",
    ])
    #expect(
      result.errors
        == "page-migration-exporter: process \(sleeper.pid): its numa_maps may be read only by its own user or with CAP_SYS_PTRACE\n"
    )
    #expect(result.status == .exit(1))
  }

  @Test(
    .needs(.numa),
    .needs(.tool("numastat")))
  func `agrees with numastat -p`() throws {
    let sleeper = try ChildProcess(["sleep", "60"])
    try waitUntil("it sleeps") { try Files.text("/proc/\(sleeper.pid)/comm") == "sleep\n" }
    usleep(100_000)
    let lines = try Command.run(["numastat", "-p", "\(sleeper.pid)"]).text.split(separator: "\n")
    let totals = try #require(lines.last { $0.hasPrefix("Total") }).split(separator: " ")
    let result = try Exporter.run("placement", "\(sleeper.pid)")
    let own = try #require(result.text.split(separator: "\n").last).split(separator: " ")
    // total, a number for each node, their sum and the THPs.
    let mebibytes = own.dropFirst().dropLast().map { hundredths(Double($0)! / 1_048_576) }
    #expect(mebibytes == totals.dropFirst().map { hundredths(Double($0)!) })
  }

  private func hundredths(_ value: Double) -> Int { Int((value * 100).rounded()) }

  /// Process 7 on a machine of the nodes 0, 1 and 4.
  private func processes() throws -> TemporaryTree {
    try TemporaryTree([
      "sys/devices/system/node/has_memory": "0-1,4\n",
      "proc/7/comm": "a\"\u{1b}b\n",
      "proc/7/stat": "7 (a\"\u{1b}b) S 1 7 7 0 -1 4194560 0",
      "proc/7/mountinfo": "",
      "proc/7/numa_maps": """
      1000 default heap anon=2 N0=2 kernelpagesize_kB=4
      200000 bind:4 anon=512 N4=512 kernelpagesize_kB=4

      """,
      "proc/7/smaps": """
      1000-3000 rw-p 00000000 00:00 0 [heap]
      AnonHugePages: 0 kB
      200000-400000 rw-p 00000000 00:00 0
      AnonHugePages: 2048 kB

      """,
    ])
  }
}
