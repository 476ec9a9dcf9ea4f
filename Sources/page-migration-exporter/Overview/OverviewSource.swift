internal import KernelText
internal import MigrationReasons
internal import PageMigration
internal import System

/// Reads what the overview tells: the counters of this instant and the sampler's rates.
final class OverviewSource: Sendable {
  private let sampler: Sampler?
  private let probe: Result<SharedProbe, ReasonsUnavailable>?
  private let facts: HostFacts
  private let snapshots: SnapshotSource

  /// - Parameters:
  ///   - sampler: nil where nothing is sampled.
  ///   - probe: nil where reasons were not asked for.
  init(
    _ paths: KernelPaths, sampler: Sampler?,
    probe: Result<SharedProbe, ReasonsUnavailable>? = nil
  ) {
    self.sampler = sampler
    self.probe = probe
    facts = HostFacts(paths)
    snapshots = SnapshotSource("\(paths.procfs)/vmstat")
  }

  /// - Throws: what keeps `/proc/vmstat` from being read.
  func read(until deadline: MonotonicTime) throws -> Overview {
    let snapshot = try snapshots.read(until: deadline)
    return Overview(
      facts: facts, snapshot: snapshot, view: sampler?.view(),
      reasons: probe?.map(ReasonsView.init),
      monotonicTime: Clocks.monotonic(), unixTime: Clocks.realtime())
  }
}

/// What the overview shows.
struct Overview {
  let facts: HostFacts
  let snapshot: CounterSnapshot
  /// Nil where nothing is sampled.
  let view: SamplerView?
  /// Nil where reasons were not asked for.
  let reasons: Result<ReasonsView, ReasonsUnavailable>?
  /// When the snapshot was read, in nanoseconds.
  let monotonicTime: UInt64
  /// The same instant in nanoseconds since 1970.
  let unixTime: UInt64

  func total(_ counter: SampledCounter) -> UInt64? { snapshot[counter.counter] }

  func rates(_ counter: SampledCounter) -> CounterRates {
    view?.rates(of: counter) ?? CounterRates()
  }

  /// As ``MigrationOutcome/lostTHPs(failed:split:includesSplit:)``, by the rule of this host's kernel.
  func lostTHPs<Number: Comparable & AdditiveArithmetic>(
    failed: Number?, split: Number?
  ) -> Number? {
    MigrationOutcome.lostTHPs(
      failed: failed, split: split, includesSplit: facts.failedIncludesSplit)
  }
}

/// What does not change while the host runs.
struct HostFacts: Sendable {
  /// Nil where the kernel does not say.
  let hostName: String?
  let kernelRelease: String?
  let thpSize: UInt64?
  let pageSize = Machine.pageSize

  var failedIncludesSplit: Bool? {
    kernelRelease.flatMap(KernelRelease.init(parsing:))?.thpFailedIncludesSplit
  }

  init(_ paths: KernelPaths) {
    func read<Value>(_ path: String, _ parse: (Span<UInt8>) -> Value?) -> Value? {
      var file = SingleValueFile(path)
      var buffer = [UInt8](repeating: 0, count: 256)
      return try? file.read(using: &buffer, parse)
    }
    hostName = read("\(paths.procfs)/sys/kernel/hostname", SingleValue.word)
    kernelRelease = read("\(paths.procfs)/sys/kernel/osrelease", SingleValue.word)
    thpSize = read(
      "\(paths.sysfs)/kernel/mm/transparent_hugepage/hpage_pmd_size", SingleValue.number)
  }
}
