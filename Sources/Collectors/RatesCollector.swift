package import Exposition
package import PageMigration
package import System

/// Rates over sliding windows, their peaks, and how often each rate was seen: what a scrape every
/// 15 or 60 seconds cannot see by itself.
package final class RatesCollector: Collector {
  package let name = "rates"
  package let countingSince: BootInstant? = .now

  private let sampler: Sampler
  private let counters = SampledCounter.allCases
  private let rates = MetricBlock(
    RatesFamilies.ofCounters.map { family, windows in
      MetricBlock.Part(family, windows.map { family.metric(["window": $0.label]) })
    })
  private var values: [Double?]
  private let migrated = HistogramMetrics(
    RatesFamilies.sampledMigrated, RateHistogram.scale)
  private let failed = HistogramMetrics(
    RatesFamilies.sampledFailed, RateHistogram.scale)

  package init(_ sampler: Sampler) {
    self.sampler = sampler
    values = Array(repeating: nil, count: rates.count)
  }

  package var documentation: [MetricFamily] {
    RatesFamilies.ofCounters.map(\.family) + [
      RatesFamilies.sampledMigrated, RatesFamilies.sampledFailed, RatesFamilies.interval,
      RatesFamilies.late, RatesFamilies.resets,
    ]
  }

  package func collect(into encoder: inout Encoder) -> [any Error] {
    let view = sampler.view()
    Self.put(counters, of: view, into: &values)
    encoder.write(rates, decimals: values)
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

  /// Replaces `values` by the rates of the counters, in the order of the block.
  private static func put(
    _ counters: [SampledCounter], of view: SamplerView, into values: inout [Double?]
  ) {
    var values = values.mutableSpan
    var place = 0
    for counter in counters {
      let rates = view.rates(of: counter)
      for window in RateWindow.allCases {
        values[place] = rates?.mean(window)
        place += 1
      }
      for window in RateWindow.withMaximum {
        values[place] = rates?.maximum(window)
        place += 1
      }
    }
  }
}
