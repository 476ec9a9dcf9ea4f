package import PageMigration

/// What `placement` has found out.
package struct PlacementReport {
  /// The nodes that have memory: shown even where no process has any of it there.
  let memoryNodes: [Int]
  package var processes: [PlacementReader.Process] = []
  package var failures: [(pid: Int, reason: String)] = []

  package init(memoryNodes: [Int]) { self.memoryNodes = memoryNodes }

  /// Every node that is shown, rising.
  var nodes: [Int] {
    Set(memoryNodes).union(processes.flatMap(\.placement.nodes)).sorted()
  }
}
