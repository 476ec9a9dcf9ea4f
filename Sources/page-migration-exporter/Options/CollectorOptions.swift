internal import ArgumentParser
internal import Collectors
internal import KernelText
internal import System

struct CollectorOptions: ParsableArguments {
  @Flag(
    name: .customLong("collector.vmstat"), inversion: .prefixedNo,
    help: "The machine's counters in /proc/vmstat.")
  var vmstat = true

  @Option(
    name: .customLong("collector.vmstat.shared-for"),
    help: ArgumentHelp(
      "How long one read of /proc/vmstat serves other scrapes, too; by default 50ms with 64 CPUs or more, else 0.",
      valueName: "duration"))
  var vmstatSharedFor: Duration?

  @Flag(
    name: .customLong("collector.node"), inversion: .prefixedNo,
    help: "The counters of each NUMA node and its memory tier.")
  var node = true

  @Flag(
    name: .customLong("collector.settings"), inversion: .prefixedNo,
    help: "The kernel's settings for NUMA balancing, demotion, compaction and THPs.")
  var settings = true

  @Flag(
    name: .customLong("collector.cma"), inversion: .prefixedNo,
    help: "The areas of contiguous memory (CMA), where the kernel has any.")
  var cma = false

  @Flag(
    name: .customLong("collector.mthp"), inversion: .prefixedNo,
    help: "Transparent huge pages of each size. Needs Linux 6.10 or later.")
  var mthp = false

  @Flag(
    name: .customLong("collector.damon"), inversion: .prefixedNo,
    help:
      "What DAMON's schemes did, where a kdamond refreshes its statistics itself. Needs root and Linux 6.17 or later."
  )
  var damon = false

  @OptionGroup var cgroup: CgroupOptions

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
