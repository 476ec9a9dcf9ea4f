package import PageMigration

/// What `placement` has found out.
package struct PlacementReport {
  /// The nodes that have memory: shown even where no process has any of it there.
  let memoryNodes: [Int]
  package var processes: [PlacementReader.Process] = []
  package var failures: [(pid: Int, reason: String)] = []

  /// Of each node, as far as it is known.
  let tiers: [Int: Int]

  package init(memoryNodes: [Int], tiers: [Int: Int]) {
    self.memoryNodes = memoryNodes
    self.tiers = tiers
  }

  /// `node 1 (tier 450)`
  func heading(ofNode node: Int) -> String {
    "node \(node)" + (tiers[node].map { " (tier \($0))" } ?? "")
  }

  /// Every node that is shown, rising.
  var nodes: [Int] {
    Set(memoryNodes).union(processes.flatMap(\.placement.nodes)).sorted()
  }
}
