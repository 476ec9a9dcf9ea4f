package import Exposition
package import KernelText
package import MigrationReasons
package import System

/// Whom the moving of pages holds up, and for how long: timed in the kernel by eBPF since the
/// program's start.
package final class WaitsCollector: Collector {
  package static let name = "waits"
  package var name: String { Self.name }
  package var countingSince: BootInstant? { try? probe.get().countingSince }

  private let probe: Result<WaitsProbe, ReasonsUnavailable>
  private var totals: [WaitTotals] = []
  private let histograms: [(family: MetricFamily, metrics: HistogramMetrics)]
  private var cgroups: CgroupWaitsWriter?

  /// - Parameters:
  ///   - probe: where there is none, each scrape says why.
  ///   - selection: the cgroups to tell apart. Nil for none.
  package init(
    _ probe: Result<WaitsProbe, ReasonsUnavailable>, _ paths: KernelPaths = KernelPaths(),
    cgroups selection: CgroupSelection? = nil
  ) {
    self.probe = probe
    let waits = (try? probe.get().waits) ?? []
    histograms = waits.map(WaitsFamilies.histogram)
    if let selection, case .success(let probe) = probe, case .success = probe.cgroups {
      cgroups = CgroupWaitsWriter(probe, paths, selection)
    }
  }

  package var documentation: [MetricFamily] { WaitsFamilies.documentation }

  package func collect(into encoder: inout Encoder) throws -> [any Error] {
    try probe.get().read(into: &totals)
    var family: MetricFamily?
    for (histogram, totals) in zip(histograms, totals) {
      if histogram.family !== family { encoder.begin(histogram.family) }
      family = histogram.family
      encoder.write(histogram.metrics, counts: totals.durationBuckets, sum: totals.duration)
    }
    do {
      return try cgroups?.write(into: &encoder) ?? []
    } catch {
      return [error]
    }
  }
}

/// The same by cgroup.
private struct CgroupWaitsWriter {
  private let probe: WaitsProbe
  private let tree: CgroupTree
  private var finder: CgroupFinder
  private var places: [CgroupWaits] = []
  private var table = CgroupWaitsTable()
  private var metrics: [[UInt8]: [Metric]] = [:]
  private let others: [Metric]
  private var freed = MonotonicTime.now

  /// Where fewer places of the kernel's table are left, those of cgroups that are gone are freed.
  private static let placesKeptFree = 256
  private static let pause = Duration.seconds(60)

  init(_ probe: WaitsProbe, _ paths: KernelPaths, _ selection: CgroupSelection) {
    self.probe = probe
    tree = CgroupTree(paths.cgroupfs, selection)
    var limits = CgroupFinder.Limits()
    limits.folders = selection.folderLimit
    finder = CgroupFinder(paths, limits)
    others = WaitsFamilies.cgroup("other", probe.waits)
  }

  mutating func write(into encoder: inout Encoder) throws -> [any Error] {
    let walk = try tree.walk()
    probe.readCgroups(into: &places)
    table.add(
      places,
      walk.paths.map { path in
        let name = path.count > 1 ? String(decoding: path, as: UTF8.self) : ""
        return (path, CgroupFolder.number(of: tree.root + name))
      })
    freePlaces()

    encoder.begin(WaitsFamilies.byCgroup)
    for (path, times) in table.followed where !times.isEmpty {
      write(metrics(of: path), times, into: &encoder)
    }
    write(others, table.others, into: &encoder)
    return walk.problems
  }

  private func write(
    _ metrics: [Metric], _ times: CgroupWaitsTable.Times, into encoder: inout Encoder
  ) {
    for (metric, wait) in zip(metrics, probe.waits) {
      let nanoseconds = times[Wait.allCases.firstIndex(of: wait)!]
      encoder.write(metric, Duration(wholeNanoseconds: nanoseconds))
    }
  }

  private mutating func metrics(of path: [UInt8]) -> [Metric] {
    if let known = metrics[path] { return known }
    // Those of cgroups that come and go must not pile up.
    if metrics.count > 2 * table.followed.count { metrics.removeAll() }
    let new = WaitsFamilies.cgroup(String(decoding: path, as: UTF8.self), probe.waits)
    metrics[path] = new
    return new
  }

  /// After what they had has been added, so that nothing is lost.
  private mutating func freePlaces() {
    let now = MonotonicTime.now
    let taken = places.lazy.filter { $0.cgroup > 0 }.count
    guard taken + Self.placesKeptFree > places.count, now - freed >= Self.pause else { return }
    freed = now
    guard let alive = finder.all() else { return }
    for (place, waits) in places.enumerated()
    where waits.cgroup > 0 && !alive.contains(waits.cgroup) {
      probe.free(place: place)
    }
  }
}
