import Glibc
import KernelText
import MigrationReasons
import System
import TestSupport
import Testing

extension `Live kernel` {
  /// The program in the kernel, given calls that no workload makes at will. They carry numbers the
  /// kernel does not use, so its own calls are not among what is read.
  @Suite(.needs(.rawPrograms))
  struct `The eBPF program` {
    @Test(arguments: [
      (11, "unknown_11"), (30, "unknown_30"), (31, "unknown_other"), (32, "unknown_other"),
      (-1, "unknown_other"), (1 << 20, "unknown_other"),
    ])
    func `drops no reason it does not know`(number: Int, name: String) throws {
      let programs = try Programs()
      let known = programs.reasons
      #expect(!known.contains(name))
      try programs.start(reason: number)
      try programs.end(reason: number, counts: [7, 6, 5, 4, 3, 2])
      let totals = try #require(programs.totals(of: name))
      #expect(totals.calls == [0, 0, 1])
      #expect(totals.pagesMigrated == 7)
      #expect(totals.pagesFailed == 6)
      #expect(totals.thpMigrated == 5)
      #expect(totals.thpFailed == 4)
      #expect(totals.thpSplit == 3)
      #expect(totals.foliosSplit == 2)
      #expect(totals.durationBuckets.reduce(0, +) == 1)
      #expect(programs.reasons == known + [name])
    }

    @Test(arguments: [
      (3, "unknown_3"), (6, "unknown_6"), (7, "unknown_other"), (99, "unknown_other"),
    ])
    func `drops no mode it does not know`(number: Int, name: String) throws {
      let programs = try Programs()
      try programs.end(mode: number, reason: 17)
      #expect(programs.totals(of: "unknown_17")?.calls == [0, 0, 0, 1])
      #expect(programs.modes.last == name)
    }

    @Test func `times a call that sleeps and changes CPU`() throws {
      let programs = try Programs()
      try concurrently(1) { _ in
        try Machine.onCPU(0) { try programs.start(reason: 17) }
        usleep(20_000)
        try Machine.onCPU(Machine.lastCPU) { try programs.end(reason: 17) }
      }
      let totals = try #require(programs.totals(of: "unknown_17"))
      #expect((Duration.milliseconds(20)..<Duration.seconds(2)).contains(totals.duration))
      #expect(totals.durationBuckets.reduce(0, +) == 1)
      // It is in the one bucket that it belongs to.
      let bucket = try #require(totals.durationBuckets.firstIndex(of: 1))
      #expect(bucket == DurationBuckets.bounds.firstIndex { totals.duration <= $0 })
    }

    @Test func `times a call within a call, each its own`() throws {
      let programs = try Programs()
      try programs.start(reason: 17)
      usleep(5_000)
      try programs.start(mode: 0, reason: 18)
      usleep(1_000)
      try programs.end(mode: 0, reason: 18)
      usleep(5_000)
      try programs.end(reason: 17)
      let outer = try #require(programs.totals(of: "unknown_17"))
      let inner = try #require(programs.totals(of: "unknown_18"))
      #expect(outer.duration >= .milliseconds(11))
      #expect(inner.duration >= .milliseconds(1))
      #expect(inner.duration + .milliseconds(10) <= outer.duration)
    }

    @Test func `times four calls of one kind within each other`() throws {
      let programs = try Programs()
      for _ in 0..<4 { try programs.start(reason: 17) }
      for _ in 0..<4 { try programs.end(reason: 17) }
      #expect(programs.timed("unknown_17") == 4)
    }

    @Test func `times a call in spite of starts that never ended`() throws {
      let programs = try Programs()
      for reason in 20..<30 { try programs.start(reason: reason) }
      usleep(20_000)
      try programs.start(reason: 17)
      try programs.end(reason: 17)
      let totals = try #require(programs.totals(of: "unknown_17"))
      #expect(totals.durationBuckets.reduce(0, +) == 1)
      #expect(totals.duration < .milliseconds(20))
    }

    @Test func `counts an end without a start, untimed`() throws {
      let programs = try Programs()
      try programs.end(reason: 17, counts: [3, 0, 0, 0, 0, 0])
      // Nor does another kind of call's start lend it its time.
      try programs.start(mode: 1, reason: 17)
      try programs.end(mode: 2, reason: 17)
      let totals = try #require(programs.totals(of: "unknown_17"))
      #expect(totals.calls.reduce(0, +) == 2)
      #expect(totals.durationBuckets.reduce(0, +) == 0)
      #expect(totals.duration == .zero)
    }

