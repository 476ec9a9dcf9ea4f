package import KernelText
package import MigrationReasons
package import PageMigration
internal import Synchronization
package import System

/// What a person or a program sees of a host at one instant.
package struct Overview {
  /// The exporter's own, as `--version` has it.
  package let version: String
  /// When the exporter was.
  package let started: UnixTime
  package let facts: HostFacts
  package let snapshot: CounterSnapshot
  /// Nil where nothing is sampled.
  package let view: SamplerView?
  /// Nil where reasons were not asked for.
  package let reasons: Result<ReasonsView, ReasonsUnavailable>?
  /// When the snapshot was read.
  package let time: MonotonicTime
  /// The same instant.
  package let unixTime: UnixTime

  package init(
    version: String, started: UnixTime, facts: HostFacts, snapshot: CounterSnapshot,
    view: SamplerView?, reasons: Result<ReasonsView, ReasonsUnavailable>?, time: MonotonicTime,
    unixTime: UnixTime
  ) {
    self.version = version
    self.started = started
    self.facts = facts
    self.snapshot = snapshot
    self.view = view
    self.reasons = reasons
    self.time = time
    self.unixTime = unixTime
  }

  /// Those that are not shorter than the sampler's interval, which never have a rate.
  var windows: [RateWindow] {
    let interval = view?.sampled.interval ?? .zero
    return RateWindow.allCases.filter { $0.length >= interval }
  }

  func total(_ counter: SampledCounter) -> UInt64? { snapshot[counter.source] }

  func rates(_ counter: SampledCounter) -> CounterRates {
    view?.rates(of: counter) ?? CounterRates()
  }
}

/// What the overview's tables show of each counter, column by column.
extension Overview {
  /// The totals, the rate of the last interval, or the mean rate of a window.
  struct Column {
    let name: String
    let value: (SampledCounter) -> Double?
  }

  func columns(_ windows: [RateWindow]) -> [Column] {
    [
      Column(name: "total") { total($0).map { Double($0) } },
      Column(name: "now") { rates($0).latest },
    ] + windows.map(mean)
  }

  func mean(_ window: RateWindow) -> Column {
    Column(name: window.label) { rates($0).mean(window) }
  }

  func bytesMigrated(_ column: Column) -> Double? {
    column.value(.pagesMigrated).map { $0 * Double(facts.pageSize) }
  }

  func pagesTried(_ column: Column) -> Double? {
    guard let migrated = column.value(.pagesMigrated), let failed = column.value(.pagesFailed)
    else { return nil }
    return migrated + failed
  }

  func failureShare(_ column: Column) -> Double? {
    PageMigration.failureShare(
      migrated: column.value(.pagesMigrated), failed: column.value(.pagesFailed))
  }

  /// By the rule of this host's kernel.
  func lostTHPs(_ column: Column) -> Double? {
    PageMigration.lostTHPs(
      failed: column.value(.thpFailed), split: column.value(.thpSplit),
      includesSplit: facts.failedIncludesSplit)
  }
}

/// Reads what the overview shows: the counters of this instant and the sampler's rates.
package final class OverviewSource: Sendable {
  private let version: String
  private let started = UnixTime.now
  private let sampler: Sampler?
  private let probe: Result<SharedProbe, ReasonsUnavailable>?
  private let facts: HostFacts
  private let vmstat: VmstatSource
  private let finder: Mutex<CgroupFinder>

  /// - Parameters:
  ///   - facts: the host's, as they were read at the start.
  ///   - sampler: nil where nothing is sampled.
  ///   - probe: nil where reasons were not asked for.
  package init(
    _ paths: KernelPaths, _ facts: HostFacts, version: String, sampler: Sampler?,
    probe: Result<SharedProbe, ReasonsUnavailable>? = nil
  ) {
    self.version = version
    self.sampler = sampler
    self.probe = probe
    self.facts = facts
    vmstat = VmstatSource(procfs: paths.procfs)
    finder = Mutex(CgroupFinder(paths))
  }

  /// - Throws: what keeps `/proc/vmstat` from being read.
  package func read(until deadline: MonotonicTime) throws -> Overview {
    let snapshot = try vmstat.read(until: deadline)
    return Overview(
      version: version, started: started, facts: facts, snapshot: snapshot,
      view: sampler?.view(), reasons: probe?.map(reasons), time: .now, unixTime: .now)
  }

  private func reasons(_ probe: SharedProbe) -> ReasonsView {
    finder.withLock { ReasonsView(probe, &$0) }
  }
}
