package import Exposition
package import KernelText

/// Each area of contiguous memory: `/sys/kernel/mm/cma` (Documentation/ABI/testing/sysfs-kernel-mm-cma).
/// A kernel without CMA gives no metric.
package final class CMACollector: Collector {
  package let name = "cma"
  private let folder: String
  private var counters = FolderCounters([
    row(
      "alloc_pages_success", "cma_area_pages_allocated_total", since: "5.13",
      "Base pages allocated from this area"),
    row(
      "alloc_pages_fail", "cma_area_pages_refused_total", since: "5.13",
      "Base pages requested from this area that could not be allocated"),
    row(
      "release_pages_success", "cma_area_pages_released_total", since: "6.9",
      "Base pages of this area that were given back"),
    row("total_pages", "cma_area_pages", as: .gauge, since: "6.15", "Base pages of this area"),
    row(
      "available_pages", "cma_area_free_pages", as: .gauge, since: "6.15",
      "Free base pages of this area"),
  ])

  package init(_ paths: KernelPaths) { folder = "\(paths.sysfs)/kernel/mm/cma" }

  package var documentation: [MetricFamily] { counters.rows.map(\.family) }

  package func collect(into encoder: inout Encoder) throws -> [any Error] {
    guard let areas = try Subfolders.names(of: folder) else { return [] }
    return counters.write(
      areas.map { .init(folder: "\(folder)/\($0)", labels: [("area", $0)]) }, into: &encoder)
  }

  private static func row(
    _ file: String, _ name: String, as type: MetricType = .counter, since: String, _ help: String
  ) -> FolderCounters.Row {
    .init(file, name, as: type, labels: ["area"], unit: "base pages", since: since, help)
  }
}
