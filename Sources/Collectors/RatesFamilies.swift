internal import Exposition
internal import PageMigration

/// The table of what the sampler gives.
enum RatesFamilies {
  static func mean(_ counter: SampledCounter) -> DocumentedFamily {
    DocumentedFamily(
      "pagemigration_\(counter.name)_per_second", .gauge, labels: ["window"],
      source: "\(counter.counter.rawValue), sampled", unit: "\(unit(of: counter)) per second",
      help:
        "Mean rate over the sliding window, sampled by the exporter; absent until the window is full and after a reset (\(counter.counter.rawValue))"
    )
  }

  static func maximum(_ counter: SampledCounter) -> DocumentedFamily {
    DocumentedFamily(
      "pagemigration_\(counter.name)_per_second_max", .gauge, labels: ["window"],
      source: "\(counter.counter.rawValue), sampled", unit: "\(unit(of: counter)) per second",
      help:
        "Highest rate of a single sampling interval in the sliding window (\(counter.counter.rawValue))"
    )
  }

  static let sampledMigrated = sampled("pages_migrated", .pagesMigrated)
  static let sampledFailed = sampled("pages_failed", .pagesFailed)

  static let interval = DocumentedFamily(
    "pagemigration_sampler_interval_seconds", .gauge, source: "--collector.rates.interval",
    unit: "seconds", help: "Nominal time between two samples of the exporter")
  static let late = DocumentedFamily(
    "pagemigration_sampler_late_total", .counter, source: "the sampler", unit: "intervals",
    help: "Sampling deadlines missed by over half an interval, or whose reading failed")
  static let resets = DocumentedFamily(
    "pagemigration_sampler_resets_total", .counter, source: "the sampler", unit: "samples",
    help: "Samples in which a counter was less than before, as after a restore of the machine")

  /// The bounds of ``RateHistogram`` as OpenMetrics spells floats.
  static func histogram(_ family: DocumentedFamily) -> HistogramMetrics {
    HistogramMetrics(
      family.family,
      bounds: [
        "0.0", "1.0", "10.0", "100.0", "1000.0", "10000.0", "100000.0", "1e+06", "1e+07",
      ])
  }

  private static func sampled(_ name: String, _ counter: SampledCounter) -> DocumentedFamily {
    DocumentedFamily(
      "pagemigration_sampled_\(name)_per_second", .histogram, labels: ["le"],
      source: "\(counter.counter.rawValue), sampled", unit: "base pages per second",
      help:
        "Rates seen, one observation per sampling interval, so that no burst between scrapes is missed (\(counter.counter.rawValue))"
    )
  }

  private static func unit(of counter: SampledCounter) -> String {
    switch counter {
    case .pagesMigrated, .pagesFailed: "base pages"
    case .thpMigrated, .thpFailed, .thpSplit: "THPs"
    }
  }
}
