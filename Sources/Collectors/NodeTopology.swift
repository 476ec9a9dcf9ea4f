internal import KernelText

/// What a node is. Nil where the kernel does not say.
struct NodeFacts: Equatable {
  var memoryTier: Int?
  var hasCPU: Bool?
  var hasMemory: Bool?
}

/// What the kernel says of its nodes: their roles and their memory tiers.
struct NodeTopology: ~Copyable {
  private var roles: NodeRoles
  private var tiers: MemoryTiers

  /// - Parameter folder: that of the nodes.
  init(folder: String, sysfs: String) {
    roles = NodeRoles(folder: folder)
    tiers = MemoryTiers(sysfs: sysfs)
  }

  /// - Returns: what could not be read.
  mutating func read() -> [any Error] {
    var problems: [any Error] = []
    do { try roles.read() } catch { problems.append(error) }
    do { try tiers.read() } catch { problems.append(error) }
    return problems
  }

  func facts(ofNode number: Int) -> NodeFacts {
    NodeFacts(
      memoryTier: tiers.tier(ofNode: number), hasCPU: roles.hasCPU?.contains(number),
      hasMemory: roles.hasMemory?.contains(number))
  }
}

/// Which nodes have CPUs and which have memory (Documentation/ABI/stable/sysfs-devices-node).
private struct NodeRoles: ~Copyable {
  /// Nil where the kernel does not say.
  private(set) var hasCPU: NumberList?
  private(set) var hasMemory: NumberList?

  private var cpuFile: SteadyValueFile<NumberList>
  private var memoryFile: SteadyValueFile<NumberList>
  private var buffer = [UInt8](repeating: 0, count: 256)

  init(folder: String) {
    cpuFile = SteadyValueFile("\(folder)/has_cpu", NumberList.init)
    memoryFile = SteadyValueFile("\(folder)/has_memory", NumberList.init)
  }

  mutating func read() throws {
    hasCPU = nil
    hasMemory = nil
    hasCPU = try cpuFile.read(using: &buffer)
    hasMemory = try memoryFile.read(using: &buffer)
  }
}

/// Which memory tier each node is in: `memory_tierN/nodelist`
/// (Documentation/ABI/testing/sysfs-kernel-mm-memory-tiers), from 6.1 on.
private struct MemoryTiers: ~Copyable {
  private var entries: NumberedEntries
  private var numbers: [Int] = []
  private var tiers: [MemoryTier] = []
  private var buffer = [UInt8](repeating: 0, count: 256)

  init(sysfs: String) {
    entries = NumberedEntries(
      in: "\(sysfs)/devices/virtual/memory_tiering", prefix: "memory_tier")
  }

  mutating func read() throws {
    do throws(FileError) {
      try entries.list(into: &numbers)
    } catch {
      tiers.removeAll()
      guard error.meansGone else { throw error }
      return
    }
    if !tiers.lazy.map(\.number).elementsEqual(numbers) {
      tiers = numbers.map { MemoryTier($0, folder: entries.path) }
    }
    for tier in tiers { tier.nodes = nil }
    for tier in tiers { tier.nodes = try tier.file.read(using: &buffer) }
  }

  func tier(ofNode number: Int) -> Int? {
    tiers.first { $0.nodes?.contains(number) ?? false }?.number
  }
}

private final class MemoryTier {
  let number: Int
  var file: SteadyValueFile<NumberList>
  /// Nil where the tier went away since it was listed.
  var nodes: NumberList?

  init(_ number: Int, folder: String) {
    self.number = number
    file = SteadyValueFile("\(folder)/memory_tier\(number)/nodelist", NumberList.init)
  }
}
