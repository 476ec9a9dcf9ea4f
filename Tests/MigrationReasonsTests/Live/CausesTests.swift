import Glibc
import MigrationReasons
import TestSupport
import Testing

extension `Live kernel` {
  /// By whichever method this kernel allows; the guests' tests have both.
  @Suite(.needs(.causes)) struct `Causes of failures` {
    @Test func `add up to the failed pages, and name what holds them`() throws {
      var probe = try Machine.probe()
      _ = try probe.attachCauses().get()
      let before = try Settled(&probe)
      var after = before
      var held = FailedPages()
      for _ in 0..<60 {
        let files = try Workload.keep("held-low", "256")
        try Machine.compact()
        withExtendedLifetime(files) {}
        after = try Settled(&probe)
        #expect(after.summed(since: before) == after.vmstat(since: before))
        for totals in after.totals {
          let failed = try #require(totals.failed)
          #expect(failed.causes.reduce(0, +) == totals.pagesFailed)
          #expect(failed.kinds.reduce(0, +) == totals.pagesFailed)
        }
        held = try #require(after.totals(of: "compaction")?.failed)
        if held[.extraReference] >= 1000 { break }
      }
      #expect(held[.extraReference] >= 1000)
      #expect(held[kind: .shmem] >= 1000)
      #expect(held[.pinned] == 0)
      let all = try #require(after.totals(of: "compaction")?.pagesFailed)
      #expect(held[.unknown] * 20 <= all)
    }

    @Test func `are read whole while memory is compacted`() throws {
      let probe = try SharedProbe(tracefs: Machine.tracefs, causes: true)
      _ = try #require(probe.causes).get()
      let files = try Workload.keep("held-low", "256")
      try concurrently(2) { thread in
        if thread == 0 { return try Machine.compact() }
        var totals: [ReasonTotals] = []
        for _ in 0..<2000 {
          probe.read(into: &totals)
          for reason in totals {
            let failed = try #require(reason.failed)
            try #require(failed.causes.reduce(0, +) == reason.pagesFailed)
          }
        }
      }
      withExtendedLifetime(files) {}
    }

    @Test func `cannot be told where no method is left`() throws {
      var probe = try Machine.probe()
      #expect(throws: ReasonsUnavailable.self) { try probe.attachCauses(by: []).get() }
      let after = try Settled(&probe)
      #expect(after.totals.allSatisfy { $0.failed == nil })
    }

    @Test func `are told beside another program that tells them`() throws {
      var one = try Machine.probe()
      var other = try Machine.probe()
      _ = try one.attachCauses().get()
      _ = try other.attachCauses().get()
      let (first, second) = (try Settled(&one), try Settled(&other))
      let files = try Workload.keep("held-low", "64")
      try Machine.compact()
      withExtendedLifetime(files) {}
      let after = (try Settled(&one), try Settled(&other))
      #expect(after.0.summed(since: first) == after.0.vmstat(since: first))
      #expect(after.1.summed(since: second) == after.1.vmstat(since: second))
    }

    @Test func `come and go a hundred times`() throws {
      for _ in 0..<100 {
        var probe = try Machine.probe()
        _ = try probe.attachCauses().get()
      }
    }
  }
}

extension Need {
  static let causes = Need(
    isMet: {
      guard var probe = try? Machine.probe() else { return false }
      return (try? probe.attachCauses().get()) != nil
    }, reason: "needs a kernel that describes itself (CONFIG_DEBUG_INFO_BTF), from 6.6 on")
}
