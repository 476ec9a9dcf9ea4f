package import Exposition
package import PageMigration
package import System

/// Rates over sliding windows, their peaks, and how often each rate was seen: what a scrape every
/// 15 or 60 seconds cannot see by itself.
package final class RatesCollector: Collector {
  package let name = "rates"
  package let countingSince: BootInstant? = .now

  private let sampler: Sampler
  private let counters = SampledCounter.allCases.map(CounterRateMetrics.init)
  private let migrated = HistogramMetrics(
    RatesFamilies.sampledMigrated, RateHistogram.scale)
  private let failed = HistogramMetrics(
    RatesFamilies.sampledFailed, RateHistogram.scale)

  package init(_ sampler: Sampler) {
    self.sampler = sampler
  }

  package var documentation: [MetricFamily] {
    counters.flatMap { [$0.means.family, $0.maxima.family] } + [
      RatesFamilies.sampledMigrated, RatesFamilies.sampledFailed, RatesFamilies.interval,
      RatesFamilies.late, RatesFamilies.resets,
    ]
  }

  package func collect(into encoder: inout Encoder) -> [any Error] {
    let view = sampler.view()
    for metrics in counters {
      if let rates = view.rates(of: metrics.counter) { metrics.write(rates, into: &encoder) }
    }
    write(view.sampled.migratedHistogram, migrated, RatesFamilies.sampledMigrated, &encoder)
    write(view.sampled.failedHistogram, failed, RatesFamilies.sampledFailed, &encoder)
    encoder.write(RatesFamilies.interval, sampler.interval)
    encoder.write(RatesFamilies.late, view.missed)
    encoder.write(RatesFamilies.resets, view.sampled.resets)
    return view.failure.map { [$0] } ?? []
  }

  private func write(
    _ histogram: RateHistogram, _ metrics: HistogramMetrics, _ family: MetricFamily,
    _ encoder: inout Encoder
  ) {
    encoder.begin(family)
    encoder.write(metrics, counts: histogram.counts, sum: histogram.sum)
  }
}

/// The metrics of one sampled counter.
private final class CounterRateMetrics {
  typealias Windows = (family: MetricFamily, metrics: [(RateWindow, Metric)])

  let counter: SampledCounter
  let means: Windows
  let maxima: Windows

  init(_ counter: SampledCounter) {
    self.counter = counter
    means = Self.windows(RatesFamilies.mean(counter), RateWindow.allCases)
    maxima = Self.windows(RatesFamilies.maximum(counter), RateWindow.withMaximum)
  }

  func write(_ rates: CounterRates, into encoder: inout Encoder) {
    encoder.begin(means.family)
    for (window, metric) in means.metrics {
      if let rate = rates.mean(window) { encoder.write(metric, decimal: rate) }
    }
    encoder.begin(maxima.family)
    for (window, metric) in maxima.metrics {
      if let rate = rates.maximum(window) { encoder.write(metric, decimal: rate) }
    }
  }

  private static func windows(_ family: MetricFamily, _ windows: [RateWindow]) -> Windows {
    (family, windows.map { ($0, family.metric(["window": $0.label])) })
  }
}
