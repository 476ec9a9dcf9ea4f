internal import Exposition
internal import PageMigration

/// One NUMA node: its file, its last snapshot and its metrics with its number as their label.
final class NumaNode {
  let number: Int
  private(set) var isReadable = false
  private var file: CounterFile
  private var snapshot = CounterSnapshot()
  private let series: [CounterSeries]
  private var infoMetric: Metric

  init(_ number: Int, folder: String, keepsOpen: Bool) {
    self.number = number
    file = CounterFile(
      "\(folder)/node\(number)/vmstat", keepsOpen: keepsOpen, passesOverNameless: true)
    series = nodeFamilies.map { $0.series(labelPairs: [("numa_node", "\(number)")]) }
    infoMetric = Self.infoMetric(number, NodeFacts())
  }

  /// What the node is; a change of it changes the labels of its info.
  var facts = NodeFacts() {
    didSet { if facts != oldValue { infoMetric = Self.infoMetric(number, facts) } }
  }

  func read(using buffer: inout [UInt8]) throws {
    isReadable = false
    try file.read(into: &snapshot, using: &buffer)
    isReadable = true
  }

  /// Writes the metrics of the family at `index` of the table.
  func writeFamily(_ index: Int, into encoder: inout Encoder) {
    series[index].writeMetrics(snapshot, into: &encoder)
  }

  func writeInfo(into encoder: inout Encoder) {
    encoder.write(infoMetric, 1)
  }

  static let info = DocumentedFamily(
    "pagemigration_node_info", .info,
    labels: ["numa_node", "memory_tier", "has_cpu", "has_memory"],
    source: "/sys/devices/system/node, /sys/devices/virtual/memory_tiering", unit: "1",
    since: "any, memory_tier 6.1",
    help:
      "A NUMA node, its memory tier (a lower number is faster) and whether it has CPUs and memory; a label is empty where the kernel does not say"
  )

  private static func infoMetric(_ number: Int, _ facts: NodeFacts) -> Metric {
    info.family.metric([
      "numa_node": "\(number)",
      "memory_tier": facts.memoryTier.map { "\($0)" } ?? "",
      "has_cpu": facts.hasCPU.map { "\($0)" } ?? "",
      "has_memory": facts.hasMemory.map { "\($0)" } ?? "",
    ])
  }
}

/// What a node is. Nil where the kernel does not say.
struct NodeFacts: Equatable {
  var memoryTier: Int?
  var hasCPU: Bool?
  var hasMemory: Bool?
}
