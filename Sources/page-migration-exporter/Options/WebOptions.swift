internal import Arguments
internal import System
internal import WebServer

extension ListenAddress: ArgumentValue {
  init(argument: String) throws(InvalidArgument) {
    guard let address = ListenAddress(argument) else { throw InvalidArgument() }
    self = address
  }

  var asArgument: String { description }
  static var form: String? {
    ":10057, 127.0.0.1:10057, [::1]:10057 or unix:/run/exporter.sock"
  }
}

struct WebOptions: ArgumentGroup {
  let listenAddresses: [ListenAddress]
  let systemdSocket: Bool
  let configFile: String?
  let telemetryPath: String
  let maxRequests: Int
  let maxConnections: Int
  let maxConnectionsPerAddress: Int?
  let headTimeout: Duration
  let answerTimeout: Duration
  let scrapeTimeoutMargin: Duration
  let allowedHosts: [String]
  let openMetricsCreated: Bool
  let disableExporterMetrics: Bool

  init(_ arguments: inout ArgumentReader) throws(UsageError) {
    listenAddresses = try arguments.values(
      "web.listen-address", "address", "Address to listen on; may be given several times.",
      details:
        ":PORT, HOST:PORT, [IPV6]:PORT, unix:PATH or vsock://:PORT; port 0 takes any free port; by default :10057."
    )
    systemdSocket = try arguments.flag(
      "web.systemd-socket", "Listen on the sockets that systemd passes, instead of an address.")
    configFile = try arguments.value(
      "web.config.file", "file",
      "TLS, passwords, headers and rate limit, in the format of exporter-toolkit's web configuration."
    )
    telemetryPath = try arguments.value(
      "web.telemetry-path", "path", standard: "/metrics", "Path of the metrics.")
    maxRequests = try arguments.value(
      "web.max-requests", "n", standard: 40,
      "Requests answered at once; more get 503; 0 for no limit.")
    maxConnections = try arguments.value(
      "web.max-connections", "n", standard: 512,
      "Connections open at once; a new one beyond that closes the one idle longest.")
    maxConnectionsPerAddress = try arguments.value(
      "web.max-connections-per-address", "n",
      "Connections open from one IP address or IPv6 /64 network; by default half of --web.max-connections."
    )
    headTimeout = try arguments.value(
      "web.head-timeout", "duration", standard: .seconds(10),
      "How long a request's head may take to arrive.")
    answerTimeout = try arguments.value(
      "web.answer-timeout", "duration", standard: .seconds(30),
      "How long a client may take to read its response.")
    scrapeTimeoutMargin = try arguments.value(
      "web.scrape-timeout-margin", "duration", standard: .milliseconds(500),
      "How long before Prometheus's own timeout a scrape is answered.")
    allowedHosts = try arguments.values(
      "web.allowed-host", "name",
      "DNS name under which /, /rates and /explain are served; may be given several times.",
      details: "This host's own name is always allowed. Scrapes are answered under any name.")
    openMetricsCreated = try arguments.flag(
      "web.openmetrics-created",
      "In OpenMetrics, add the start time of each counter as a _created line.",
      details: "For servers that understand these; protobuf always has those that are known.")
    disableExporterMetrics = try arguments.flag(
      "web.disable-exporter-metrics",
      "Leave out the metrics of the exporter itself (process_*, pagemigration_http_*).")
    try validate()
  }

  var limits: Limits {
    var limits = Limits(
      requests: maxRequests, connections: maxConnections,
      connectionsPerAddress: maxConnectionsPerAddress)
    limits.headTime = headTimeout
    limits.answerTime = answerTimeout
    limits.requestMargin = scrapeTimeoutMargin
    return limits
  }

  private func validate() throws(UsageError) {
    guard telemetryPath.hasPrefix("/"), telemetryPath != "/", !telemetryPath.hasPrefix("/-/"),
      !telemetryPath.utf8.contains(where: { $0 < 0x20 || "?%".utf8.contains($0) }),
      telemetryPath != "/rates", telemetryPath != "/explain"
    else {
      throw UsageError(
        "--web.telemetry-path must be a path such as /metrics, not '\(telemetryPath)'")
    }
    guard maxRequests >= 0 else { throw UsageError("--web.max-requests must be 0 or more") }
    guard (1...65536).contains(maxConnections) else {
      throw UsageError("--web.max-connections must be from 1 to 65536")
    }
    for (name, time) in [("head", headTimeout), ("answer", answerTimeout)] where time == .zero {
      throw UsageError("--web.\(name)-timeout must be above 0")
    }
    guard !systemdSocket || listenAddresses.isEmpty else {
      throw UsageError("--web.systemd-socket and --web.listen-address cannot be combined")
    }
  }
}
