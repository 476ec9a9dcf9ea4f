internal import Arguments
internal import Logging
internal import MigrationReasons
internal import PageMigration

struct DeviceOptions: ArgumentGroup {
  let isOn: Bool

  init(_ arguments: inout ArgumentReader) throws(UsageError) {
    isOn = try arguments.toggle(
      "collector.device", "Pages that drivers move to and from device memory (HMM), using eBPF.",
      details: """
        Needs CAP_BPF and CAP_PERFMON, and a kernel with BTF and CONFIG_DEVICE_PRIVATE that lets \
        programs attach to its functions.
        """)
  }

  /// Attaches the probe, which takes privileges.
  ///
  /// - Returns: nil where it was not asked for. A failure is logged here, and served by the collector.
  func attach(_ facts: HostFacts, _ logger: Logger) -> Result<DeviceProbe, ReasonsUnavailable>? {
    guard isOn else { return nil }
    let probe = Result { () throws(ReasonsUnavailable) in
      try DeviceProbe(pagesOfHugePage: facts.pagesOfTHP)
    }
    switch probe {
    case .success: logger.notice("counting migrations of device memory")
    case .failure(let problem):
      logger.error("collector failed", metadata: ["collector": "device", "err": "\(problem)"])
    }
    return probe
  }
}
