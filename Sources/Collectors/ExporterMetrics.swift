internal import Exposition

/// What the program was built from.
package struct BuildFacts: Sendable {
  package let version: String
  package let revision: String
  package let swiftVersion: String
  package let libmicrohttpdVersion: String

  package init(
    version: String, revision: String, swiftVersion: String, libmicrohttpdVersion: String
  ) {
    self.version = version
    self.revision = revision
    self.swiftVersion = swiftVersion
    self.libmicrohttpdVersion = libmicrohttpdVersion
  }
}

/// How many requests a server has answered.
package protocol RequestTotals: Sendable {
  /// The status codes that are counted, rising.
  var codes: [Int] { get }
  /// Answers so far with the code at this place among ``codes``.
  func answered(at place: Int) -> UInt64
  var inFlight: UInt64 { get }
}

/// The metrics that the exporter gives of itself, written after all collectors.
package struct ExporterMetrics {
  private let build: Metric
  private let requests: (any RequestTotals)?
  private let requestMetrics: [Metric]

  /// - Parameter requests: nil where there is no server, or its metrics are not wanted.
  package init(_ facts: BuildFacts, requests: (any RequestTotals)? = nil) {
    build = Self.buildInfo.family.metric([
      "version": facts.version, "revision": facts.revision, "swift_version": facts.swiftVersion,
      "libmicrohttpd_version": facts.libmicrohttpdVersion,
    ])
    self.requests = requests
    requestMetrics = (requests?.codes ?? []).map {
      Self.requests.family.metric(["code": "\($0)"])
    }
  }

  func write(_ outcomes: [CollectorOutcome], into encoder: inout Encoder) {
    encoder.begin(Self.buildInfo.family)
    encoder.write(build, 1)
    encoder.begin(Self.duration.family)
    for outcome in outcomes {
      if let took = outcome.took { encoder.write(outcome.durationMetric, nanoseconds: took) }
    }
    encoder.begin(Self.success.family)
    for outcome in outcomes where outcome.took != nil {
      encoder.write(outcome.successMetric, outcome.failure == nil ? 1 : 0)
    }
    guard let requests else { return }
    encoder.begin(Self.requests.family)
    for (place, metric) in requestMetrics.enumerated() {
      encoder.write(metric, requests.answered(at: place))
    }
    encoder.write(Self.inFlight.family, requests.inFlight)
  }

  package static var documentation: [DocumentedFamily] {
    [buildInfo, duration, success, requests, inFlight]
  }

  private static let buildInfo = DocumentedFamily(
    "pagemigration_build_info", .info,
    labels: ["version", "revision", "swift_version", "libmicrohttpd_version"],
    source: "the build", unit: "1",
    help: "What the exporter was built from; the library's version is that of the running one")
  static let duration = DocumentedFamily(
    "pagemigration_scrape_collector_duration_seconds", .gauge, labels: ["collector"],
    source: "CLOCK_MONOTONIC", unit: "seconds", help: "How long the collector took in this scrape")
  static let success = DocumentedFamily(
    "pagemigration_scrape_collector_success", .gauge, labels: ["collector"],
    source: "the collector", unit: "1 or 0",
    help:
      "1 where the collector read all that it should in this scrape; the log has the reason for 0"
  )
  private static let requests = DocumentedFamily(
    "pagemigration_http_requests_total", .counter, labels: ["code"], source: "the web server",
    unit: "requests", help: "HTTP requests answered, by status code")
  private static let inFlight = DocumentedFamily(
    "pagemigration_http_requests_in_flight", .gauge, source: "the web server", unit: "requests",
    help: "HTTP requests being answered now, this one among them")
}
