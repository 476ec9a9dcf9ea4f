internal import KernelText
internal import PageMigration

extension PlacementReport {
  /// A table for each process, with a row for each kind of memory and a column for each node.
  package var table: String {
    processes.map { process in
      let heading = "process \(process.pid) (\(printable(process.command))), bytes\n"
      return heading + aligned(rows(of: process.placement)).map { $0 + "\n" }.joined()
    }.joined(separator: "\n")
  }

  private func rows(of placement: Placement) -> [[String]] {
    let nodes = nodes
    var rows = [["", "page size"] + nodes.map { "node \($0)" } + ["total", "in THPs"]]
    for row in placement.rows {
      rows.append(
        [row.kind.rawValue, "\(row.pageSize)"]
          + nodes.map { "\(row.bytesOnNode[$0] ?? 0)" }
          + ["\(row.bytes)", row.thpBytes.map { "\($0)" } ?? "-"])
    }
    rows.append(
      ["total", ""] + nodes.map { "\(placement.bytes(onNode: $0))" }
        + ["\(placement.bytes)", placement.thpBytes.map { "\($0)" } ?? "-"])
    return rows
  }
}
