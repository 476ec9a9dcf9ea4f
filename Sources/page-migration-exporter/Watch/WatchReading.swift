internal import KernelText
internal import PageMigration

/// The counters of a host at one instant, as `watch` compares them.
struct WatchReading {
  /// Nanoseconds of the host's monotonic clock.
  let time: UInt64
  let snapshot: CounterSnapshot
  let pageSize: UInt64
  /// Nil where the host's kernel release is not known.
  let failedIncludesSplit: Bool?
}

/// Where `watch` reads: this host's kernel or another host's exporter.
protocol WatchSource {
  mutating func read() throws -> WatchReading
}

/// This host's `/proc/vmstat`.
struct LocalSource: WatchSource {
  private let facts: HostFacts
  private let file: LocalCounterFile

  init(_ paths: KernelPaths) {
    facts = HostFacts(paths)
    file = LocalCounterFile("\(paths.procfs)/vmstat")
  }

  func read() throws -> WatchReading {
    let snapshot = try file.read()
    return WatchReading(
      time: Clocks.monotonic(), snapshot: snapshot, pageSize: facts.pageSize,
      failedIncludesSplit: facts.failedIncludesSplit)
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
