internal import PageMigration

/// What `placement` has found out.
struct PlacementReport {
  /// The nodes that have memory: shown even where no process has any of it there.
  let memoryNodes: [Int]
  var processes: [PlacementReader.Process] = []
  var failures: [(pid: Int, reason: String)] = []

  init(memoryNodes: [Int]) { self.memoryNodes = memoryNodes }

  /// Every node that is shown, rising.
  var nodes: [Int] {
    Set(memoryNodes).union(processes.flatMap(\.placement.nodes)).sorted()
  }
}

extension Placement {
  func bytes(onNode node: Int) -> UInt64 {
    rows.reduce(0) { $0 &+ ($1.bytesOnNode[node] ?? 0) }
  }

  var bytes: UInt64 { rows.reduce(0) { $0 &+ $1.bytes } }

  /// Nil where it is not known.
  var hugeBytes: UInt64? {
    rows.reduce(0) { sum, row in sum.flatMap { sum in row.hugeBytes.map { sum &+ $0 } } }
  }
}
