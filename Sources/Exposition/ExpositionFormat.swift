/// A text format in which Prometheus takes metrics.
package enum ExpositionFormat: CaseIterable, Sendable {
  /// https://prometheus.io/docs/instrumenting/exposition_formats/
  case plainText
  /// The same text; the version says that names may be any UTF-8, which ours never need.
  case plainTextUTF8
  /// https://prometheus.io/docs/specs/om/open_metrics_spec/
  case openMetrics
  case openMetricsDraft

  package var mediaType: String { isOpenMetrics ? "application/openmetrics-text" : "text/plain" }

  package var version: String {
    switch self {
    case .plainText: "0.0.4"
    case .plainTextUTF8, .openMetrics: "1.0.0"
    case .openMetricsDraft: "0.0.1"
    }
  }

  /// Whether it is what a client gets that asks for the media type without a version.
  package var isDefaultVersion: Bool { self == .plainText || self == .openMetricsDraft }

  /// - Parameter escaping: how the client asked for names to be escaped. Ours are valid under each of
  ///   those that Prometheus knows; any other is not repeated.
  package func contentType(escaping: String?) -> String {
    let type = "\(mediaType); version=\(version); charset=utf-8"
    guard let escaping, ["allow-utf-8", "underscores", "dots", "values"].contains(escaping) else {
      return type
    }
    return "\(type); escaping=\(escaping)"
  }

  package var isOpenMetrics: Bool { self == .openMetrics || self == .openMetricsDraft }
}
