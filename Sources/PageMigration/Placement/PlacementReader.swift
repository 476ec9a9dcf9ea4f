internal import KernelText
internal import System

/// Reads where a process's memory is, from its files under `/proc`.
package struct PlacementReader: Sendable {
  private let procfs: String
  private let sysfs: String

  /// - Parameter sysfs: where the kernel lists its nodes.
  package init(procfs: String, sysfs: String = "/sys") {
    self.procfs = procfs
    self.sysfs = sysfs
  }

  /// The nodes that have memory, as the kernel lists them; empty where it does not.
  package var memoryNodes: [Int] {
    var file = SingleValueFile("\(sysfs)/devices/system/node/has_memory")
    var buffer = [UInt8](repeating: 0, count: 256)
    let list = try? file.read(using: &buffer, wholeLine: true, NumberList.init)
    // MAX_NUMNODES is 1024 at most (include/linux/numa.h).
    return list?.numbers(upTo: 1023) ?? []
  }

  /// The memory tier of each node, as far as the kernel says (from 6.1 on).
  package var tiers: [Int: Int] {
    let folder = "\(sysfs)/devices/virtual/memory_tiering"
    var entries = NumberedEntries(in: folder, prefix: "memory_tier")
    var (numbers, tiers) = ([Int](), [Int: Int]())
    guard (try? entries.list(into: &numbers)) != nil else { return [:] }
    var buffer = [UInt8](repeating: 0, count: 256)
    for number in numbers {
      var file = SingleValueFile("\(folder)/memory_tier\(number)/nodelist")
      let list = try? file.read(using: &buffer, wholeLine: true, NumberList.init)
      for node in list?.numbers(upTo: 1023) ?? [] { tiers[node] = number }
    }
    return tiers
  }

  /// A process and where its memory is.
  package struct Process: Sendable {
    package let pid: Int
    package let command: String
    package let placement: Placement
    /// Why THPs and shared memory cannot be distinguished. Nil where they are.
    package let smapsProblem: (any Error)?
    /// Nil where the kernel does not say.
    package let balancing: BalancingStatistics?
  }

  /// Each file is read at an instant of its own, so THPs may exceed what they are a part of where
  /// the process maps and unmaps meanwhile.
  package func read(_ pid: Int) throws -> Process {
    guard let command = try command(of: "\(pid)") else { throw PlacementFailure.noSuchProcess }
    let state = try state(of: "\(pid)")
    if state?.isKernelThread == true { throw PlacementFailure.kernelThread }
    guard let owner = try memoryOwner(of: pid, state) else { throw PlacementFailure.zombie }
    var (smaps, problem): (SmapsTotals?, (any Error)?)
    do {
      smaps = try smapsTotals(of: owner)
    } catch {
      problem = error
    }
    // A process that ends while its file is read cuts the file short.
    let mappings: [NumaMapping]
    do {
      mappings = try numaMappings(of: owner)
    } catch let malformed as MalformedFile {
      if try hasEnded(pid) { throw PlacementFailure.ended }
      throw malformed
    }
    if try hasEnded(pid) { throw PlacementFailure.ended }
    guard !mappings.isEmpty else { throw PlacementFailure.noMemory }
    let placement = Placement(mappings, pageSize: basePageSize(mappings), smaps: smaps)
    return Process(
      pid: pid, command: command, placement: placement, smapsProblem: problem,
      balancing: try? BalancingStatistics.read("\(procfs)/\(pid)/task"))
  }

  private func hasEnded(_ pid: Int) throws -> Bool {
    try memoryOwner(of: pid, state(of: "\(pid)")) == nil || command(of: "\(pid)") == nil
  }

  /// What stands under `/proc` for the process's memory: its main thread, or another where that one has
  /// ended alone (pthread_exit(3)). Nil where all have.
  private func memoryOwner(of pid: Int, _ main: ProcessStat?) throws -> String? {
    guard main?.isZombie == true else { return "\(pid)" }
    var threads = NumberedEntries(in: "\(procfs)/\(pid)/task", prefix: "")
    var numbers: [Int] = []
    guard (try? threads.list(into: &numbers)) != nil else { return nil }
    return try numbers.map { "\(pid)/task/\($0)" }.first { try state(of: $0)?.isZombie == false }
  }

  /// - Parameter owner: as ``memoryOwner(of:_:)`` has it.
  private func numaMappings(of owner: String) throws -> [NumaMapping] {
    var mappings: [NumaMapping] = []
    do {
      try LineFile.forEachLine(of: "\(procfs)/\(owner)/numa_maps") {
        line throws(MalformedLine.Problem) in
        let mapping = try NumaMapping(parsing: line)
        mappings.append(mapping)
      }
    } catch let error as FileError {
      if error.meansNotPermitted { throw PlacementFailure.notPermitted }
      if error.meansNoProcess { return [] }
      guard error.meansGone else { throw error }
      throw try command(of: owner) == nil ? PlacementFailure.noSuchProcess : PlacementFailure.noNUMA
    }
    return mappings
  }

  private func smapsTotals(of owner: String) throws -> SmapsTotals {
    var tmpfs: Set<DeviceNumber> = []
    try LineFile.forEachLine(of: "\(procfs)/\(owner)/mountinfo") { line in
      if let mount = MountLine(parsing: line), mount.type == "tmpfs" { tmpfs.insert(mount.device) }
    }
    var totals = SmapsTotals(tmpfs: tmpfs)
    // It has about 700 bytes for a mapping, of which next to nothing is kept.
    try LineFile.forEachLine(of: "\(procfs)/\(owner)/smaps", sizeLimit: 4 * LineFile.sizeLimit) {
      line throws(MalformedLine.Problem) in
      totals.add(try SmapsLine(parsing: line))
    }
    return totals
  }

  /// Nil where there is no such process or thread.
  private func command(of owner: String) throws -> String? {
    try readLine("\(procfs)/\(owner)/comm", SingleValue.word)
  }

  /// Nil where there is no such process or thread.
  private func state(of owner: String) throws -> ProcessStat? {
    try readLine("\(procfs)/\(owner)/stat", ProcessStat.init(parsing:))
  }

  private func readLine<Value>(
    _ path: String, _ parse: (Span<UInt8>) -> Value?
  ) throws -> Value? {
    var file = SingleValueFile(path)
    var buffer = [UInt8](repeating: 0, count: 1024)
    do {
      return try file.read(using: &buffer, parse)
    } catch let error as FileError {
      guard error.meansNoProcess else { throw error }
      return nil
    }
  }

  private func basePageSize(_ mappings: [NumaMapping]) -> UInt64 {
    mappings.lazy.filter { $0.kind != .hugetlb }.compactMap(\.pageSize).first ?? Machine.pageSize
  }
}

/// Why a process's placement is not known.
package enum PlacementFailure: String, Error, CustomStringConvertible {
  case noSuchProcess = "there is no such process"
  case zombie = "it has ended, but its parent has not collected it yet (a zombie)"
  case ended = "it ended while its memory was being read"
  case notPermitted = "its numa_maps may be read only by its own user or with CAP_SYS_PTRACE"
  case kernelThread = "it is a kernel thread, which has no memory of its own"
  case noMemory = "it has no memory"
  case noNUMA = "there is no numa_maps: this kernel was built without NUMA (CONFIG_NUMA)"

  package var description: String { rawValue }
}
