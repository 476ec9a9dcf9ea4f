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
      let lines = aligned(rows(of: process.placement, size)) + notes(of: process, size)
      return heading + lines.map { $0 + "\n" }.joined()
    }.joined(separator: "\n")
  }

  private func rows(of placement: Placement, _ size: (UInt64) -> String) -> [[String]] {
    let nodes = nodes
    var rows = [["", "page size"] + nodes.map(heading) + ["total", "in THPs", "THP share"]]
    for row in placement.rows {
      rows.append(
        [row.kind.rawValue, size(row.pageSize)]
          + nodes.map { size(row.bytesOnNode[$0] ?? 0) }
          + [size(row.bytes)] + thps(row.thpBytes, of: row.bytes, size))
    }
    rows.append(
      ["total", ""] + nodes.map { size(placement.bytes(onNode: $0)) }
        + [size(placement.bytes)] + thps(placement.thpBytes, of: placement.bytes, size))
    return rows
  }

  private func thps(_ bytes: UInt64?, of all: UInt64, _ size: (UInt64) -> String) -> [String] {
    guard let bytes else { return ["-", "-"] }
    return [size(bytes), all > 0 ? Readable.percent(Double(bytes) / Double(all)) : "-"]
  }

  /// Its memory policies, and what NUMA balancing knows of it.
  private func notes(
    of process: PlacementReader.Process, _ size: (UInt64) -> String
  ) -> [String] {
    let policies = process.placement.bytesUnderPolicy
      .sorted { ($1.value, $0.key) < ($0.value, $1.key) }
    let shown = policies.prefix(Self.policiesShown).map { "\(size($0.value)) \(printable($0.key))" }
    let more = policies.count - shown.count
    var lines = [
      "policy     " + shown.joined(separator: ", ") + (more > 0 ? ", and \(more) more" : "")
    ]
    if let told = process.balancing {
      let nodes = told.threadsPreferring.sorted { $0.key < $1.key }
        .map { "; \($0.value) of \(told.threads) threads prefer node \($0.key)" }
      lines.append(
        "balancing  \(told.pagesMigrated) base pages moved, \(told.faults) hint faults"
          + nodes.joined())
    }
    return lines
  }

  private static let policiesShown = 4
}
