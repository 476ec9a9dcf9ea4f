package import Exposition

/// One source of metrics. A gatherer calls it once per scrape, never twice at a time.
package protocol Collector: AnyObject {
  /// As in `--collector.NAME` and in the label `collector`.
  var name: String { get }

  /// What it can write, in the order in which it writes it.
  var documentation: [DocumentedFamily] { get }

  /// Writes its metric families.
  ///
  /// - Returns: what could not be read while the rest was: those metrics are absent, the others
  ///   stay, and the scrape reports that the collector did not succeed.
  /// - Throws: where nothing of it can be trusted: then all that it wrote is taken back.
  func collect(into encoder: inout Encoder) throws -> [any Error]
}

/// A metric family and what a reader of METRICS.md is told about it. A class, as the family is.
package final class DocumentedFamily: Sendable {
  package let family: MetricFamily
  package let labels: [String]
  /// The kernel's field or file.
  package let source: String
  /// What one of it is: base pages, THPs, faults, seconds.
  package let unit: String
  /// The first kernel release that has it.
  package let since: String

  init(
    _ name: String, _ type: MetricType, labels: [String] = [], source: String, unit: String,
    since: String = "any", help: String
  ) {
    // OpenMetrics knows these as units of the name; the others are words for people.
    let nameUnit = ["seconds", "bytes"].first { name.hasSuffix("_\($0)") }
    family = MetricFamily(name, type, unit: nameUnit, help: help)
    self.labels = labels
    self.source = source
    self.unit = unit
    self.since = since
  }
}
