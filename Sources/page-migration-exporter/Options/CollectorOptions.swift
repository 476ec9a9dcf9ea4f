internal import Arguments
internal import Collectors
internal import KernelText
internal import System

struct CollectorOptions: ArgumentGroup {
  let vmstat: Bool
  let vmstatSharedFor: Duration?
  let node: Bool
  let settings: Bool
  let cma: Bool
  let mthp: Bool
  let damon: Bool
  let cgroup: CgroupOptions

  init(_ arguments: inout ArgumentReader) throws(UsageError) {
    vmstat = try arguments.toggle(
      "collector.vmstat", isOn: true, "The machine's counters in /proc/vmstat.")
    vmstatSharedFor = try arguments.value(
      "collector.vmstat.shared-for", "duration",
      "How long other scrapes may use the same read of /proc/vmstat; by default 50ms with 64 CPUs or more, else 0."
    )
    node = try arguments.toggle(
      "collector.node", isOn: true, "The counters of each NUMA node and its memory tier.")
    settings = try arguments.toggle(
      "collector.settings", isOn: true,
      "The kernel's settings for NUMA balancing, demotion, compaction and THPs.")
    cma = try arguments.toggle(
      "collector.cma", "The areas of contiguous memory (CMA), where the kernel has any.")
    mthp = try arguments.toggle(
      "collector.mthp", "Transparent huge pages of each size. Needs Linux 6.10 or later.")
    damon = try arguments.toggle(
      "collector.damon",
      "What DAMON's schemes did, where a kdamond refreshes its statistics itself. Needs root and Linux 6.17 or later."
    )
    cgroup = try arguments.group()
  }

  /// Every collector that reads the kernel's files, in the order of the exposition.
  ///
  /// - Parameters:
  ///   - perCPU: what the machine's counters are read from, instead of the text.
  ///   - warn: told of limits that are reached while metrics are gathered.
  func kernelCollectors(
    _ paths: KernelPaths, perCPU: PerCPUVmstat? = nil, warn: @escaping @Sendable (String) -> Void
  ) -> [any Collector] {
    var collectors: [any Collector] = []
    if vmstat {
      let sharedFor =
        vmstatSharedFor ?? (Machine.possibleCPUs >= 64 ? .milliseconds(50) : .zero)
      collectors.append(VmstatCollector(paths, sharedFor: sharedFor, perCPU: perCPU))
    }
    if node { collectors.append(NodeCollector(paths)) }
    if settings { collectors.append(SettingsCollector(paths)) }
    if cma { collectors.append(CMACollector(paths)) }
    if mthp { collectors.append(MTHPCollector(paths)) }
    if damon { collectors.append(DAMONCollector(paths)) }
    if cgroup.isOn { collectors.append(CgroupCollector(paths, cgroup.selection, warn: warn)) }
    return collectors
  }
}
