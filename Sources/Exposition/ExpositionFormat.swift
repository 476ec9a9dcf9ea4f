/// A format in which Prometheus takes metrics.
package enum ExpositionFormat: CaseIterable, Sendable {
  /// https://prometheus.io/docs/instrumenting/exposition_formats/
  case plainText
  /// The same text; the version says that names may be any UTF-8, which ours never need.
  case plainTextUTF8
  /// https://prometheus.io/docs/specs/om/open_metrics_spec/
  case openMetrics
  case openMetricsDraft
  /// io.prometheus.client.MetricFamily (github.com/prometheus/client_model), each message behind its
  /// length. The only one that carries native histograms.
  case protobuf

  package var mediaType: String {
    switch self {
    case .plainText, .plainTextUTF8: "text/plain"
    case .openMetrics, .openMetricsDraft: "application/openmetrics-text"
    case .protobuf: "application/vnd.google.protobuf"
    }
  }

  /// What a client must name beside the media type to get this one.
  package var parameters: [(name: String, value: String)] {
    switch self {
    case .plainText: [("version", "0.0.4")]
    case .plainTextUTF8, .openMetrics: [("version", "1.0.0")]
    case .openMetricsDraft: [("version", "0.0.1")]
    case .protobuf:
      [("proto", "io.prometheus.client.MetricFamily"), ("encoding", "delimited")]
    }
  }

  /// Whether it is what a client gets that asks for the media type without a version.
  package var isDefaultVersion: Bool { self == .plainText || self == .openMetricsDraft }

  /// - Parameter escaping: how the client asked for names to be escaped. Ours are valid under each of
  ///   those that Prometheus knows; any other is not repeated.
  package func contentType(escaping: String?) -> String {
    var type = mediaType
    for (name, value) in parameters { type += "; \(name)=\(value)" }
    if self != .protobuf { type += "; charset=utf-8" }
    guard let escaping, ["allow-utf-8", "underscores", "dots", "values"].contains(escaping) else {
      return type
    }
    return "\(type); escaping=\(escaping)"
  }

  package var hasExemplars: Bool { isOpenMetrics || self == .protobuf }

  package var isOpenMetrics: Bool { self == .openMetrics || self == .openMetricsDraft }
}
