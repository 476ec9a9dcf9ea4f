internal import Exposition
internal import MigrationReasons
internal import System

/// What is exported of device memory (HMM). The sources are functions of `mm/migrate_device.c`.
enum DeviceFamilies {
  private static let functions = "migrate_vma_finalize, migrate_device_finalize"

  static let migrated = MetricFamily(
    "pagemigration_device_pages_migrated_total", .counter, labels: ["direction"],
    source: functions, unit: "base pages", since: "5.17",
    help: "Base pages that drivers moved to the memory of a device, or back; no vmstat counts them"
      + " (\(functions))")

  static let populated = MetricFamily(
    "pagemigration_device_pages_populated_total", .counter,
    source: functions, unit: "base pages", since: "5.17",
    help: "Base pages that drivers made on a device where the process had none yet (\(functions))")

  static let failed = MetricFamily(
    "pagemigration_device_pages_failed_total", .counter, labels: ["direction", "stage"],
    source: "migrate_vma_setup, \(functions)", unit: "base pages", since: "5.17",
    help:
      "Base pages that drivers asked for and that stayed where they are, by the step at which they stopped"
      + " (migrate_vma_setup, \(functions))")

  static let calls = MetricFamily(
    "pagemigration_device_calls_total", .counter, labels: ["direction"],
    source: "migrate_vma_setup, migrate_device_finalize", unit: "calls", since: "5.17",
    help: "Ranges that drivers migrated (migrate_vma_setup, migrate_device_finalize)")

  static let duration = MetricFamily(
    "pagemigration_device_call_duration_seconds", .histogram, labels: ["direction"],
    source: "migrate_vma_setup to migrate_vma_finalize", unit: "seconds", since: "5.17",
    help: "How long the migration of a range took, the copying by the device included"
      + " (migrate_vma_setup to migrate_vma_finalize)")

  static let documentation = [migrated, populated, failed, calls, duration]
}
