package import Exposition
package import System

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

/// What a server has counted. An element of a list is at the same place at each call.
package protocol ServerTotals: Sendable {
  /// The status codes that are counted, rising.
  var codes: [Int] { get }
  /// Answers so far with the code at this place among ``codes``.
  func answered(at place: Int) -> UInt64
  var inFlight: UInt64 { get }
  var connectionsOpen: UInt64 { get }
  var connectionsAccepted: UInt64 { get }
  /// Why connections were not let in.
  var refusals: [String] { get }
  func refused(at place: Int) -> UInt64
  /// What connections took too long for.
  var timeOuts: [String] { get }
  func timedOut(at place: Int) -> UInt64
  /// Why a name and a password were not taken.
  var loginFailures: [String] { get }
  func loginFailed(at place: Int) -> UInt64
  /// Nil where there is no web configuration.
  var configState: ConfigTotals? { get }
  var logLinesDropped: UInt64 { get }
}

/// How the web configuration stands.
package struct ConfigTotals: Sendable {
  let isCurrent: Bool
  let lastTaken: UnixTime
  /// Nil where there is no certificate.
  let notAfter: UnixTime?

  package init(isCurrent: Bool, lastTaken: UnixTime, notAfter: UnixTime?) {
    (self.isCurrent, self.lastTaken, self.notAfter) = (isCurrent, lastTaken, notAfter)
  }
}

