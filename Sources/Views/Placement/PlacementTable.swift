internal import KernelText
internal import PageMigration

extension PlacementReport {
  /// A table for each process, with a row for each kind of memory and a column for each node.
  ///
  /// - Parameter isHuman: whether sizes are shown as `1.5 GiB` instead of as counts of bytes.
  package func table(isHuman: Bool) -> String {
    func size(_ bytes: UInt64) -> String { isHuman ? Readable.bytes(Double(bytes)) : "\(bytes)" }
    return processes.map { process in
      let unit = isHuman ? "" : ", bytes"
      let heading = "process \(process.pid) (\(printable(process.command)))\(unit)\n"
      return heading + aligned(rows(of: process.placement, size)).map { $0 + "\n" }.joined()
    }.joined(separator: "\n")
  }

  private func rows(of placement: Placement, _ size: (UInt64) -> String) -> [[String]] {
    let nodes = nodes
    var rows = [["", "page size"] + nodes.map { "node \($0)" } + ["total", "in THPs"]]
    for row in placement.rows {
      rows.append(
        [row.kind.rawValue, size(row.pageSize)]
          + nodes.map { size(row.bytesOnNode[$0] ?? 0) }
          + [size(row.bytes), row.thpBytes.map(size) ?? "-"])
    }
    rows.append(
      ["total", ""] + nodes.map { size(placement.bytes(onNode: $0)) }
        + [size(placement.bytes), placement.thpBytes.map(size) ?? "-"])
    return rows
  }
}
