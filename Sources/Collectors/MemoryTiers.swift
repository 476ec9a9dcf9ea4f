internal import KernelText

/// Which memory tier each node is in: `memory_tierN/nodelist`
/// (Documentation/ABI/testing/sysfs-kernel-mm-memory-tiers), from 6.1 on.
struct MemoryTiers: ~Copyable {
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
