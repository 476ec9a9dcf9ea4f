internal import Arguments
internal import Logging
internal import MigrationReasons

struct ReasonsOptions: ArgumentGroup {
  let reasons: Bool
  let causes: Bool
  let tracefs: TracefsOptions

  init(_ arguments: inout ArgumentReader) throws(UsageError) {
    reasons = try arguments.toggle(
      "collector.reasons", "Migrations by reason and how long they take, using eBPF.",
      details: """
        Needs CAP_BPF, CAP_PERFMON and a readable tracefs. All capabilities are dropped before \
        anything is served.
        """)
    causes = try arguments.toggle(
      "collector.causes", "Why pages do not move, using eBPF; implies --collector.reasons.",
      details:
        "Needs what --collector.reasons needs, Linux 6.6 or later (6.0 for compaction alone), and a kernel with BTF."
    )
    tracefs = try arguments.group()
  }

  var isOn: Bool { reasons || causes }

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
