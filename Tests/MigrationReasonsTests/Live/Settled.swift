import Glibc
import MigrationReasons

/// The kernel's counters and the probe's totals at one moment when no migration was under way.
///
/// The five additions and the tracepoint are a few instructions apart, and other work goes on, so
/// readings are taken until both sides stand still.
struct Settled {
  let vmstat: [String: UInt64]
  let totals: [ReasonTotals]

  init(_ probe: inout MigrationProbe) throws {
    var totals: [ReasonTotals] = []
    var last: (vmstat: [String: UInt64], totals: [ReasonTotals])?
    for _ in 0..<500 {
      let vmstat = try Machine.vmstat()
      probe.read(into: &totals)
      if let last, last.vmstat == vmstat, last.totals == totals { break }
      last = (vmstat, totals)
      usleep(20_000)
    }
    vmstat = last?.vmstat ?? [:]
    self.totals = totals
  }

  /// What the probe counted over all reasons since `earlier`, under vmstat's names.
  func summed(since earlier: Settled) -> [String: UInt64] {
    func sum(_ field: KeyPath<ReasonTotals, UInt64>) -> UInt64 {
      totals.reduce(0) { $0 + $1[keyPath: field] }
        - earlier.totals.reduce(0) { $0 + $1[keyPath: field] }
    }
    return [
      "pgmigrate_success": sum(\.pagesMigrated), "pgmigrate_fail": sum(\.pagesFailed),
      "thp_migration_success": sum(\.thpMigrated), "thp_migration_fail": sum(\.thpFailed),
      "thp_migration_split": sum(\.thpSplit),
    ]
  }

  /// What the kernel counted since `earlier`.
  func vmstat(since earlier: Settled) -> [String: UInt64] {
    vmstat.merging(earlier.vmstat) { $0 - $1 }
  }

  /// Nil for a number that the kernel neither names nor has used.
  func totals(of reason: String) -> ReasonTotals? {
    totals.first { $0.reason == reason }
  }
}
