package import Exposition
package import KernelText
internal import PageMigration

/// The counters that the kernel keeps for each NUMA node, and what each node is.
///
/// Nodes are found anew at each scrape. A node that fails costs only its own metrics.
package final class NodeCollector: Collector {
  package let name = "node"

  private var entries: NumberedEntries
  private var roles: NodeRoles
  private var tiers: MemoryTiers
  private var numbers: [Int] = []
  private var nodes: [NumaNode] = []
  private var buffer = [UInt8](repeating: 0, count: 16 << 10)

  package init(_ paths: KernelPaths) {
    entries = NumberedEntries(in: "\(paths.sysfs)/devices/system/node", prefix: "node")
    roles = NodeRoles(folder: entries.path)
    tiers = MemoryTiers(sysfs: paths.sysfs)
    sysfs = paths.sysfs
  }

  private let sysfs: String

  package var documentation: [DocumentedFamily] {
    nodeFamilies.map(\.documentation) + [NumaNode.info]
  }

  package func collect(into encoder: inout Encoder) throws -> [any Error] {
    guard try findNodes() else { return [] }
    var problems = readFacts()
    for node in nodes {
      do {
        try node.read(using: &buffer)
      } catch {
        // A node that was taken offline since it was listed is no failure.
        if !isGone(node) { problems.append(error) }
      }
    }
    for index in nodeFamilies.indices {
      encoder.begin(nodeFamilies[index].documentation.family)
      for node in nodes { node.writeFamily(index, into: &encoder) }
    }
    encoder.begin(NumaNode.info.family)
    for node in nodes where node.isReadable { node.writeInfo(into: &encoder) }
    return problems
  }

  /// False where the kernel was built without NUMA and has no folder of nodes.
  private func findNodes() throws -> Bool {
    do throws(FileError) {
      try entries.list(into: &numbers)
    } catch {
      guard error.meansGone else { throw error }
      // No sysfs at all is a failure.
      var folder = NumberedEntries(in: sysfs, prefix: "")
      try folder.list(into: &numbers)
      nodes.removeAll()
      return false
    }
    if !nodes.lazy.map(\.number).elementsEqual(numbers) {
      let known = Dictionary(nodes.map { ($0.number, $0) }) { first, _ in first }
      nodes = numbers.enumerated().map { place, number in
        known[number]
          ?? NumaNode(number, folder: entries.path, keepsOpen: place < Self.nodesKeptOpen)
      }
    }
    return true
  }

  /// So many nodes' files stay open between scrapes; those of more nodes are opened each time,
  /// since a process has 1024 descriptors by default.
  package static let nodesKeptOpen = 64

  private func isGone(_ node: NumaNode) -> Bool {
    var now: [Int] = []
    do {
      try entries.list(into: &now)
    } catch {
      return false
    }
    return !now.contains(node.number)
  }

  private func readFacts() -> [any Error] {
    var problems: [any Error] = []
    do { try roles.read() } catch { problems.append(error) }
    do { try tiers.read() } catch { problems.append(error) }
    for node in nodes {
      node.facts = NodeFacts(
        memoryTier: tiers.tier(ofNode: node.number),
        hasCPU: roles.hasCPU?.contains(node.number),
        hasMemory: roles.hasMemory?.contains(node.number))
    }
    return problems
  }
}
