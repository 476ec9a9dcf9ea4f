internal import Arguments
internal import Collectors
internal import KernelText
internal import Logging

struct PerCPUOptions: ArgumentGroup {
  let isOn: Bool

  init(_ arguments: inout ArgumentReader) throws(UsageError) {
    isOn = try arguments.toggle(
      "collector.vmstat.percpu",
      "Read the machine's counters where the kernel keeps them, CPU by CPU, instead of /proc/vmstat, using eBPF.",
      details: """
        Needs CAP_BPF and CAP_PERFMON, Linux 5.17 or later, and a kernel with BTF and \
        CONFIG_FAIR_GROUP_SCHED. Where one is missing /proc/vmstat is read, and one line of the log says why.
        """)
  }

  /// Loads the program, which takes privileges.
  ///
  /// - Returns: nil where the text is to be read.
  func open(_ paths: KernelPaths, _ logger: Logger) -> PerCPUVmstat? {
    guard isOn else { return nil }
    do {
      guard paths.areThisKernels else {
        throw StartFailure("\(paths.procfs) is not the running kernel's")
      }
      let counters = try PerCPUVmstat(paths)
      logger.notice("reading counters per CPU")
      return counters
    } catch {
      logger.warning("reading counters from /proc/vmstat", metadata: ["err": "\(error)"])
      return nil
    }
  }
}
