import Glibc
import MigrationReasons
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
      #expect(totals.durationBuckets.firstIndex(of: 1) ?? 0 >= 15)  // Up to 32.8 ms, or longer.
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

  var reasons: [String] { probe.reasons }
  var modes: [String] { probe.modes }

  /// The kernel hands an `int` to a raw program as a word, sign and all.
  private func word(_ number: Int) -> UInt64 { UInt64(bitPattern: Int64(number)) }
}
