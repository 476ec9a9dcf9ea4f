internal import ArgumentParser
internal import System
internal import WebServer

extension ListenAddress: ExpressibleByArgument {
  public init?(argument: String) { self.init(argument) }
  public var defaultValueDescription: String { description }
}

struct WebOptions: ParsableArguments {
  @Option(
    name: .customLong("web.listen-address"),
    help: ArgumentHelp(
      "Address to listen on; may be given several times.",
      discussion:
        ":PORT, HOST:PORT, [IPV6]:PORT, unix:PATH or vsock://:PORT; port 0 takes any free port.",
      valueName: "address"))
  var listenAddresses: [ListenAddress] = []

  @Flag(
    name: .customLong("web.systemd-socket"),
    help: "Listen on the sockets that systemd passes, instead of an address.")
  var systemdSocket = false

  @Option(
    name: .customLong("web.config.file"),
    help: ArgumentHelp(
      "TLS, passwords, headers and rate limit, in the file format that exporters share.",
      valueName: "file"))
  var configFile: String?

  @Option(
    name: .customLong("web.telemetry-path"),
    help: ArgumentHelp("Path of the metrics.", valueName: "path"))
  var telemetryPath = "/metrics"

  @Option(
    name: .customLong("web.max-requests"),
    help: ArgumentHelp("Requests answered at once; more get 503; 0 for no limit.", valueName: "n"))
  var maxRequests = 40

  @Option(
    name: .customLong("web.max-connections"),
    help: ArgumentHelp(
      "Connections open at once; a new one beyond that closes the one idle longest.",
      valueName: "n"))
  var maxConnections = 512

  @Option(
    name: .customLong("web.max-connections-per-address"),
    help: ArgumentHelp(
      "Of these, from one IP address or IPv6 /64 network; half of them by default.", valueName: "n"
    ))
  var maxConnectionsPerAddress: Int?

  @Option(
    name: .customLong("web.head-timeout"),
    help: ArgumentHelp("How long a request's head may take to arrive.", valueName: "duration"))
  var headTimeout = Duration.seconds(10)

  @Option(
    name: .customLong("web.answer-timeout"),
    help: ArgumentHelp("How long a client may take to read its response.", valueName: "duration"))
  var answerTimeout = Duration.seconds(30)

  @Option(
    name: .customLong("web.scrape-timeout-margin"),
    help: ArgumentHelp(
      "How long before Prometheus's own timeout a scrape is answered.", valueName: "duration"))
  var scrapeTimeoutMargin = Duration.milliseconds(500)

  @Option(
    name: .customLong("web.allowed-host"),
    help: ArgumentHelp(
      "DNS name under which /, /rates and /explain are served; may be given several times.",
      discussion: "This host's own name always is one. Scrapes are answered under any name.",
      valueName: "name"))
  var allowedHosts: [String] = []

  @Flag(
    name: .customLong("web.openmetrics-created"),
    help: ArgumentHelp(
      "In OpenMetrics, add the start time of each counter as a _created line.",
      discussion: "For servers that understand these; protobuf always has start times."))
  var openMetricsCreated = false

  @Flag(
    name: .customLong("web.disable-exporter-metrics"),
    help: "Leave out the metrics of the exporter itself (process_*, pagemigration_http_*).")
  var disableExporterMetrics = false

  var limits: Limits {
    var limits = Limits(
      requests: maxRequests, connections: maxConnections,
      connectionsPerAddress: maxConnectionsPerAddress)
    limits.headTime = headTimeout
    limits.answerTime = answerTimeout
    limits.requestMargin = scrapeTimeoutMargin
    return limits
  }

  func validate() throws {
    guard telemetryPath.hasPrefix("/"), telemetryPath != "/", !telemetryPath.hasPrefix("/-/"),
      !telemetryPath.contains("?"), telemetryPath != "/rates"
    else {
      throw ValidationError(
        "--web.telemetry-path must be a path such as /metrics, not '\(telemetryPath)'")
    }
    guard maxRequests >= 0 else { throw ValidationError("--web.max-requests must be 0 or more") }
    guard (1...65536).contains(maxConnections) else {
      throw ValidationError("--web.max-connections must be from 1 to 65536")
    }
    guard !systemdSocket || listenAddresses.isEmpty else {
      throw ValidationError("--web.systemd-socket and --web.listen-address exclude each other")
    }
  }
}
