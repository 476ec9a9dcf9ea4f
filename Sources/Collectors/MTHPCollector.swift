package import Exposition
package import KernelText

/// Transparent huge pages of each size: `transparent_hugepage/hugepages-NkB/stats`
/// (Documentation/admin-guide/mm/transhuge.rst), from 6.10 on. None of these is a migration; they say what
/// becomes of large folios where there is no large page to be had.
package final class MTHPCollector: Collector {
  package let name = "mthp"
  private let folder: String
  private var counters = FolderCounters([
    row(
      "anon_fault_alloc", "mthp_fault_allocations_total", "Page faults that were given this size"),
    row(
      "anon_fault_fallback", "mthp_fault_fallbacks_total",
      "Page faults that asked for this size and were given a smaller one"),
    row(
      "shmem_alloc", "mthp_shmem_allocations_total", since: "6.11",
      "Pages of shared memory that were given this size"),
    row(
      "shmem_fallback", "mthp_shmem_fallbacks_total", since: "6.11",
      "Pages of shared memory that asked for this size in vain"),
    row("split", "mthp_splits_total", since: "6.11", "Folios of this size that were split"),
    row(
      "split_failed", "mthp_split_failures_total", since: "6.11",
      "Folios of this size that could not be split, as something else refers to them"),
    row(
      "split_deferred", "mthp_splits_deferred_total", since: "6.11",
      "Folios of this size that are to be split when memory is short"),
    row(
      "swpout", "mthp_swapped_out_total", "Folios of this size that were swapped out whole"),
    row(
      "swpout_fallback", "mthp_swap_out_fallbacks_total",
      "Folios of this size that were split to be swapped out"),
    row(
      "nr_anon", "mthp_anon", as: .gauge, since: "6.12",
      "Anonymous folios of this size in use"),
    row(
      "nr_anon_partially_mapped", "mthp_anon_partially_mapped", as: .gauge, since: "6.12",
      "Anonymous folios of this size that are only partly mapped"),
  ])

  package init(_ paths: KernelPaths) { folder = "\(paths.sysfs)/kernel/mm/transparent_hugepage" }

  package var documentation: [MetricFamily] { counters.rows.map(\.family) }

  package func collect(into encoder: inout Encoder) throws -> [any Error] {
    let prefix = "hugepages-"
    let sizes = (try Subfolders.names(of: folder) ?? []).filter { $0.hasPrefix(prefix) }
    return counters.write(
      sizes.map {
        .init(
          folder: "\(folder)/\($0)/stats", labels: [("size", String($0.dropFirst(prefix.count)))])
      }, into: &encoder)
  }

  private static func row(
    _ file: String, _ name: String, as type: MetricType = .counter, since: String = "6.10",
    _ help: String
  ) -> FolderCounters.Row {
    .init(file, name, as: type, labels: ["size"], unit: "folios", since: since, help)
  }
}
