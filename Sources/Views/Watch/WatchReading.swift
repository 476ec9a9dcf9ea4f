package import KernelText
package import MigrationReasons
package import PageMigration
package import System

/// The counters of a host at one instant, as `watch` compares them.
package struct WatchReading {
  /// Of the host's own clock.
  package let time: MonotonicTime
  package let snapshot: CounterSnapshot
  package let pageSize: UInt64
  /// Nil where the host's kernel release is not known.
  package let failedIncludesSplit: Bool?
  /// Nil where reasons are not counted.
  package let reasons: WatchReasons?

  package init(
    time: MonotonicTime, snapshot: CounterSnapshot, pageSize: UInt64, failedIncludesSplit: Bool?,
    reasons: WatchReasons? = nil
  ) {
    self.time = time
    self.snapshot = snapshot
    self.pageSize = pageSize
    self.failedIncludesSplit = failedIncludesSplit
    self.reasons = reasons
  }
}

/// Where `watch` reads: this host's kernel or another host's exporter.
package protocol WatchSource {
  mutating func read() throws -> WatchReading
}

/// This host's `/proc/vmstat`.
package struct LocalSource: WatchSource {
  /// How long a reading may take.
  private static let patience = Duration.seconds(5)

  private let facts: HostFacts
  private let vmstat: VmstatSource
  private let probe: SharedProbe?
  private var totals: [ReasonTotals] = []
  private var finder: CgroupFinder

  /// - Parameter probe: nil where reasons are not counted.
  package init(_ paths: KernelPaths, probe: SharedProbe?) {
    self.probe = probe
    finder = CgroupFinder(paths)
    facts = HostFacts.read(paths)
    vmstat = VmstatSource(procfs: paths.procfs)
  }

  package mutating func read() throws -> WatchReading {
    let deadline = MonotonicTime.now + Self.patience
    // Where one thread hangs, another finds out.
    let read = result(by: deadline + .seconds(1)) { [vmstat] in
      Result { try vmstat.read(until: deadline) }
    }
    guard let read else { throw vmstat.stillReading }
    let snapshot = try read.get()
    probe?.read(into: &totals)
    return WatchReading(
      time: .now, snapshot: snapshot, pageSize: facts.pageSize,
      failedIncludesSplit: facts.failedIncludesSplit,
      reasons: probe.map {
        WatchReasons(totals, slowest: [NamedSlowCall]($0.slowestCalls(), &finder))
      })
  }
}
