internal import KernelText
internal import MigrationReasons
internal import PageMigration

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
  private let file: LocalCounterFile
  private let probe: SharedProbe?
  private var totals: [ReasonTotals] = []

  /// - Parameter probe: nil where reasons are not counted.
  init(_ paths: KernelPaths, probe: SharedProbe?) {
    self.probe = probe
    facts = HostFacts(paths)
    file = LocalCounterFile("\(paths.procfs)/vmstat")
  }

  mutating func read() throws -> WatchReading {
    let snapshot = try file.read()
    probe?.read(into: &totals)
    return WatchReading(
      time: Clocks.monotonic(), snapshot: snapshot, pageSize: facts.pageSize,
      failedIncludesSplit: facts.failedIncludesSplit,
      reasons: probe.map { _ in WatchReasons(totals) })
  }
}

/// A file of counters behind a reference, since a protocol's value must be copyable.
private final class LocalCounterFile {
  private var file: CounterFile
  private var snapshot = CounterSnapshot()
  private var buffer = [UInt8](repeating: 0, count: 16 << 10)

  init(_ path: String) { file = CounterFile(path) }

  func read() throws -> CounterSnapshot {
    try file.read(into: &snapshot, using: &buffer)
    return snapshot
  }
}
