internal import Exposition
internal import MigrationReasons

/// What is exported of waits. The sources are the functions whose time it is.
enum WaitsFamilies {
  static let touched = family(
    "wait", [.page, .thp, .hugetlb], labels: ["page"],
    "How long threads slept after touching a page that was being moved")
  static let numaScan = family(
    "numa_scan", [.numaScan], "How long NUMA balancing kept a thread each time it marked its pages")
  static let directCompaction = family(
    "direct_compaction", [.directCompaction],
    "How long an allocating thread compacted memory itself")

  static let byCgroup = MetricFamily(
    "pagemigration_cgroup_wait_seconds_total", .counter, labels: ["cgroup", "kind"],
    source: Wait.allCases.map(\.function).joined(separator: ", "), unit: "seconds", since: "5.12",
    help: "How long the threads of this cgroup were held up; other is all that is not followed ("
      + Wait.allCases.map(\.function).joined(separator: ", ") + ")")

  static let documentation = [touched, numaScan, directCompaction, byCgroup]

  /// A cgroup's metrics, in the order of the waits.
  static func cgroup(_ name: String, _ waits: [Wait]) -> [Metric] {
    waits.map { byCgroup.metric(["cgroup": name, "kind": kind($0)]) }
  }

  private static func kind(_ wait: Wait) -> String {
    switch wait {
    case .page: "base"
    case .thp: "thp"
    case .hugetlb: "hugetlb"
    case .numaScan: "numa_scan"
    case .directCompaction: "direct_compaction"
    }
  }

  /// A wait's family, and its metrics in it.
  static func histogram(_ wait: Wait) -> (family: MetricFamily, metrics: HistogramMetrics) {
    let family =
      switch wait {
      case .page, .thp, .hugetlb: touched
      case .numaScan: numaScan
      case .directCompaction: directCompaction
      }
    let metrics = HistogramMetrics(
      family, DurationBuckets.scale,
      labelPairs: family === touched ? [("page", kind(wait))] : [])
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
