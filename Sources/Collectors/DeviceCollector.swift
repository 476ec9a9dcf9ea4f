package import Exposition
package import MigrationReasons
package import System

/// What drivers move to and from the memory of devices (HMM): counted in the kernel by eBPF since the
/// program's start.
package final class DeviceCollector: Collector {
  package static let name = "device"
  package var name: String { Self.name }
  package var countingSince: BootInstant? { try? probe.get().countingSince }

  private let probe: Result<DeviceProbe, ReasonsUnavailable>
  private var totals: [DeviceTotals] = []
  private let directions = DeviceDirection.allCases.map { DirectionMetrics($0.rawValue) }

  /// - Parameter probe: where there is none, each scrape says why.
  package init(_ probe: Result<DeviceProbe, ReasonsUnavailable>) {
    self.probe = probe
  }

  package var documentation: [MetricFamily] { DeviceFamilies.documentation }

  package func collect(into encoder: inout Encoder) throws -> [any Error] {
    try probe.get().read(into: &totals)
    encoder.begin(DeviceFamilies.migrated)
    for (metrics, totals) in zip(directions, totals) {
      encoder.write(metrics.migrated, totals.pagesMigrated)
    }
    encoder.write(DeviceFamilies.populated, totals.reduce(0) { $0 &+ $1.pagesPopulated })
    encoder.begin(DeviceFamilies.failed)
    for (metrics, totals) in zip(directions, totals) {
      for (metric, pages) in zip(metrics.failed, totals.pagesFailed) {
        encoder.write(metric, pages)
      }
    }
    encoder.begin(DeviceFamilies.calls)
    for (metrics, totals) in zip(directions, totals) { encoder.write(metrics.calls, totals.calls) }
    encoder.begin(DeviceFamilies.duration)
    for (metrics, totals) in zip(directions, totals) {
      encoder.write(metrics.duration, counts: totals.durationBuckets, sum: totals.duration)
    }
    return []
  }
}

/// One direction's metrics, rendered.
private struct DirectionMetrics {
  let migrated, calls: Metric
  /// In the order of `DeviceStage.allCases`.
  let failed: [Metric]
  let duration: HistogramMetrics

  init(_ direction: String) {
    migrated = DeviceFamilies.migrated.metric(["direction": direction])
    calls = DeviceFamilies.calls.metric(["direction": direction])
    failed = DeviceStage.allCases.map {
      DeviceFamilies.failed.metric(["direction": direction, "stage": $0.rawValue])
    }
    duration = HistogramMetrics(
      DeviceFamilies.duration, DurationBuckets.scale, labelPairs: [("direction", direction)])
  }
}
