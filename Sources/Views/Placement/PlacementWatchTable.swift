package import PageMigration

/// The rows of `placement --watch`: where each process's memory is now, and what that changed by.
package struct PlacementWatchTable {
  private let report: PlacementReport
  private let nodes: [Int]

  /// - Parameter report: with the processes as they were found first.
  package init(_ report: PlacementReport) {
    self.report = report
    nodes = report.nodes
  }

  package var header: String {
    var cells = ["time", "pid"]
    for node in nodes { cells += [report.heading(ofNode: node), "change"] }
    return line(cells + ["total", "in THPs", "balanced"])
  }

  /// - Parameter last: the same process before. Nil in its first row, which has no changes.
  package func row(
    time: String, _ process: PlacementReader.Process, since last: PlacementReader.Process?
  ) -> String {
    let now = process.placement
    var cells: [String] = [time, "\(process.pid)"]
    for node in nodes {
      let bytes = now.bytes(onNode: node)
      let before = last?.placement.bytes(onNode: node)
      cells.append(Readable.bytes(Double(bytes)))
      cells.append(before.map { change(from: $0, to: bytes) } ?? "")
    }
    cells.append(Readable.bytes(Double(now.bytes)))
    cells.append(now.thpBytes.map { Readable.bytes(Double($0)) } ?? "-")
    cells.append(balanced(process, since: last))
    return line(cells)
  }

  /// Base pages that NUMA balancing moved since then.
  private func balanced(
    _ process: PlacementReader.Process, since last: PlacementReader.Process?
  ) -> String {
    guard let now = process.balancing?.pagesMigrated else { return "-" }
    let before = last?.balancing?.pagesMigrated ?? now
    // Threads that ended take their counts with them.
    return Readable.number(now >= before ? Double(now - before) : 0)
  }

  private func change(from old: UInt64, to new: UInt64) -> String {
    if new == old { return "0" }
    return new > old
      ? "+\(Readable.bytes(Double(new - old)))" : "-\(Readable.bytes(Double(old - new)))"
  }

  private func line(_ cells: [String]) -> String {
    var text = ""
    for (place, cell) in cells.enumerated() {
      let isNode = place >= 2 && place < 2 + 2 * nodes.count && place % 2 == 0
      let width = place < 2 ? 8 : isNode ? max(9, headingWidth) : 9
      let padding = String(repeating: " ", count: max(0, width - cell.count))
      text += place == 0 ? cell + padding : "  " + padding + cell
    }
    return text + "\n"
  }

  private var headingWidth: Int { nodes.map { report.heading(ofNode: $0).count }.max() ?? 0 }
}
