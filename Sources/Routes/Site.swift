package import Collectors
package import Explain
package import Views
package import WebServer

/// All that the server answers, by path.
package struct Site: Sendable {
  private let metrics: MetricsRoute
  private let telemetryPath: String
  private let rates: RatesRoute
  private let explain: ExplainRoute
  private let front: FrontRoute
  private let readiness: Readiness
  private let hosts: TrustedHosts

  /// - Parameters:
  ///   - telemetryPath: where the metrics are.
  ///   - hosts: the names under which people may look at this host.
  ///   - version: of the program, as the page shows it.
  package init(
    metrics gatherer: Gatherer, at telemetryPath: String, overview: OverviewSource,
    history: HistoryRecorder, readiness: Readiness, hosts: TrustedHosts, version: String
  ) {
    metrics = MetricsRoute(gatherer: gatherer)
    self.telemetryPath = telemetryPath
    rates = RatesRoute(source: overview, recorder: history)
    explain = ExplainRoute(recorder: history)
    front = FrontRoute(
      rates: rates, page: LivePage(telemetryPath: telemetryPath, version: version))
    self.readiness = readiness
    self.hosts = hosts
  }

  package var routes: [Route] {
    [
      Route(telemetryPath) { metrics.plan($0) },
      forPeople("/rates") { rates.plan($0) },
      forPeople("/explain") { explain.plan($0) },
      forPeople("/") { front.plan($0) },
      Route("/-/healthy") { _ in .line("healthy") },
      Route("/-/ready") { _ in .live { readiness.plan } },
    ]
  }

  /// A route that says what host this is: to whoever means this host.
  private func forPeople(
    _ path: String, _ plan: @escaping @Sendable (Request) -> Plan
  ) -> Route {
    Route(path) { [hosts] request in
      hosts.trusts(request.host)
        ? plan(request)
        : .line(
          "421: this host is not known as \(request.host ?? ""); --web.allowed-host adds a name",
          status: 421)
    }
  }
}

/// Whether scrapes can be served, as `/-/ready` says it.
///
/// @unchecked: the server is set before it has a listener.
package final class Readiness: @unchecked Sendable {
  /// Weak, since the server has the route that asks for it.
  package weak var server: WebServer?

  package init() {}

  var plan: Plan {
    server?.isReady == true
      ? .line("ready") : .line("503: scrapes are not answered now", status: 503)
  }
}
