internal import ArgumentParser
internal import Collectors
internal import KernelText

struct CollectorOptions: ParsableArguments {
  @Flag(
    name: .customLong("collector.vmstat"), inversion: .prefixedNo,
    help: "The machine's counters in /proc/vmstat.")
  var vmstat = true

  @Flag(
    name: .customLong("collector.node"), inversion: .prefixedNo,
    help: "The counters of each NUMA node and its memory tier.")
  var node = true

  @Flag(
    name: .customLong("collector.settings"), inversion: .prefixedNo,
    help: "The kernel's settings for NUMA balancing, demotion, compaction and THPs.")
  var settings = true

  @OptionGroup var cgroup: CgroupOptions

  /// Every collector that reads the kernel's files, in the order of the exposition.
  ///
  /// - Parameter warn: told of limits that are reached while metrics are gathered.
  func kernelCollectors(
    _ paths: KernelPaths, warn: @escaping @Sendable (String) -> Void
  ) -> [any Collector] {
    var collectors: [any Collector] = []
    if vmstat { collectors.append(VmstatCollector(paths)) }
    if node { collectors.append(NodeCollector(paths)) }
    if settings { collectors.append(SettingsCollector(paths)) }
    if cgroup.isOn { collectors.append(CgroupCollector(paths, cgroup.selection, warn: warn)) }
    return collectors
  }
}
