internal import Collectors
internal import Glibc
internal import KernelText
internal import MigrationReasons
internal import PageMigration
internal import Synchronization

/// Reads what the overview tells: the counters of this instant and the sampler's rates.
final class OverviewSource: Sendable {
  private let sampler: Sampler?
  private let probe: Result<SharedProbe, ReasonsUnavailable>?
  private let facts: HostFacts
  private let state: Mutex<State>

  private struct State: ~Copyable {
    var file: CounterFile
    var snapshot = CounterSnapshot()
    var buffer = [UInt8](repeating: 0, count: 16 << 10)
  }

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
    state = Mutex(State(file: CounterFile("\(paths.procfs)/vmstat")))
  }

  /// - Throws: what keeps `/proc/vmstat` from being read.
  func read() throws -> Overview {
    let snapshot = try state.withLock { state in
      try state.file.read(into: &state.snapshot, using: &state.buffer)
      return state.snapshot
    }
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

  /// THPs that were neither moved nor split: what is failed less what is split, where the kernel
  /// counts the split ones as failed. Nil where a value is, or the kernel's release is not known.
  func lost<Value: Comparable & AdditiveArithmetic>(failed: Value?, split: Value?) -> Value? {
    guard let failed, let split, let includesSplit = facts.failedIncludesSplit else { return nil }
    guard includesSplit else { return failed }
    return failed > split ? failed - split : .zero
  }

  /// The failed part of all pages tried. Nil where nothing was tried or a value is nil.
  func failureShare(migrated: Double?, failed: Double?) -> Double? {
    guard let migrated, let failed, migrated + failed > 0 else { return nil }
    return failed / (migrated + failed)
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
