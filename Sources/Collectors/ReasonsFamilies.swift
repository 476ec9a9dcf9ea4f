internal import Exposition
internal import MigrationReasons

/// What is exported of migrations by reason. The source is the tracepoint `migrate:mm_migrate_pages`
/// (include/trace/events/migrate.h).
enum ReasonsFamilies {
  /// One number per reason.
  struct Counter {
    let family: MetricFamily
    let value: @Sendable (ReasonTotals) -> UInt64
    /// Whether the running kernel counts it.
    let isIn: @Sendable (SharedProbe) -> Bool
  }

  static let counters: [Counter] = [
    counter(
      "pages_migrated", "succeeded", "base pages",
      "Base pages migrated for this reason, a THP as all its pages"
    ) { $0.pagesMigrated },
    counter(
      "pages_failed", "failed", "base pages",
      "Base pages that could not be migrated for this reason, again each time they are tried"
    ) { $0.pagesFailed },
    counter(
      "thp_migrated", "thp_succeeded", "THPs", since: "5.9", isIn: \.hasTHP,
      "THPs migrated whole for this reason"
    ) { $0.thpMigrated },
    counter(
      "thp_failed", "thp_failed", "THPs", since: "5.9", isIn: \.hasTHP,
      "THPs not migrated whole for this reason; from 5.17 on those split are among them"
    ) { $0.thpFailed },
    counter(
      "thp_split", "thp_split", "THPs", since: "5.9", isIn: \.hasTHP,
      "THPs split for this reason, so that their pages could be migrated"
    ) { $0.thpSplit },
    counter(
      "folios_split", "large_folio_split", "folios", since: "6.7", isIn: \.hasFoliosSplit,
      "Large folios of any size, THPs among them, split for this reason"
    ) { $0.foliosSplit },
  ]

  static let calls = MetricFamily(
    "pagemigration_reason_calls_total", .counter, labels: ["reason", "mode"],
    source: "mm_migrate_pages: mode, reason",
    unit: "calls",
    help: "Calls of migrate_pages() for this reason; one that found nothing to move counts too"
      + " (mm_migrate_pages: mode, reason)")

  static let duration = MetricFamily(
    "pagemigration_reason_call_duration_seconds", .histogram, labels: ["reason"],
    source: "mm_migrate_pages_start to mm_migrate_pages", unit: "seconds", since: "5.13",
    help: "How long a call of migrate_pages() for this reason kept its caller, sleep included"
      + " (mm_migrate_pages_start to mm_migrate_pages)")

  static let attached = MetricFamily(
    "pagemigration_reasons_attached_timestamp_seconds", .gauge, source: "CLOCK_REALTIME",
    unit: "seconds", help: "Unix time from which on migrations are counted by reason")

  static var documentation: [MetricFamily] {
    counters.map(\.family) + [
      CausesFamilies.causes, CausesFamilies.kinds, calls, duration, attached,
    ]
  }

  private static func counter(
    _ name: String, _ field: String, _ unit: String, since: String = "any",
    isIn: @escaping @Sendable (SharedProbe) -> Bool = { _ in true }, _ help: String,
    _ value: @escaping @Sendable (ReasonTotals) -> UInt64
  ) -> Counter {
    let source = "mm_migrate_pages: \(field)"
    let family = MetricFamily(
      "pagemigration_reason_\(name)_total", .counter, labels: ["reason"], source: source,
      unit: unit, since: since, help: "\(help) (\(source))")
    return Counter(family: family, value: value, isIn: isIn)
  }
}
