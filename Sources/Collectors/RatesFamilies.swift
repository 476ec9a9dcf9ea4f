internal import Exposition
internal import PageMigration

/// The table of what the sampler gives.
enum RatesFamilies {
  /// The families of each sampled counter, each with the windows that it has.
  static let ofCounters: [(family: MetricFamily, windows: [RateWindow])] =
    SampledCounter.allCases.flatMap { counter in
      [(mean(counter), RateWindow.allCases), (maximum(counter), RateWindow.withMaximum)]
    }

  private static func mean(_ counter: SampledCounter) -> MetricFamily {
    MetricFamily(
      "pagemigration_\(counter.name)_per_second", .gauge, labels: ["window"],
      source: "\(counter.source.rawValue), sampled", unit: "\(unit(of: counter)) per second",
      help:
        "Mean rate over the sliding window, sampled by the exporter; absent until the window is full and after a reset (\(counter.source.rawValue))"
    )
  }

  private static func maximum(_ counter: SampledCounter) -> MetricFamily {
    MetricFamily(
      "pagemigration_\(counter.name)_per_second_max", .gauge, labels: ["window"],
      source: "\(counter.source.rawValue), sampled", unit: "\(unit(of: counter)) per second",
      help:
        "Highest rate of a single sampling interval in the sliding window (\(counter.source.rawValue))"
    )
  }

  static let sampledMigrated = sampled("pages_migrated", .pagesMigrated)
  static let sampledFailed = sampled("pages_failed", .pagesFailed)

  static let interval = MetricFamily(
    "pagemigration_sampler_interval_seconds", .gauge, source: "--collector.rates.interval",
    unit: "seconds", help: "Nominal time between two samples of the exporter")
  static let late = MetricFamily(
    "pagemigration_sampler_late_total", .counter, source: "the sampler", unit: "intervals",
    help: "Sampling deadlines missed by over half an interval, or whose reading failed")
  static let resets = MetricFamily(
    "pagemigration_sampler_resets_total", .counter, source: "the sampler", unit: "samples",
    help: "Samples in which a counter was less than before, as after a restore of the machine")

  private static func sampled(_ name: String, _ counter: SampledCounter) -> MetricFamily {
    MetricFamily(
      "pagemigration_sampled_\(name)_per_second", .histogram, labels: ["le"],
      source: "\(counter.source.rawValue), sampled", unit: "base pages per second",
      help:
        "Rates seen, one observation per sampling interval, so that no burst between scrapes is missed (\(counter.source.rawValue))"
    )
  }

  private static func unit(of counter: SampledCounter) -> String {
    switch counter {
    case .pagesMigrated, .pagesFailed: "base pages"
    case .thpMigrated, .thpFailed, .thpSplit: "THPs"
    }
  }
}
