package import Exposition
package import MigrationReasons
package import System

/// Why pages do not move, as far as it is not by reason: that `ReasonsCollector` writes, from the very
/// reading that its failed pages come from.
package final class CausesCollector: Collector {
  package static let name = "causes"
  package var name: String { Self.name }
  package var countingSince: BootInstant? { try? probe.get().countingSince }

  private let probe: Result<SharedProbe, ReasonsUnavailable>
  private let refusals = NUMARefusal.allCases.map {
    ($0, CausesFamilies.refused.metric(["cause": $0.rawValue]))
  }
  private let methods = CausesMethod.allCases.map {
    ($0, CausesFamilies.info.metric(["method": $0.rawValue]))
  }

  /// - Parameter probe: made with causes; where there is none, each scrape says why.
  package init(_ probe: Result<SharedProbe, ReasonsUnavailable>) {
    self.probe = probe
  }

  package var documentation: [MetricFamily] { CausesFamilies.documentation }

  package func collect(into encoder: inout Encoder) throws -> [any Error] {
    let probe = try probe.get()
    guard let causes = try probe.causes?.get() else { return [] }
    if causes.hasRefusals {
      encoder.begin(CausesFamilies.refused)
      for (cause, metric) in refusals {
        if let folios = probe.refused(cause) { encoder.write(metric, folios) }
      }
    }
    encoder.begin(CausesFamilies.info)
    for (method, metric) in methods where method == causes.method { encoder.write(metric, 1) }
    return []
  }
}