/// The metrics that the exporter gives of itself, written after all collectors.
package struct ExporterMetrics: Sendable {
  private let build: Metric
  private let server: (any ServerTotals)?
  private let requestMetrics: [Metric]
  private let refusalMetrics: [Metric]
  private let timeOutMetrics: [Metric]
  private let loginMetrics: [Metric]
  let countingSince = BootInstant.now

  /// - Parameter server: nil where there is no server, or its metrics are not wanted.
  package init(_ facts: BuildFacts, server: (any ServerTotals)? = nil) {
    build = Self.buildInfo.metric([
      "version": facts.version, "revision": facts.revision, "swift_version": facts.swiftVersion,
      "libmicrohttpd_version": facts.libmicrohttpdVersion,
    ])
    self.server = server
    requestMetrics = (server?.codes ?? []).map { Self.requests.metric(["code": "\($0)"]) }
    refusalMetrics = (server?.refusals ?? []).map { Self.refused.metric(["reason": $0]) }
    loginMetrics = (server?.loginFailures ?? []).map { Self.loginsFailed.metric(["reason": $0]) }
    timeOutMetrics = (server?.timeOuts ?? []).map { Self.timedOut.metric(["reason": $0]) }
  }

  /// The counts of the collectors and of the server, which are written together.
  func block(of slots: [CollectorSlot]) -> MetricBlock {
    let success = MetricBlock.Part(Self.success, slots.map(\.successMetric))
    guard server != nil else { return MetricBlock([success]) }
    return MetricBlock([
      success, .init(Self.timeouts, slots.map(\.timeoutsMetric)),
      .init(Self.requests, requestMetrics), .init(Self.inFlight), .init(Self.open),
      .init(Self.accepted), .init(Self.refused, refusalMetrics),
      .init(Self.timedOut, timeOutMetrics), .init(Self.loginsFailed, loginMetrics),
      .init(Self.logDropped),
    ])
  }

  /// - Parameter block: that of these collectors.
  func write(
    _ slots: [CollectorSlot], _ outcomes: [CollectorOutcome], _ block: MetricBlock,
    into encoder: inout Encoder
  ) {
    encoder.begin(Self.buildInfo)
    encoder.write(build, 1)
    encoder.begin(Self.duration)
    for place in slots.indices where outcomes[place].isAsked {
      encoder.write(slots[place].durationMetric, outcomes[place].duration)
    }
    encoder.write(block, values(slots, outcomes, count: block.count))
    guard let config = server?.configState else { return }
    encoder.write(Self.reloadSuccess, config.isCurrent ? 1 : 0)
    encoder.write(Self.reloadTime, config.lastTaken.sinceEpoch)
    if let notAfter = config.notAfter {
      encoder.write(Self.certificateEnd, notAfter.sinceEpoch)
    }
  }

  /// In the order of the block.
  private func values(
    _ slots: [CollectorSlot], _ outcomes: [CollectorOutcome], count: Int
  ) -> [UInt64?] {
    var values: [UInt64?] = []
    values.reserveCapacity(count)
    for place in outcomes.indices {
      values.append(outcomes[place].isAsked ? outcomes[place].hasSucceeded ? 1 : 0 : nil)
    }
    guard let server else { return values }
    for slot in slots { values.append(slot.timeouts) }
    append(server, to: &values)
    return values
  }

  /// (A function of its own, so that the server's type is found out once.)
  private func append(_ server: some ServerTotals, to values: inout [UInt64?]) {
    for place in requestMetrics.indices { values.append(server.answered(at: place)) }
    values.append(server.inFlight)
    values.append(server.connectionsOpen)
    values.append(server.connectionsAccepted)
    for place in refusalMetrics.indices { values.append(server.refused(at: place)) }
    for place in timeOutMetrics.indices { values.append(server.timedOut(at: place)) }
    for place in loginMetrics.indices { values.append(server.loginFailed(at: place)) }
    values.append(server.logLinesDropped)
  }

  package static var documentation: [MetricFamily] {
    [
      buildInfo, duration, success, timeouts, requests, inFlight, open, accepted, refused, timedOut,
      loginsFailed, logDropped, reloadSuccess, reloadTime, certificateEnd,
    ]
  }

  private static let buildInfo = MetricFamily(
    "pagemigration_build_info", .info,
    labels: ["version", "revision", "swift_version", "libmicrohttpd_version"],
    source: "the build", unit: "1",
    help: "What the exporter was built from; the library's version is that of the running one")
  static let duration = MetricFamily(
    "pagemigration_scrape_collector_duration_seconds", .gauge, labels: ["collector"],
    source: "CLOCK_MONOTONIC", unit: "seconds", help: "How long the collector took in this scrape")
  static let success = MetricFamily(
    "pagemigration_scrape_collector_success", .gauge, labels: ["collector"],
    source: "the collector", unit: "1 or 0",
    help:
      "1 where the collector read all that it should in this scrape; the log has the reason for 0"
  )
  private static let requests = MetricFamily(
    "pagemigration_http_requests_total", .counter, labels: ["code"], source: "the web server",
    unit: "requests", help: "HTTP requests answered, by status code")
  private static let inFlight = MetricFamily(
    "pagemigration_http_requests_in_flight", .gauge, source: "the web server", unit: "requests",
    help: "HTTP requests being answered now, this one among them")
  static let timeouts = MetricFamily(
    "pagemigration_scrape_collector_timeouts_total", .counter, labels: ["collector"],
    source: "the collector", unit: "scrapes",
    help: "Scrapes that were answered without the collector, since reading its files had not ended")
  private static let open = MetricFamily(
    "pagemigration_http_connections_open", .gauge, source: "the web server", unit: "connections",
    help: "Connections that are open now")
  private static let accepted = MetricFamily(
    "pagemigration_http_connections_accepted_total", .counter, source: "the web server",
    unit: "connections", help: "Connections that were let in")
  private static let refused = MetricFamily(
    "pagemigration_http_connections_refused_total", .counter, labels: ["reason"],
    source: "the web server", unit: "connections",
    help: "Connections that were not let in, since a limit was reached and none could give way")
  private static let timedOut = MetricFamily(
    "pagemigration_http_connections_timed_out_total", .counter, labels: ["reason"],
    source: "the web server", unit: "connections",
    help:
      "Connections closed since the client took too long to send a head, to take its answer, or to ask again"
  )
  private static let loginsFailed = MetricFamily(
    "pagemigration_http_logins_failed_total", .counter, labels: ["reason"],
    source: "the web server", unit: "requests",
    help:
      "Requests whose user and password were wrong (password), or not looked at since too many were (limit)"
  )
  private static let reloadSuccess = MetricFamily(
    "pagemigration_web_config_reload_success", .gauge, source: "the web configuration",
    unit: "1 or 0",
    help:
      "1 where the web configuration in use is what its files say now; the log has the reason for 0"
  )
  private static let reloadTime = MetricFamily(
    "pagemigration_web_config_reload_timestamp_seconds", .gauge, source: "the web configuration",
    unit: "seconds", help: "When a web configuration was last taken up, as Unix time")
  private static let certificateEnd = MetricFamily(
    "pagemigration_web_certificate_not_after_timestamp_seconds", .gauge,
    source: "the web configuration", unit: "seconds",
    help: "Earliest expiry among the server's certificates, as Unix time")
  private static let logDropped = MetricFamily(
    "pagemigration_log_lines_dropped_total", .counter, source: "the log", unit: "lines",
    help: "Log lines dropped because whoever reads the log was too slow")
}
