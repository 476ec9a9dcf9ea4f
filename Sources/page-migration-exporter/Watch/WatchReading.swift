internal import KernelText
internal import MigrationReasons
internal import PageMigration
internal import System

/// The counters of a host at one instant, as `watch` compares them.
struct WatchReading {
  /// Nanoseconds of the host's monotonic clock.
  let time: UInt64
  let snapshot: CounterSnapshot
  let pageSize: UInt64
  /// Nil where the host's kernel release is not known.
  let failedIncludesSplit: Bool?
  /// Nil where reasons are not counted.
  var reasons: WatchReasons?
}

/// Where `watch` reads: this host's kernel or another host's exporter.
protocol WatchSource {
  mutating func read() throws -> WatchReading
}

/// This host's `/proc/vmstat`.
struct LocalSource: WatchSource {
  private let facts: HostFacts
  private let snapshots: SnapshotSource
  private let probe: SharedProbe?
  private var totals: [ReasonTotals] = []

  /// - Parameter probe: nil where reasons are not counted.
  init(_ paths: KernelPaths, probe: SharedProbe?) {
    self.probe = probe
    facts = HostFacts(paths)
    snapshots = SnapshotSource("\(paths.procfs)/vmstat")
  }

  mutating func read() throws -> WatchReading {
    let snapshot = try snapshots.read(until: .now + .seconds(5))
    probe?.read(into: &totals)
    return WatchReading(
      time: Clocks.monotonic(), snapshot: snapshot, pageSize: facts.pageSize,
      failedIncludesSplit: facts.failedIncludesSplit,
      reasons: probe.map { _ in WatchReasons(totals) })
  }
}
