internal import Exposition
internal import MigrationReasons

/// What is exported of why pages do not move. The sources are functions of `mm/migrate.c`.
enum CausesFamilies {
  static let causes = MetricFamily(
    "pagemigration_cause_pages_failed_total", .counter, labels: ["reason", "cause"],
    source: "migrate_folio_undo_src, mm_migrate_pages: failed", unit: "base pages", since: "6.6",
    help: "Base pages that could not be migrated for this reason, by what kept them; the sum over"
      + " causes is pagemigration_reason_pages_failed_total (migrate_folio_undo_src,"
      + " mm_migrate_pages: failed)")

  static let kinds = MetricFamily(
    "pagemigration_kind_pages_failed_total", .counter, labels: ["reason", "kind"],
    source: "migrate_folio_undo_src, mm_migrate_pages: failed", unit: "base pages", since: "6.6",
    help: "Base pages that could not be migrated for this reason, by what kind of memory they are"
      + " (migrate_folio_undo_src, mm_migrate_pages: failed)")

  static let refused = MetricFamily(
    "pagemigration_numa_refused_total", .counter, labels: ["cause"],
    source: "migrate_misplaced_folio_prepare", unit: "folios", since: "6.12",
    help: "Folios that NUMA balancing rejected before it tried to migrate them; no other counter"
      + " has them (migrate_misplaced_folio_prepare)")

  static let info = MetricFamily(
    "pagemigration_causes_info", .info, labels: ["method"], source: "the kernel's BTF", unit: "1",
    since: "6.6", help: "How the causes of failures are told apart on this kernel")

  static let documentation = [refused, info]
}
