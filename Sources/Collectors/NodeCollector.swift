package import Exposition
package import KernelText
internal import PageMigration
package import System

/// The counters that the kernel keeps for each NUMA node, and what each node is.
///
/// Nodes are found anew at each scrape. A node that fails costs only its own metrics.
package final class NodeCollector: Collector {
  package let name = "node"
  package let countingSince: BootInstant?

  private var reader: NodeReader

  package init(_ paths: KernelPaths) {
    countingSince = paths.areThisKernels ? .boot : nil
    reader = NodeReader(paths)
  }

  package var documentation: [MetricFamily] {
    Self.families.map(\.metricFamily) + [
      Node.memory, NodeSpeed.bandwidth, NodeSpeed.latency, Node.info,
    ]
  }

  package func collect(into encoder: inout Encoder) throws -> [any Error] {
    try reader.write(into: &encoder)
  }

  fileprivate static let families = CounterFamily.all(of: .node)

  /// So many nodes' files stay open between scrapes; those of more nodes are opened each time,
  /// since a process has 1024 descriptors by default.
  package static let nodesKeptOpen = 64
}

/// All nodes, and what is read of them: used whole, as the reader of vmstat is.
private struct NodeReader: ~Copyable {
  private var entries: NumberedEntries
  private var topology: NodeTopology
  private var numbers: [Int] = []
  private var nodes: [Node] = []
  private var counters = CounterBlock([], targets: [])
  private let sysfs: String
  private var hostFacts: HostFactsReader
  private var freeBlocks: FreeBlocksFile
  private var buffer = [UInt8](repeating: 0, count: 16 << 10)

  init(_ paths: KernelPaths) {
    entries = NumberedEntries(in: "\(paths.sysfs)/devices/system/node", prefix: "node")
    topology = NodeTopology(folder: entries.path, sysfs: paths.sysfs)
    sysfs = paths.sysfs
    hostFacts = HostFactsReader(paths)
    freeBlocks = FreeBlocksFile(procfs: paths.procfs)
  }

  /// - Returns: what could not be read.
  mutating func write(into encoder: inout Encoder) throws -> [any Error] {
    guard try findNodes() else { return [] }
    var problems = topology.read()
    for node in nodes {
      node.facts = topology.facts(ofNode: node.number)
      do {
        try node.read(using: &buffer)
      } catch {
        // A node that was taken offline since it was listed is no failure.
        if !isGone(node) { problems.append(error) }
      }
    }
    do { try fillInFreeBlocks() } catch { problems.append(error) }
    for place in nodes.indices { counters.take(nodes[place].snapshot, ofTarget: place) }
    counters.write(into: &encoder)
    encoder.begin(Node.memory)
    for node in nodes where node.isReadable {
      if let bytes = node.memoryBytes { encoder.write(node.memoryMetric, bytes) }
    }
    encoder.begin(NodeSpeed.bandwidth)
    for node in nodes where node.isReadable { node.speed.writeBandwidth(into: &encoder) }
    encoder.begin(NodeSpeed.latency)
    for node in nodes where node.isReadable { node.speed.writeLatency(into: &encoder) }
    encoder.begin(Node.info)
    for node in nodes where node.isReadable { encoder.write(node.infoMetric, 1) }
    return problems
  }

  /// From buddyinfo, where the nodes themselves do not say it.
  private mutating func fillInFreeBlocks() throws {
    let silent = nodes.filter { $0.isReadable && $0.snapshot.lacksFreeBlocks }
    guard !silent.isEmpty else { return }
    // What cannot be read is the vmstat collector's to report.
    _ = hostFacts.read()
    guard let pages = try freeBlocks.pagesByNode(hostFacts.facts, using: &buffer) else { return }
    for node in silent {
      if let count = pages[node.number] { node.snapshot.fillIn(.freePagesBlocks, count) }
    }
  }

  /// False where the kernel was built without NUMA and has no folder of nodes.
  private mutating func findNodes() throws -> Bool {
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
          ?? Node(number, folder: entries.path, keepsOpen: place < NodeCollector.nodesKeptOpen)
      }
      counters = CounterBlock(NodeCollector.families, targets: numbers.map { "\($0)" })
    }
    return true
  }

  private mutating func isGone(_ node: Node) -> Bool {
    var now: [Int] = []
    do {
      try entries.list(into: &now)
    } catch {
      return false
    }
    return !now.contains(node.number)
  }
}

/// One NUMA node: its file, its counters and what it is.
private final class Node {
  let number: Int
  private(set) var isReadable = false
  var snapshot = CounterSnapshot()
  private(set) var infoMetric: Metric
  let memoryMetric: Metric
  /// As of a minute ago at most. Nil where the kernel does not say.
  private(set) var memoryBytes: UInt64?
  private var file: CounterFile
  private var memoryFile: SingleValueFile
  private(set) var speed: NodeSpeed
  private var isDue = MonotonicTime(sinceBoot: .zero)

  init(_ number: Int, folder: String, keepsOpen: Bool) {
    self.number = number
    file = CounterFile(
      "\(folder)/node\(number)/vmstat", keepsOpen: keepsOpen, passesOverNameless: true)
    infoMetric = Self.infoMetric(number, NodeFacts())
    memoryMetric = Self.memory.metric(["numa_node": "\(number)"])
    memoryFile = SingleValueFile("\(folder)/node\(number)/meminfo")
    speed = NodeSpeed(number, folder: "\(folder)/node\(number)")
  }

  /// A change of it changes the labels of its info.
  var facts = NodeFacts() {
    didSet { if facts != oldValue { infoMetric = Self.infoMetric(number, facts) } }
  }

  func read(using buffer: inout [UInt8]) throws {
    isReadable = false
    try file.read(into: &snapshot, using: &buffer)
    isReadable = true
    // Only hotplug changes this, and the kernel takes as long for it as for all the counters.
    let now = MonotonicTime.now
    guard now >= isDue else { return }
    memoryBytes = try memoryFile.read(using: &buffer, wholeLine: false, NodeMemory.bytes)
    try speed.read(using: &buffer)
    isDue = now + .seconds(60)
  }

  static let memory = MetricFamily(
    "pagemigration_node_memory_bytes", .gauge, labels: ["numa_node"],
    source: "/sys/devices/system/node/nodeN/meminfo: MemTotal", unit: "bytes", since: "2.6",
    help: "Memory of this node, read once a minute (nodeN/meminfo: MemTotal)")

  static let info = MetricFamily(
    "pagemigration_node_info", .info,
    labels: ["numa_node", "memory_tier", "has_cpu", "has_memory"],
    source: "/sys/devices/system/node, /sys/devices/virtual/memory_tiering", unit: "1",
    since: "any, memory_tier 6.1",
    help:
      "A NUMA node, its memory tier (a lower number is faster) and whether it has CPUs and memory; a label is empty where the kernel does not say"
  )

  private static func infoMetric(_ number: Int, _ facts: NodeFacts) -> Metric {
    info.metric([
      "numa_node": "\(number)",
      "memory_tier": facts.memoryTier.map { "\($0)" } ?? "",
      "has_cpu": facts.hasCPU.map { "\($0)" } ?? "",
      "has_memory": facts.hasMemory.map { "\($0)" } ?? "",
    ])
  }
}
