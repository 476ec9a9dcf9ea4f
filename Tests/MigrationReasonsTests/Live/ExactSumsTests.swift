import Glibc
import MigrationReasons
import TestSupport
import Testing

extension `Live kernel` {
  @Suite struct `Sums over reasons` {
    @Test(arguments: [MigrationTracepoints.Attachment.raw, .classic])
    func `equal the kernel's own counters under load on both CPUs`(
      attachment: MigrationTracepoints.Attachment
    ) throws {
      var probe = try Machine.probe(attachment)
      let before = try Settled(&probe)
      var after = before
      // What was taken first is given back when the next is there, so that compaction finds free
      // memory above used memory each time, however long the machine has run.
      var memory: FragmentedMemory?
      for _ in 0..<60 {
        memory = try FragmentedMemory(mebibytes: 2000)
        try concurrently(2) { _ in try FragmentedMemory.compactAll() }
        after = try Settled(&probe)
        #expect(after.summed(since: before) == after.vmstat(since: before))
        if after.totals(of: "compaction")?.pagesMigrated ?? 0 >= 100_000 { break }
      }
      withExtendedLifetime(memory) {}
      #expect(after.totals(of: "compaction")?.pagesMigrated ?? 0 >= 100_000)
    }

    @Test func `tell the mode of compact_memory`() throws {
      var probe = try Machine.probe()
      try Workload.lieLowAndCompact(megabytes: 100)
      let after = try Settled(&probe)
      let sync = try #require(probe.modes.firstIndex(of: "MIGRATE_SYNC"))
      let compaction = try #require(after.totals(of: "compaction"))
      #expect(compaction.calls[sync] > 0)
      // A call of another thread's that was under way when the probe was attached is not timed.
      let (timed, calls) = (compaction.durationBuckets.reduce(0, +), compaction.calls.reduce(0, +))
      #expect((calls - min(calls, 8)...calls).contains(timed))
      #expect(compaction.duration > .zero)
    }

    @Test func `count pages that are held as failed`() throws {
      var probe = try Machine.probe()
      let before = try Settled(&probe)
      var after = before
      for _ in 0..<60 {
        if Need.gigabytePages.isMet() { try Workload.evacuate(gigabytes: 2) }
        let held = try Workload.keep("held-low", "256")
        try Machine.compact()
        after = try Settled(&probe)
        #expect(after.summed(since: before) == after.vmstat(since: before))
        #expect(held.count == 16384)
        if after.totals(of: "compaction")?.pagesFailed ?? 0 >= 1000 { break }
      }
      #expect(after.totals(of: "compaction")?.pagesFailed ?? 0 >= 1000)
    }

    @Test(.needs(.gigabytePages))
    func `hold while contiguous memory is made of where THPs are`() throws {
      var probe = try Machine.probe()
      try demandGigabytes(
        of: &probe, while: { try Workload.keep("thp", "2048") }, until: { $0.thpMigrated > 0 })
    }

    @Test(.needs(.gigabytePages))
    func `hold while contiguous memory is asked for where held THPs are`() throws {
      let files = try HugeFiles()
      var probe = try Machine.probe()
      try demandGigabytes(
        of: &probe, while: { try Workload.keep("held-thp", files.path, "1024") },
        until: { $0.thpFailed > 0 })
    }

    /// Has the kernel free whole gigabytes while memory is in a state, until it `shows` in the totals
    /// of `contig_range`, or three times: which gigabytes can be freed is the machine's history. (The
    /// guests' tests move THPs whatever happens here.) The sums hold each time.
    private func demandGigabytes(
      of probe: inout MigrationProbe, while state: () throws -> (ChildProcess, Int),
      until shows: (ReasonTotals) -> Bool
    ) throws {
      let before = try Settled(&probe)
      for gigabytes in [2, 4, 6] {
        // What was freed low in the machine is where the next memory comes from.
        try Workload.evacuate(gigabytes: gigabytes)
        let memory = try state()
        try Workload.evacuate(gigabytes: gigabytes)
        withExtendedLifetime(memory) {}
        let after = try Settled(&probe)
        #expect(after.summed(since: before) == after.vmstat(since: before))
        if after.totals(of: "contig_range").map(shows) == true { return }
      }
    }
  }
}

/// A tmpfs whose files consist of huge pages, mounted for as long as this is kept.
private final class HugeFiles {
  private let tree: TemporaryTree

  init() throws {
    tree = try TemporaryTree()
    guard mount("nodev", tree.path, "tmpfs", 0, "huge=always") == 0 else {
      throw systemFailure("mount a tmpfs")
    }
  }

  deinit { umount2(tree.path, CInt(MNT_DETACH)) }

  var path: String { "\(tree.path)/file" }
}
