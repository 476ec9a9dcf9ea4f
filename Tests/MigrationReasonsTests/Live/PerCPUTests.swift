import Collectors
import Glibc
import KernelText
import MigrationReasons
import PageMigration
import Synchronization
import TestSupport
import Testing

extension `Live kernel` {
  @Suite(.needs(.kernelTypes))
  struct `Counters read per CPU` {
    /// Two threads: one reads, the other has the kernel move pages, and on some rounds takes a CPU away where
    /// the machine lets it.
    @Test func `lie between the text before and the text after, 10 000 times in a storm`() throws {
      let compared = Mutex(Comparison?.none)
      let isOver = Atomic(false)
      try concurrently(2) { thread in
        guard thread == 0 else {
          var memory: FragmentedMemory?
          for round in 0... where !isOver.load(ordering: .relaxed) {
            memory = try FragmentedMemory(mebibytes: 500)
            if round % 4 == 1 { try? Machine.tell(Machine.otherCPU, "0") }
            try FragmentedMemory.compactAll()
            try? Machine.tell(Machine.otherCPU, "1")
            if isOver.load(ordering: .relaxed) { break }
          }
          withExtendedLifetime(memory) {}
          return
        }
        defer { isOver.store(true, ordering: .relaxed) }
        let comparison = try Comparison(readings: 10_000, moving: 10_000)
        compared.withLock { $0 = comparison }
      }
      let comparison = try #require(compared.withLock { $0 })
      #expect(comparison.outside == [])
      #expect(comparison.readings >= 10_000 && comparison.moved >= 10_000)
      #expect(comparison.unread < comparison.readings / 100)
    }

    /// Where the kernel keeps its counters is not for those to see who take this process over.
    @Test func `come from places that no process can read or write`() throws {
      let vmstat = try PerCPUVmstat(KernelPaths())
      let maps = try BPFMap.ofThisProcess()
      let isWriteOnly = { (map: [String: String]) in
        map["flags"].flatMap { CInt($0, radix: 8) }.map { $0 & O_ACCMODE } == O_WRONLY
      }
      let places = maps.filter(isWriteOnly)
      #expect(places.count == 2)
      #expect(places.allSatisfy { $0["frozen"] == "1" })
      withExtendedLifetime(vmstat) {}
    }

    @Test(arguments: [8, -8, 64, 512, -4096, 1 << 21, -(1 << 30)])
    func `are not taken from where they are not`(bytes: Int) throws {
      var variables = try PerCPUVariables.ofThisKernel()
      variables.vmEventStates = Int(
        UInt32(truncatingIfNeeded: variables.vmEventStates + bytes))
      let error = #expect(throws: ReasonsUnavailable.self) {
        try PerCPUVmstat(KernelPaths(), variables: variables)
      }
      switch error {
      case .disagrees, .wrongObject: break
      default: Issue.record("\(String(describing: error))")
      }
    }

    @Test func `are not taken for another number of events`() throws {
      var variables = try PerCPUVariables.ofThisKernel()
      variables.events += 1
      #expect(throws: ReasonsUnavailable.otherArray("vm_event_states")) {
        try PerCPUVmstat(KernelPaths(), variables: variables)
      }
    }

    /// Nothing of it is looked up by name, so hidden addresses are no obstacle.
    @Test(.needs(.tool("setpriv")))
    func `need no CAP_SYSLOG, and nothing once they are found`() throws {
      let exporter = try ServingExporter(
        [Self.flag], wrapper: ["setpriv", "--bounding-set=-syslog", "--"])
      let log = try exporter.log("reading counters")
      #expect(log.count == 1)
      #expect(log.first?.contains("reading counters per CPU") == true)
      let status = try Files.text("/proc/\(exporter.process.pid)/status")
      #expect(status.contains("CapEff:\t0000000000000000\n"))
      try Workload.lieLowAndCompact(megabytes: 50)
      let text = try exporter.get("/metrics").text
      let lines = text.split(separator: "\n")
      #expect(lines.contains("pagemigration_scrape_collector_success{collector=\"vmstat\"} 1"))
      let ofNodes = lines.filter {
        $0.hasPrefix("pagemigration_cpu_node_pages_migrated_total{")
      }
      .compactMap { UInt64($0.split(separator: " ")[1]) }
      #expect(!ofNodes.isEmpty)
      #expect(lines.contains("pagemigration_pages_migrated_total \(ofNodes.reduce(0, +))"))
    }

    @Test(.needs(.tool("setpriv")))
    func `are the text's where the program may not be loaded, and one line says why`() throws {
      let exporter = try ServingExporter(
        [Self.flag], wrapper: ["setpriv", "--bounding-set=-bpf,-sys_admin", "--"])
      let log = try exporter.log("reading counters from /proc/vmstat")
      #expect(log.count == 1)
      #expect(log.first?.contains("it needs CAP_BPF, CAP_PERFMON") == true)
      let text = try exporter.get("/metrics").text
      #expect(text.contains("\npagemigration_scrape_collector_success{collector=\"vmstat\"} 1\n"))
      #expect(text.contains("\npagemigration_pages_migrated_total "))
      #expect(!text.contains("pagemigration_cpu_node"))
    }

    private static let flag = "--collector.vmstat.percpu"
  }
}

/// Readings between two of the text.
private struct Comparison {
  private(set) var outside: [String] = []
  private(set) var readings = 0
  private(set) var unread = 0
  private(set) var moved = 0 as UInt64

  /// At least so many readings, and for as long as it takes the storm to move so many pages; both within a
  /// minute.
  init(readings least: Int, moving leastMoved: UInt64) throws {
    var vmstat = try PerCPUVmstat(KernelPaths())
    var file = CounterFile("/proc/vmstat")
    var buffer = [UInt8](repeating: 0, count: 16 << 10)
    var (before, own, after) = (CounterSnapshot(), CounterSnapshot(), CounterSnapshot())
    try file.read(into: &after, using: &buffer)
    let first = after[.migrateSuccess]!
    let end = ContinuousClock.now + .seconds(60)
    while readings < least || moved < leastMoved, .now < end {
      readings += 1
      try file.read(into: &before, using: &buffer)
      do { try vmstat.read(into: &own) } catch is CPUsComeAndGo {
        unread += 1
        continue
      }
      try file.read(into: &after, using: &buffer)
      moved = after[.migrateSuccess]! - first
      outside += own.countersNotBetween(before, after).map { counter in
        "\(counter.rawValue): \(own[counter] ?? 0)"
          + " not in \(before[counter] ?? 0)...\(after[counter] ?? 0)"
      }
    }
  }
}

/// What the kernel tells of each eBPF map that a process has open. Kernel: `bpf_map_show_fdinfo`.
private enum BPFMap {
  static func ofThisProcess() throws -> [[String: String]] {
    try Files.list("/proc/self/fdinfo").compactMap { descriptor in
      guard let text = try? Files.text("/proc/self/fdinfo/\(descriptor)"),
        text.contains("map_type:")
      else { return nil }
      return text.split(separator: "\n").reduce(into: [:]) { fields, line in
        let parts = line.split(separator: ":\t", maxSplits: 1)
        if parts.count == 2 { fields[String(parts[0])] = String(parts[1]) }
      }
    }
  }
}

extension Machine {
  fileprivate static let otherCPU = "/sys/devices/system/cpu/cpu1/online"
}

extension Need {
  fileprivate static let kernelTypes = Need(
    isMet: { Files.exists("/sys/kernel/btf/vmlinux") },
    reason: "needs a kernel that describes itself (BTF)")
}
