internal import KernelText

/// Which memory tier each node is in: `memory_tierN/nodelist`
/// (Documentation/ABI/testing/sysfs-kernel-mm-memory-tiers), from 6.1 on.
struct MemoryTiers: ~Copyable {
  private let entries: NumberedEntries
  private var numbers: [Int] = []
  private var lists: [(tier: Int, nodes: NumberList)] = []
  private var buffer = [UInt8](repeating: 0, count: 256)

  init(sysfs: String) {
    entries = NumberedEntries(
      in: "\(sysfs)/devices/virtual/memory_tiering", prefix: "memory_tier")
  }

  mutating func read() throws {
    lists.removeAll(keepingCapacity: true)
    do throws(FileError) {
      try entries.list(into: &numbers)
    } catch {
      guard error.meansGone else { throw error }
      return
    }
    for tier in numbers {
      // Tiers come and go with their nodes, and there are few: their files are not kept open.
      var file = SingleValueFile("\(entries.path)/memory_tier\(tier)/nodelist")
      if let nodes = try file.read(using: &buffer, NumberList.init) { lists.append((tier, nodes)) }
    }
  }

  func tier(ofNode number: Int) -> Int? { lists.first { $0.nodes.contains(number) }?.tier }
}
