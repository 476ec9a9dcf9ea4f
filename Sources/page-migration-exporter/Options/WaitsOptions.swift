internal import ArgumentParser
internal import Logging
internal import MigrationReasons

struct WaitsOptions: ParsableArguments {
  @Flag(
    name: .customLong("collector.waits"), inversion: .prefixedNo,
    help: ArgumentHelp(
      "Whom the moving of pages holds up, and for how long, by eBPF.",
      discussion: """
        Needs CAP_BPF and CAP_PERFMON, and a kernel with BTF that lets programs be attached to its \
        functions.
        """))
  var isOn = false

  /// Attaches the probe, which takes privileges.
  ///
  /// - Returns: nil where it was not asked for. A failure is logged here, and served by the collector.
  func attach(_ logger: Logger) -> Result<WaitsProbe, ReasonsUnavailable>? {
    guard isOn else { return nil }
    let probe = Result { () throws(ReasonsUnavailable) in try WaitsProbe() }
    switch probe {
    case .success(let probe):
      logger.notice(
        "timing waits",
        metadata: ["functions": "\(probe.waits.map(\.function).joined(separator: " "))"])
    case .failure(let problem):
      logger.error("collector failed", metadata: ["collector": "waits", "err": "\(problem)"])
    }
    return probe
  }
}
