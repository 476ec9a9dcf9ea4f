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
               page size  node 0 (tier 4)  node 1 (tier 450)     total  in THPs  THP share
      anon          4096          4616192            5013504   9629696        -          -
      heap          4096           212992             212992    425984        -          -
      stack         4096            12288             126976    139264        -          -
      file          4096           937984             122880   1060864        -          -
      hugetlb    2097152          2097152            2097152   4194304        0        0 %
      total                       7876608            7573504  15450112        -          -
      policy     15450112 bind:1

      """
    #expect(result.text == table + "\n" + table)
    #expect(result.errors.contains("process 717: THPs and shared memory cannot be distinguished: "))
    #expect(result.status == .exit(0))
  }

  @Test func `prints JSON whose schema is a promise`() throws {
    let tree = try processes()
    let result = try Exporter.run(
      "placement", "--json", "--path.procfs=\(tree.procfs)", "--path.sysfs=\(tree.sysfs)", "7", "8")
    #expect(
      result.text
        == #"{"schema":1,"processes":[{"pid":7,"command":"a\"\u001bb","bytes":2105344,"thp_bytes":2097152,"#
        + #""nodes":[\#(node(0, 8192)),\#(node(1, 0)),\#(node(4, 2_097_152, tier: "450"))],"#
        + #""policies":[{"policy":"bind:4","bytes":2097152},{"policy":"default","bytes":8192}],"#
        + #""numa_balancing":{"threads":2,"pages_migrated":12,"hint_faults":30,"#
        + #""preferred_nodes":[{"node":4,"threads":1}]},"memory":["#
        + #"{"kind":"anon","page_size_bytes":4096,"bytes":2097152,"thp_bytes":2097152,"#
        + #""nodes":[\#(node(0, 0)),\#(node(1, 0)),\#(node(4, 2_097_152, tier: "450"))]},"#
        + #"{"kind":"heap","page_size_bytes":4096,"bytes":8192,"thp_bytes":0,"#
        + #""nodes":[\#(node(0, 8192)),\#(node(1, 0)),\#(node(4, 0, tier: "450"))]},"#
        + empty("stack") + "," + empty("file") + "," + empty("shmem") + "]}],"
        + #""failures":[{"pid":8,"reason":"there is no such process"}]}"# + "\n")
    #expect(result.errors == "page-migration-exporter: process 8: there is no such process\n")
    #expect(result.status == .exit(1))
  }

  private func empty(_ kind: String) -> String {
    #"{"kind":"\#(kind)","page_size_bytes":4096,"bytes":0,"thp_bytes":0,"#
      + #""nodes":[\#(node(0, 0)),\#(node(1, 0)),\#(node(4, 0, tier: "450"))]}"#
  }

  private func node(_ number: Int, _ bytes: Int, tier: String = "null") -> String {
    #"{"node":\#(number),"memory_tier":\#(tier),"bytes":\#(bytes)}"#
  }

  @Test func `follows a process as it moves`() throws {
    let tree = try processes()
    let watch = try ChildProcess([
      Exporter.path, "placement", "--watch=5", "--count=2", "--path.procfs=\(tree.procfs)",
      "--path.sysfs=\(tree.sysfs)", "7",
    ])
    try waitUntil("it has looked once") {
      String(decoding: try watch.output(), as: UTF8.self).split(separator: "\n").count >= 2
    }
    let maps = "1000 default heap anon=2 N0=2 kernelpagesize_kB=4\n"
    try tree.write("proc/7/numa_maps", maps + "200000 bind:4 anon=512 N1=512 kernelpagesize_kB=4\n")
    try tree.write("proc/7/task/7/sched", "numa_pages_migrated : 512\n")
    #expect(try watch.wait(limitSeconds: 60) == .exit(0))
    let lines = String(decoding: try watch.output(), as: UTF8.self).split(separator: "\n")
    #expect(lines.count == 3)
    #expect(
      lines.map { $0.split(separator: " ").dropFirst().joined(separator: " ") } == [
        "pid node 0 change node 1 change node 4 (tier 450) change total in THPs balanced",
        "7 8 KiB 0 B 2 MiB 2.01 MiB 2 MiB 0",
        "7 8 KiB 0 2 MiB +2 MiB 0 B -2 MiB 2.01 MiB 2 MiB 504",
      ])
  }

  @Test(arguments: [
    (["--watch=0.5"], "--watch must be from 1 to 3600 seconds"),
    (["--count=2"], "--count is the number of rows for --watch, above 0"),
    (["--watch=1", "--count=0"], "--count is the number of rows for --watch, above 0"),
    (["--watch=1", "--json"], "--watch always writes human-readable sizes, and no JSON"),
  ])
  func `refuses what does not go together`(_ arguments: [String], reason: String) throws {
    let result = try Command.run([Exporter.path, "placement", "1"] + arguments)
    #expect(result.status == .exit(64))
    #expect(result.errors.contains(reason))
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
    (["0"], "0 is not a process number"),
    (["4194305"], "4194305 is not a process number"),
    (["--", "-1"], "-1 is not a process number"),
  ])
  func `refuses what is not a process number`(arguments: [String], reason: String) throws {
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
        == "page-migration-exporter: process \(ended.pid): it has ended, but its parent has not collected it yet (a zombie)\n"
    )
    #expect(result.text.hasPrefix("process \(me) ("))
    #expect(result.status == .exit(1))
  }

  /// `/proc/PID/numa_maps` is empty then; its other threads still have the memory.
  @Test(.needs(.numa), .needs(.tool("python3")))
  func `shows the memory of a process whose main thread has ended`() throws {
    let script = """
      import ctypes, platform, threading, time
      threading.Thread(target=time.sleep, args=(60,)).start()
      ctypes.CDLL(None).syscall(60 if platform.machine() == "x86_64" else 93, 0)
      """
    let process = try ChildProcess(["python3", "-c", script])
    try waitUntil("its main thread ends") {
      try Files.text("/proc/\(process.pid)/stat").contains(") Z ")
    }
    let result = try Exporter.run("placement", "\(process.pid)")
    #expect(result.status == .exit(0), "\(result.errors)")
    #expect(result.text.contains("anon"))
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
    let total = try #require(result.text.split(separator: "\n").first { $0.hasPrefix("total ") })
    // total, a number for each node, their sum, the THPs and their share.
    let own = total.split(separator: " ").prefix { $0 != "-" && $0 != "%" }
    let mebibytes = own.dropFirst().prefix(totals.count - 1).map {
      hundredths(Double($0)! / 1_048_576)
    }
    #expect(mebibytes == totals.dropFirst().map { hundredths(Double($0)!) })
  }

  private func hundredths(_ value: Double) -> Int { Int((value * 100).rounded()) }

  /// Process 7 on a machine of the nodes 0, 1 and 4.
  private func processes() throws -> TemporaryTree {
    try TemporaryTree([
      "sys/devices/system/node/has_memory": "0-1,4\n",
      "sys/devices/virtual/memory_tiering/memory_tier450/nodelist": "4\n",
      "proc/7/task/7/sched": """
      a (7, #threads: 2)
      -------------------
      se.nr_migrations                 :        3
      numa_pages_migrated              :        8
      numa_preferred_nid               :        4
      total_numa_faults                :       20
      numa_faults node=0 task_private=0 task_shared=0

      """,
      "proc/7/task/9/sched": """
      numa_pages_migrated              :        4
      numa_preferred_nid               :       -1
      total_numa_faults                :       10

      """,
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
