internal import Views

/// What the moving of pages costs, in units of those who pay.
extension Evidence {
  /// CPU time, and the time of threads.
  var costs: [String] { [processorTime].compactMap(\.self) + threadTimes }

  /// An estimate: what pages took that were moved and scanned in a compaction.
  private var processorTime: String? {
    guard let moved = try? migrated, let failed = try? failed else { return nil }
    let size = (try? value("pagemigration_thp_size_bytes")) ?? 0
    let thp = (try? rate("pagemigration_thp_migrated_total")) ?? 0
    let inTHPs = min(moved, thp * size / ((try? pageSize) ?? 4096))
    let scanned = (try? rate("pagemigration_compaction_migrate_scanned_pages_total")) ?? 0
    let seconds =
      (moved - inTHPs + failed) * Self.secondsPerPage + inTHPs * Self.secondsPerTHPPage
      + scanned * Self.secondsPerScan
    return
      "about \(Readable.seconds(seconds)) of CPU time each second, within a factor of two:"
      + " 2.5 µs per base page moved, 0.4 µs per page of a THP, 7 ns per page scanned"
  }

  /// To isolate, unmap, copy and map again a base page of 4 KiB took 1.5 to 3.2 µs of the CPU time of
  /// a compaction that moved 19 to 240 000 pages and scanned 1.2 million, each in 6 to 7 ns; a page
  /// of a THP took 0.4 µs.
  private static let secondsPerPage = 2.5e-6
  private static let secondsPerTHPPage = 0.4e-6
  private static let secondsPerScan = 7e-9

  /// How long threads were held up, or how to be told.
  var threadTimes: [String] {
    let kept = [
      ("pagemigration_wait_seconds", "threads that touched pages in transit slept for"),
      ("pagemigration_direct_compaction_seconds", "threads that allocated compacted memory for"),
      ("pagemigration_numa_scan_seconds", "NUMA balancing's scans blocked threads for"),
    ].compactMap { family, what in
      seconds(of: family).map { "\(what) \(Readable.seconds($0)) each second" }
    }
    let callers = seconds(of: "pagemigration_reason_call_duration_seconds").map {
      "callers of migrate_pages() were blocked for \(Readable.seconds($0)) each second"
    }
    let waits = "pagemigration_wait_seconds_sum"
    let why = gap(in: waits)?.explanation ?? "--collector.waits measures it"
    let hint =
      kept.isEmpty && series(of: waits).isEmpty
      ? "how long it blocks threads is not known; \(why)" : nil
    return [callers].compactMap(\.self) + kept + [hint].compactMap(\.self)
  }

  /// The growth of a histogram's sum, per second; nil where it is not there, or stood still.
  private func seconds(of family: String) -> Double? {
    let sum = (try? rate(family + "_sum")) ?? (try? rate(allOf: family + "_sum"))
    return sum.flatMap { $0 > 0 ? $0 : nil }
  }

  /// What a node's memory gives in bytes per second: the lesser of reading and writing. Nil where the
  /// firmware does not say.
  func bandwidth(ofNode node: String) -> Double? {
    let family = "pagemigration_node_bandwidth_bytes_per_second"
    let values = ["read", "write"].compactMap {
      try? value("\(family){numa_node=\"\(node)\",operation=\"\($0)\"}")
    }
    return values.min().flatMap { $0 > 0 ? $0 : nil }
  }

  /// How much of the slowest node's bandwidth this may take.
  func bandwidthLine(_ bytes: Double) -> String {
    let nodes = series(of: "pagemigration_node_info").compactMap { $0["numa_node"] }
    let known = nodes.compactMap { node in bandwidth(ofNode: node).map { (node, $0) } }
    let cost = "reading and writing them takes \(Readable.bytes(bytes))/s of bandwidth"
    guard let (node, slowest) = known.min(by: { $0.1 < $1.1 }) else {
      return cost + bandwidthUnknown
    }
    return "\(cost), at most \(Readable.percent(bytes / slowest)) of what the slowest node,"
      + " \(node), provides (\(Readable.bytes(slowest))/s by the firmware's HMAT)"
  }
}

let bandwidthUnknown = "; the firmware does not say of how much (no HMAT)"
