import Foundation
import MigrationReasons
import Testing

/// Serialized with the other live tests: they all look at the one kernel's counters.
@Suite(.serialized, .enabled(if: Machine.canTrace, Machine.whyNot))
struct `Sums over reasons` {
  @Test(arguments: [true, false], [1, 2])
  func `equal the kernel's own counters under load on both CPUs`(raw: Bool, attempt: Int) throws {
    var probe = try raw ? MigrationProbe(tracefs: Machine.tracefs) : classicProbe()
    let before = try Settled(&probe)
    try Workload.onThreads(3) { try Workload.fragmentAndCompact(megabytes: 400, rounds: 2) }
    let after = try Settled(&probe)
    print(after.summed(since: before), after.totals(of: "compaction") as Any)
    #expect(after.summed(since: before) == after.vmstat(since: before))
    #expect(after.summed(since: before)["pgmigrate_success", default: 0] >= 100_000)
  }

  @Test func `tell the mode of compact_memory`() throws {
    var probe = try MigrationProbe(tracefs: Machine.tracefs)
    try Workload.fragmentAndCompact(megabytes: 100, rounds: 1)
    let after = try Settled(&probe)
    let sync = try #require(probe.modes.firstIndex(of: "MIGRATE_SYNC"))
    let compaction = try #require(after.totals(of: "compaction"))
    #expect(compaction.calls[sync] > 0)
    #expect(compaction.calls.reduce(0, +) == compaction.calls[sync])
    #expect(compaction.durationBuckets.reduce(0, +) == compaction.calls[sync])
    #expect(compaction.durationNanoseconds > 0)
  }

  @Test func `count pages that are held as failed`() throws {
    var probe = try MigrationProbe(tracefs: Machine.tracefs)
    let pinned = try Workload.keep("pinned", "32")
    let before = try Settled(&probe)
    try Machine.compact()
    let after = try Settled(&probe)
    #expect(after.summed(since: before) == after.vmstat(since: before))
    print(pinned.count, after.summed(since: before))
    #expect(pinned.count > 4000)
    #expect(after.totals(of: "compaction")?.pagesFailed ?? 0 > UInt64(pinned.count) / 4)
  }

  private func classicProbe() throws -> MigrationProbe {
    let tracepoints = try Machine.tracepoints()
    return try MigrationProbe(tracepoints, tracepoints.classicPrograms)
  }
}
