internal import Exposition
internal import MigrationReasons
internal import System

/// What is exported of waits. The sources are the functions whose time it is.
enum WaitsFamilies {
  static let touched = family(
    "wait", [.page, .thp, .hugetlb], labels: ["page"],
    "How long a thread slept that touched a page while it was being moved")
  static let numaScan = family(
    "numa_scan", [.numaScan], "How long NUMA balancing kept a thread each time it marked its pages")
  static let directCompaction = family(
    "direct_compaction", [.directCompaction],
    "How long an allocating thread compacted memory itself")

  static let documentation = [touched, numaScan, directCompaction]

  /// A wait's family, and its metrics in it.
  static func histogram(_ wait: Wait) -> (family: MetricFamily, metrics: HistogramMetrics) {
    let (family, page): (MetricFamily, String?) =
      switch wait {
      case .page: (touched, "base")
      case .thp: (touched, "thp")
      case .hugetlb: (touched, "hugetlb")
      case .numaScan: (numaScan, nil)
      case .directCompaction: (directCompaction, nil)
      }
    let metrics = HistogramMetrics(
      family, bounds: ReasonTotals.durationBounds.map(\.inSeconds),
      labelPairs: page.map { [("page", $0)] } ?? [])
    return (family, metrics)
  }

  private static func family(
    _ name: String, _ waits: [Wait], labels: [String] = [], _ help: String
  ) -> MetricFamily {
    let source = waits.map(\.function).joined(separator: ", ")
    return MetricFamily(
      "pagemigration_\(name)_seconds", .histogram, labels: labels, source: source, unit: "seconds",
      since: "5.5", help: "\(help) (\(source))")
  }
}
