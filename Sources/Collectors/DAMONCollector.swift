package import Exposition
package import KernelText

/// What the schemes of DAMON did: `/sys/kernel/mm/damon/admin`
/// (Documentation/ABI/testing/sysfs-kernel-mm-damon), readable by root alone.
///
/// The files are as old as the last time that somebody asked the kernel for them. To ask is to write,
/// which the exporter never does: so only those of a kdamond are read that refreshes them by itself
/// (`refresh_ms`, from 6.17 on).
package final class DAMONCollector: Collector {
  package let name = "damon"
  private let folder: String
  private var buffer = [UInt8](repeating: 0, count: 128)
  private var counters = FolderCounters([
    row(
      "stats/nr_tried", "damon_regions_tried_total", "regions",
      "Regions that this scheme tried to act on"),
    row(
      "stats/sz_tried", "damon_tried_bytes_total", "bytes",
      "Memory that this scheme tried to act on"),
    row(
      "stats/nr_applied", "damon_regions_applied_total", "regions",
      "Regions that this scheme was applied to"),
    row(
      "stats/sz_applied", "damon_applied_bytes_total", "bytes",
      "Memory that this scheme was applied to: for migrate_hot and migrate_cold, what was moved"),
    row(
      "stats/qt_exceeds", "damon_quota_exceeded_total", "times",
      "Times that this scheme had used up its quota"),
  ])

  package init(_ paths: KernelPaths) { folder = "\(paths.sysfs)/kernel/mm/damon/admin/kdamonds" }

  package var documentation: [MetricFamily] { [Self.refresh] + counters.rows.map(\.family) }

  package func collect(into encoder: inout Encoder) throws -> [any Error] {
    var targets: [FolderCounters.Target] = []
    encoder.begin(Self.refresh)
    for kdamond in try Subfolders.names(of: folder) ?? [] {
      let path = "\(folder)/\(kdamond)"
      guard let milliseconds = try read("\(path)/refresh_ms", SingleValue.number) else { continue }
      encoder.write(
        Self.refresh.metric(["kdamond": kdamond]), .milliseconds(min(milliseconds, 1 << 40)))
      if milliseconds > 0 { targets += try schemes(of: kdamond, in: path) }
    }
    return counters.write(targets, into: &encoder)
  }

  private func schemes(of kdamond: String, in path: String) throws -> [FolderCounters.Target] {
    var targets: [FolderCounters.Target] = []
    for context in try Subfolders.names(of: "\(path)/contexts") ?? [] {
      let folder = "\(path)/contexts/\(context)/schemes"
      for scheme in try Subfolders.names(of: folder) ?? [] {
        let action = try read("\(folder)/\(scheme)/action") { SingleValue.word($0) } ?? ""
        targets.append(
          .init(
            folder: "\(folder)/\(scheme)",
            labels: [
              ("kdamond", kdamond), ("context", context), ("scheme", scheme), ("action", action),
            ]))
      }
    }
    return targets
  }

  private func read<Value>(_ path: String, _ parse: (Span<UInt8>) -> Value?) throws -> Value? {
    var file = SingleValueFile(path)
    return try file.read(using: &buffer, wholeLine: true, parse)
  }

  private static let refresh = MetricFamily(
    "pagemigration_damon_refresh_seconds", .gauge, labels: ["kdamond"], source: "refresh_ms",
    unit: "seconds", since: "6.17",
    help:
      "How often this kdamond refreshes what its schemes did; 0 for never, and then they are not"
      + " shown (refresh_ms)")

  private static func row(
    _ file: String, _ name: String, _ unit: String, _ help: String
  ) -> FolderCounters.Row {
    .init(
      file, name, labels: ["kdamond", "context", "scheme", "action"], unit: unit, since: "5.18",
      help)
  }
}
