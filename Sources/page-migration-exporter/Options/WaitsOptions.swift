internal import Arguments
internal import Logging
internal import MigrationReasons

struct WaitsOptions: ArgumentGroup {
  let isOn: Bool

  init(_ arguments: inout ArgumentReader) throws(UsageError) {
    isOn = try arguments.toggle(
      "collector.waits",
      "Which threads wait for page migration, and for how long, using eBPF.",
      details: """
        Needs CAP_BPF and CAP_PERFMON, and a kernel with BTF that lets programs attach to its \
        functions. With --collector.cgroup also by cgroup (Linux 5.12 and later).
        """)
  }

  /// Attaches the probe, which takes privileges.
  ///
  /// - Returns: nil where it was not asked for. A failure is logged here, and served by the collector.
  func attach(byCgroup: Bool, _ logger: Logger) -> Result<WaitsProbe, ReasonsUnavailable>? {
    guard isOn else { return nil }
    let probe = Result { () throws(ReasonsUnavailable) in try WaitsProbe(byCgroup: byCgroup) }
    switch probe {
    case .success(let probe):
      logger.notice(
        "timing waits",
        metadata: ["functions": "\(probe.waits.map(\.function).joined(separator: " "))"])
      if case .failure(let problem) = probe.cgroups {
        logger.warning("waits are not counted by cgroup", metadata: ["err": "\(problem)"])
      }
    case .failure(let problem):
      logger.error("collector failed", metadata: ["collector": "waits", "err": "\(problem)"])
    }
    return probe
  }
}
