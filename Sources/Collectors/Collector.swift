package import Exposition
package import System

/// One source of metrics. A gatherer calls it once per scrape, never twice at a time.
package protocol Collector: AnyObject {
  /// As in `--collector.NAME` and in the label `collector`.
  var name: String { get }

  /// What it can write, in the order in which it writes it.
  var documentation: [MetricFamily] { get }

  /// Since when its counters and histograms count. Nil where they have no start in common, or none
  /// that is known.
  var countingSince: BootInstant? { get }

  /// Writes its metric families.
  ///
  /// - Returns: what could not be read while the rest was: those metrics are absent, the others
  ///   stay, and the scrape reports that the collector did not succeed.
  /// - Throws: where nothing of it can be trusted: then all that it wrote is taken back.
  func collect(into encoder: inout Encoder) throws -> [any Error]
}

extension Collector {
  package var countingSince: BootInstant? { nil }
}
