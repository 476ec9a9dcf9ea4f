import Collectors
import Exposition
import Glibc
import KernelText
import Synchronization
import System
import TestSupport
import Testing

@Suite struct `The cgroup collector` {
  @Test(arguments: Fixture.machines.filter { $0.has("cgroup") })
  func `gives what the kernel of a captured machine has`(machine: Fixture) throws {
    let scrape = try scrape("\(machine.path)/cgroup")
    try Golden.expect(scrape.text, equals: "\(machine.path)/metrics.cgroup.txt")
    let hasCounters = try machine.text("cgroup/memory.stat").contains("pgdemote_kswapd")
    let reason =
      "\(machine.path)/cgroup: no memory.stat has counters of migration, which Linux keeps from 6.12 on"
    #expect(scrape.problems == (hasCounters ? [] : [reason]))
  }

  @Test func `leaves out what a kernel lacks and invents no zero`() throws {
    let tree = try cgroups(["a": "pgpromote_success 0\npgdemote_direct 18446744073709551615\n"])
    try tree.write("memory.stat", "anon 1\n")
    #expect(
      try samples(tree) == [
        #"pagemigration_cgroup_pages_promoted_total{cgroup="/a"} 0"#,
        #"pagemigration_cgroup_pages_demoted_total{cgroup="/a",path="direct"} 18446744073709551615"#,
        "pagemigration_cgroups_followed 1", "pagemigration_cgroups_left_out 0",
      ])
  }

  @Test(arguments: [
    (#"system-getty\x2dtty1.slice"#, #"/system-getty\\x2dtty1.slice"#),
    ("two\nlines", #"/two\nlines"#),
    (#"a"quote"#, #"/a\"quote"#),
    (#"a\nb"#, #"/a\\nb"#),
    ("ends in \\", #"/ends in \\"#),
    ("日本語 é e\u{301}", "/日本語 é e\u{301}"),
    ("tab\tand\rreturn\u{7f}", "/tab\tand\rreturn\u{7f}"),
    ("{}=,#", "/{}=,#"),
    ("-", "/-"),
  ])
  func `escapes a hostile name`(name: String, label: String) throws {
    let tree = try cgroups([name: "numa_pages_migrated 7\n"])
    let samples = try samples(tree).filter { !$0.contains(#"cgroup="/""#) }
    #expect(
      samples.first == #"pagemigration_cgroup_numa_pages_migrated_total{cgroup="\#(label)"} 7"#)
  }

  @Test func `reports a file that is malformed or cannot be read, and gives the others`() throws {
    let tree = try cgroups([
      "good": "numa_hint_faults 1\n", "bad": "numa_hint_faults x\n",
      "folder/memory.stat": "anon 1\n",
    ])
    let scrape = try scrape(tree.path)
    #expect(
      scrape.problems == [
        "\(tree.path)/bad/memory.stat: line 1 has a value that is not a whole number",
        "cannot read \(tree.path)/folder/memory.stat: Is a directory",
      ])
    #expect(
      scrape.samples == [
        #"pagemigration_cgroup_numa_hint_faults_total{cgroup="/"} 0"#,
        #"pagemigration_cgroup_numa_hint_faults_total{cgroup="/good"} 1"#,
        "pagemigration_cgroups_followed 2", "pagemigration_cgroups_left_out 0",
      ])
  }

  @Test func `follows cgroups that come and forgets those that go`() throws {
    let tree = try cgroups(["a": "numa_hint_faults 1\n", "b": "numa_hint_faults 2\n"])
    let collector = CgroupCollector(KernelPaths(cgroupfs: tree.path), CgroupSelection()) { _ in }
    func followed() throws -> [String] {
      var encoder = Encoder(.plainText)
      let problems = try collector.collect(into: &encoder)
      #expect(problems.isEmpty)
      return CgroupScrape(encoder.finish(), problems).samples.filter { $0.contains("hint_faults") }
        .map { String($0.split(separator: "\"")[1]) }
    }
    #expect(try followed() == ["/", "/a", "/b"])
    tree.remove("a")
    try tree.write("c/d/memory.stat", "numa_hint_faults 1\n")
    try tree.write("c/memory.stat", "numa_hint_faults 1\n")
    #expect(try followed() == ["/", "/b", "/c", "/c/d"])
    tree.remove("b")
    tree.remove("c")
    #expect(try followed() == ["/"])
  }

  /// Cgroups are made and removed all the while, as on a host of short-lived containers.
  @Test(.timeLimit(.minutes(1)))
  func `takes cgroups that vanish during a scrape for no failure`() throws {
    let tree = try cgroups(["stays": "numa_hint_faults 1\n"])
    let stop = Atomic(false)
    let collector = CgroupCollector(KernelPaths(cgroupfs: tree.path), CgroupSelection()) { _ in }
    var scrapes = 0
    let churn = Thread { [path = tree.path] in
      for number in 0... where !stop.load(ordering: .relaxed) {
        let folder = "\(path)/short-\(number % 7)"
        try? Files.makeFolder("\(folder)/below")
        try? Files.write("\(folder)/memory.stat", "numa_hint_faults 2\n")
        try? Files.write("\(folder)/below/memory.stat", "numa_hint_faults 2\n")
        Files.remove(folder)
        if stop.load(ordering: .relaxed) { break }
      }
    }
    while scrapes < 300 {
      var encoder = Encoder(.plainText)
      let problems = try collector.collect(into: &encoder)
      #expect(problems.map { "\($0)" } == [])
      let scrape = CgroupScrape(encoder.finish(), problems)
      #expect(
        scrape.samples.contains(#"pagemigration_cgroup_numa_hint_faults_total{cgroup="/stays"} 1"#))
      scrapes += 1
    }
    stop.store(true, ordering: .relaxed)
    churn.join()
  }

  @Test(arguments: [(1000, 10_000, 1000), (2000, 10_000, 2000), (2000, 200, 200)])
  func `follows many within a scrape's time`(count: Int, max: Int, followed: Int) throws {
    let stat = try Fixture("debian-6.12-two-nodes").text("cgroup/memory.stat")
    let tree = try cgroups([:])
    tree.remove("memory.stat")
    for number in 0..<count {
      try tree.write("\(number % 10)/\(number)/memory.stat", stat)
      if number < 10 { try tree.write("\(number)/memory.stat", "anon 1\n") }
    }
    var selection = CgroupSelection()
    selection.max = max
    selection.allow = [try CgroupPattern("/*/*")]
    let collector = CgroupCollector(KernelPaths(cgroupfs: tree.path), selection) { _ in }
    var took: [Duration] = []
    for _ in 1...5 {
      var encoder = Encoder(.plainText)
      let begin = threadCPUTime()
      let problems = try collector.collect(into: &encoder)
      took.append(threadCPUTime() - begin)
      #expect(problems.isEmpty)
      let samples = CgroupScrape(encoder.finish(), problems).samples
      #expect(samples.contains("pagemigration_cgroups_followed \(followed)"))
      #expect(samples.contains("pagemigration_cgroups_left_out \(count - followed)"))
      #expect(samples.count == followed * 7 + 2)
    }
    // A scrape's time-out is ten seconds by default; this is a debug build, and other tests' time is not counted.
    #expect(took.min()! < .seconds(2))
  }

  @Test func `warns once when it begins to leave cgroups out`() throws {
    let tree = try cgroups(["a": "pgpromote_success 1\n", "b": "pgpromote_success 1\n"])
    let warnings = Mutex<[String]>([])
    var selection = CgroupSelection()
    selection.max = 2
    let collector = CgroupCollector(KernelPaths(cgroupfs: tree.path), selection) { warning in
      warnings.withLock { $0.append(warning) }
    }
    func scrape() throws -> [String] {
      var encoder = Encoder(.plainText)
      _ = try collector.collect(into: &encoder)
      return warnings.withLock { $0 }
    }
    let warning =
      "1 cgroups are left out: beyond --collector.cgroup.max=2, or with a name that is not UTF-8"
    #expect(try scrape() == [warning])
    #expect(try scrape() == [warning])
    tree.remove("b")
    #expect(try scrape() == [warning])
    try tree.write("b/memory.stat", "pgpromote_success 1\n")
    #expect(try scrape() == [warning, warning])
  }

  @Test func `has nothing to tell of version 1, and says why`() throws {
    let tree = try TemporaryTree(["memory/memory.stat": "cache 1\n"])
    #expect(throws: NoMemoryController.notVersion2(tree.path)) { try scrape(tree.path) }
  }

  @Test func `keeps no descriptor open`() throws {
    let tree = try cgroups(["a": "pgpromote_success 1\n"])
    _ = try scrape(tree.path)
    #expect(try openFiles().filter { $0.hasPrefix(tree.path) } == [])
  }

  private func samples(_ tree: TemporaryTree) throws -> [String] { try scrape(tree.path).samples }

  private func scrape(_ root: String) throws -> CgroupScrape {
    let collector = CgroupCollector(KernelPaths(cgroupfs: root), CgroupSelection()) { _ in }
    var encoder = Encoder(.plainText)
    let problems = try collector.collect(into: &encoder)
    return CgroupScrape(encoder.finish(), problems)
  }

  /// A root, and cgroups by name or by the path of their file, each with its `memory.stat`.
  private func cgroups(_ stats: KeyValuePairs<String, String>) throws -> TemporaryTree {
    let tree = try TemporaryTree([
      "cgroup.controllers": "cpu memory\n", "memory.stat": "numa_hint_faults 0\n",
    ])
    for (name, text) in stats { try tree.write("\(name)/memory.stat", text) }
    return tree
  }
}

/// What a collector gave.
private struct CgroupScrape {
  let text: String
  let problems: [String]

  init(_ bytes: [UInt8], _ problems: [any Error]) {
    text = String(decoding: bytes, as: UTF8.self)
    self.problems = problems.map { "\($0)" }
  }

  /// The lines that are no comments.
  var samples: [String] {
    text.split(separator: "\n").map { String($0) }.filter { !$0.hasPrefix("# ") }
  }
}

/// What this thread alone has had of the processors.
private func threadCPUTime() -> Duration {
  var time = timespec()
  clock_gettime(CLOCK_THREAD_CPUTIME_ID, &time)
  return .seconds(time.tv_sec) + .nanoseconds(time.tv_nsec)
}
