internal import Exposition
internal import KernelText
internal import MigrationReasons

/// Which node's CPUs do the moving: the events of CPUs, by the node that each is on.
struct CPUNodes: ~Copyable {
  private var folder: NumberedEntries
  private let folderPath: String
  private var totals = CPUNodeTotals()
  private var nodeOfCPU: [Int?] = []
  private var metrics: [Int: (migrated: Metric, failed: Metric)] = [:]

  init(_ paths: KernelPaths) {
    folderPath = "\(paths.sysfs)/devices/system/node"
    folder = NumberedEntries(in: folderPath, prefix: "node")
  }

  /// Writes both families. A kernel without NUMA has no nodes to tell apart.
  mutating func write(_ cpus: [CPUEvents], into encoder: inout Encoder) throws {
    if nodeOfCPU.count != cpus.count || totals.hasStranger(cpus, nodeOfCPU) {
      nodeOfCPU = try nodes(ofCPUs: cpus.count)
    }
    totals.take(cpus, nodeOfCPU)
    for node in totals.nodes where metrics[node] == nil {
      let label: KeyValuePairs = ["numa_node": "\(node)"]
      metrics[node] = (Self.migrated.metric(label), Self.failed.metric(label))
    }
    encoder.begin(Self.migrated)
    for node in totals.nodes { encoder.write(metrics[node]!.migrated, totals[node].pagesMigrated) }
    encoder.begin(Self.failed)
    for node in totals.nodes { encoder.write(metrics[node]!.failed, totals[node].pagesFailed) }
  }

  /// A node's folder links to its CPUs, also those that are offline.
  private mutating func nodes(ofCPUs count: Int) throws -> [Int?] {
    var nodes = [Int?](repeating: nil, count: count)
    var numbers: [Int] = []
    do throws(FileError) {
      try folder.list(into: &numbers)
    } catch {
      guard error.meansGone else { throw error }
      return nodes
    }
    for node in numbers {
      var links = NumberedEntries(in: "\(folderPath)/node\(node)", prefix: "cpu")
      var cpus: [Int] = []
      try links.list(into: &cpus)
      for cpu in cpus where cpu < count { nodes[cpu] = node }
    }
    return nodes
  }

  static let documentation = [migrated, failed]

  private static let source = "vm_event_states of each CPU, read by eBPF"

  private static let migrated = MetricFamily(
    "pagemigration_cpu_node_pages_migrated_total", .counter, labels: ["numa_node"],
    source: source, unit: "base pages", since: "5.17",
    help:
      "Base pages that the CPUs of this NUMA node moved, wherever the pages were; with --collector.vmstat.percpu (pgmigrate_success of each CPU)"
  )
  private static let failed = MetricFamily(
    "pagemigration_cpu_node_pages_failed_total", .counter, labels: ["numa_node"],
    source: source, unit: "base pages", since: "5.17",
    help:
      "Base pages that the CPUs of this NUMA node could not move; with --collector.vmstat.percpu (pgmigrate_fail of each CPU)"
  )
}

/// Adds up what CPUs have by node, so that no node's sum ever falls.
///
/// When a CPU goes offline the kernel adds its events to those of another CPU, which may be on another
/// node. No page moved then: what one CPU lost is taken from what the others gained.
struct CPUNodeTotals {
  private var last: [CPUEvents] = []
  private var totals: [Int: CPUEvents] = [:]
  /// Those that have CPUs, rising.
  private(set) var nodes: [Int] = []

  subscript(node: Int) -> CPUEvents { totals[node] ?? CPUEvents() }

  /// Whether a CPU has moved pages whose node is not known.
  func hasStranger(_ cpus: [CPUEvents], _ nodeOfCPU: [Int?]) -> Bool {
    cpus.indices.contains { nodeOfCPU[$0] == nil && cpus[$0] != CPUEvents() }
  }

  /// - Parameter nodeOfCPU: nil where it is not known: then what that CPU has is added once it is.
  mutating func take(_ cpus: [CPUEvents], _ nodeOfCPU: [Int?]) {
    if last.count != cpus.count { last = Array(repeating: CPUEvents(), count: cpus.count) }
    for case let node? in nodeOfCPU where totals[node] == nil {
      totals[node] = CPUEvents()
      nodes = totals.keys.sorted()
    }
    add(\.pagesMigrated, cpus, nodeOfCPU)
    add(\.pagesFailed, cpus, nodeOfCPU)
    for cpu in cpus.indices where nodeOfCPU[cpu] != nil { last[cpu] = cpus[cpu] }
  }

  private mutating func add(
    _ field: WritableKeyPath<CPUEvents, UInt64>, _ cpus: [CPUEvents], _ nodeOfCPU: [Int?]
  ) {
    var lost: UInt64 = 0
    for (now, before) in zip(cpus, last) where now[keyPath: field] < before[keyPath: field] {
      lost &+= before[keyPath: field] - now[keyPath: field]
    }
    // Whose gain is the largest has most likely been given it.
    var gains = cpus.indices.compactMap { cpu -> (node: Int, gain: UInt64)? in
      let (now, before) = (cpus[cpu][keyPath: field], last[cpu][keyPath: field])
      guard let node = nodeOfCPU[cpu], now > before else { return nil }
      return (node, now - before)
    }
    if lost > 0 { gains.sort { $0.gain > $1.gain } }
    for (node, gain) in gains {
      let given = min(gain, lost)
      lost -= given
      totals[node, default: CPUEvents()][keyPath: field] &+= gain - given
    }
  }
}
