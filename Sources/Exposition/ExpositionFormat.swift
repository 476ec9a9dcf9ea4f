/// A text format in which Prometheus takes metrics.
package enum ExpositionFormat: String, CaseIterable, Sendable {
  /// https://prometheus.io/docs/instrumenting/exposition_formats/
  case plainText = "text/plain; version=0.0.4; charset=utf-8"
  /// The same text; the version tells that names may be any UTF-8, which ours never need.
  case plainTextUTF8 = "text/plain; version=1.0.0; charset=utf-8"
  /// https://prometheus.io/docs/specs/om/open_metrics_spec/
  case openMetrics = "application/openmetrics-text; version=1.0.0; charset=utf-8"
  case openMetricsDraft = "application/openmetrics-text; version=0.0.1; charset=utf-8"

  package var contentType: String { rawValue }

  package var isOpenMetrics: Bool { self == .openMetrics || self == .openMetricsDraft }
}
