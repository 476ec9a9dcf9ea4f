internal import ArgumentParser
internal import Logging
internal import MigrationReasons

struct ReasonsOptions: ParsableArguments {
  @Flag(
    name: .customLong("collector.reasons"), inversion: .prefixedNo,
    help: ArgumentHelp(
      "Migrations by reason and how long they take, using eBPF.",
      discussion: """
        Needs CAP_BPF, CAP_PERFMON and a readable tracefs. All capabilities are dropped before \
        anything is served.
        """))
  var reasons = false

  @Flag(
    name: .customLong("collector.causes"), inversion: .prefixedNo,
    help: ArgumentHelp(
      "Why pages do not move, using eBPF; implies --collector.reasons.",
      discussion: "Needs what --collector.reasons needs, Linux 6.6 or later, and a kernel with BTF."
    ))
  var causes = false

  var isOn: Bool { reasons || causes }

  @OptionGroup var tracefs: TracefsOptions

  /// Attaches the probe, which takes privileges.
  ///
  /// - Returns: nil where it was not asked for. A failure is logged here, and served by the collector.
  func attach(_ logger: Logger) -> Result<SharedProbe, ReasonsUnavailable>? {
    guard isOn else { return nil }
    let probe = Result { () throws(ReasonsUnavailable) in
      try SharedProbe(tracefs: tracefs.path, causes: causes)
    }
    switch probe {
    case .success(let probe):
      logger.notice("counting migrations by reason")
      switch probe.causes {
      case nil: break
      case .success(let causes):
        logger.notice("counting failures by cause", metadata: ["method": "\(causes.method)"])
      case .failure(let problem):
        logger.error("collector failed", metadata: ["collector": "causes", "err": "\(problem)"])
      }
    case .failure(let problem):
      logger.error("collector failed", metadata: ["collector": "reasons", "err": "\(problem)"])
    }
    return probe
  }
}
