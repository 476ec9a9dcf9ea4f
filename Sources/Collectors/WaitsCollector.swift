package import Exposition
package import MigrationReasons

/// Whom the moving of pages holds up, and for how long: timed in the kernel by eBPF since the
/// program's start.
package final class WaitsCollector: Collector {
  package static let name = "waits"
  package var name: String { Self.name }

  private let probe: Result<WaitsProbe, ReasonsUnavailable>
  private var totals: [WaitTotals] = []
  private let histograms: [(family: MetricFamily, metrics: HistogramMetrics)]

  /// - Parameter probe: where there is none, each scrape says why.
  package init(_ probe: Result<WaitsProbe, ReasonsUnavailable>) {
    self.probe = probe
    histograms = (try? probe.get().waits)?.map(WaitsFamilies.histogram) ?? []
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
    return []
  }
}