    @Test func `keeps the threads' calls apart, and no more than there are places for`() throws {
      // Each thread leaves a start behind, and there are more of them than places.
      let programs = try Programs()
      for _ in 0..<20 {
        try concurrently(500) { _ in try programs.start(reason: 17) }
      }
      try concurrently(1) { _ in try programs.end(reason: 17) }
      #expect(programs.timed("unknown_17") == 0)
      try concurrently(50) { _ in
        try programs.start(reason: 17)
        try programs.end(reason: 17)
      }
      #expect(programs.timed("unknown_17") == 50)
    }

    @Test func `keeps the slowest call of a reason, and who made it`() throws {
      let programs = try Programs()
      try concurrently(1) { _ in
        for (slow, counts) in [(1_000, [1, 1]), (30_000, [7, 2]), (2_000, [3, 3])]
          as [(_, [UInt64])]
        {
          try programs.start(reason: 17)
          usleep(useconds_t(slow))
          try programs.end(reason: 17, counts: counts + [0, 0, 0, 0])
        }
      }
      _ = programs.totals(of: "unknown_17")
      let call = try #require(programs.slowest("unknown_17"))
      #expect((Duration.milliseconds(30)..<Duration.seconds(2)).contains(call.duration))
      #expect(call.process == UInt32(getpid()))
      #expect(call.thread != call.process)
      #expect(call.pagesMigrated == 7 && call.pagesFailed == 2)
      let command = try Files.text("/proc/self/comm").dropLast()
      #expect("\(call.command)" == command || !"\(call.command)".isEmpty)
      var finder = CgroupFinder(KernelPaths())
      let path = finder.path(of: try #require(call.cgroup), process: call.process)
      #expect(try Files.text("/proc/self/cgroup").contains("0::\(path ?? "not found")\n"))
      // A minute and at most ten seconds later it is forgotten.
      #expect(programs.slowest("unknown_17", at: .now + .seconds(50)) == call)
      #expect(programs.slowest("unknown_17", at: .now + .seconds(71)) == nil)
    }

    @Test func `keeps a slow call whole while threads come and go`() throws {
      let programs = try Programs()
      try programs.end(reason: 17)
      _ = programs.totals(of: "unknown_17")
      try concurrently(5) { thread in
        for round in 0..<2000 {
          if thread == 0 {
            guard let call = programs.slowest("unknown_17") else { continue }
            try #require(call.pagesMigrated == call.pagesFailed)
          } else {
            let pages = UInt64(thread * 10_000 + round)
            try programs.start(reason: 17)
            try programs.end(reason: 17, counts: [pages, pages, 0, 0, 0, 0])
          }
        }
      }
    }
  }
}

/// A probe, and the kernel's part in calling it.
///
/// For many threads to call: that changes nothing in this process. Reading is left to one.
private final class Programs: @unchecked Sendable {
  private var probe: MigrationProbe

  init() throws {
    probe = try MigrationProbe(tracefs: Machine.tracefs)
  }

  func start(mode: Int = 2, reason: Int) throws {
    try probe.run("start_raw", arguments: [word(mode), word(reason)])
  }

  func end(mode: Int = 2, reason: Int, counts: [UInt64] = [0, 0, 0, 0, 0, 0]) throws {
    try probe.run("end_raw_6", arguments: counts + [word(mode), word(reason)])
  }

  func totals(of reason: String) -> ReasonTotals? {
    var totals: [ReasonTotals] = []
    probe.read(into: &totals)
    return totals.first { $0.reason == reason }
  }

  func timed(_ reason: String) -> UInt64? {
    totals(of: reason)?.durationBuckets.reduce(0, +)
  }

  func slowest(_ reason: String, at now: MonotonicTime = .now) -> SlowCall? {
    probe.slowestCalls(at: now).first { $0.reason == reason }
  }

  var reasons: [String] { probe.reasons }
  var modes: [String] { probe.modes }

  /// The kernel hands an `int` to a raw program as a word, sign and all.
  private func word(_ number: Int) -> UInt64 { UInt64(bitPattern: Int64(number)) }
}
