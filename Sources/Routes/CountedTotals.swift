package import Collectors
package import WebConfig
package import WebServer

/// What the server, its configuration and the log have counted, as the metrics take it.
package struct CountedTotals: ServerTotals {
  private let counters: ServerCounters
  private let config: @Sendable () -> ConfigKeeper.State?
  private let linesDropped: @Sendable () -> UInt64

  /// - Parameter config: nil where there is no web configuration.
  package init(
    _ counters: ServerCounters, config: @escaping @Sendable () -> ConfigKeeper.State?,
    linesDropped: @escaping @Sendable () -> UInt64
  ) {
    (self.counters, self.config, self.linesDropped) = (counters, config, linesDropped)
  }

  package var codes: [Int] { ServerCounters.codes }
  package func answered(at place: Int) -> UInt64 { counters.answered(at: place) }
  package var inFlight: UInt64 { UInt64(max(0, counters.inFlight)) }
  package var connectionsOpen: UInt64 { UInt64(max(0, counters.open)) }
  package var connectionsAccepted: UInt64 { counters.accepted }
  package var refusals: [String] { ServerCounters.Refusal.allCases.map(\.rawValue) }
  package func refused(at place: Int) -> UInt64 { counters.refused(at: place) }
  package var timeOuts: [String] { ServerCounters.TimeOut.allCases.map(\.rawValue) }
  package func timedOut(at place: Int) -> UInt64 { counters.timedOut(at: place) }
  package var loginFailures: [String] { ServerCounters.LoginFailure.allCases.map(\.rawValue) }
  package func loginFailed(at place: Int) -> UInt64 { counters.loginFailed(at: place) }
  package var logLinesDropped: UInt64 { linesDropped() }
  package var configState: ConfigTotals? {
    config().map {
      ConfigTotals(isCurrent: $0.isCurrent, lastTaken: $0.lastTaken, notAfter: $0.notAfter)
    }
  }
}
