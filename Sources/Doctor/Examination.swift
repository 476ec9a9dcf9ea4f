package import Collectors
package import KernelText
internal import PageMigration
internal import System

/// What works here, what does not, and what to do: each part of the program tried once.
package struct Examination {
  private let build: BuildFacts
  private let kernelRelease: String?
  private let checks: [Check]
  /// Whether the kernel's counters, without which there is nothing to export, can be read.
  package let canReadCounters: Bool

  /// With the privileges that the program has: what eBPF needs is tried, and taken out of the kernel again.
  package init(_ paths: KernelPaths, _ build: BuildFacts) {
    self.build = build
    kernelRelease = HostFacts.read(paths).kernelRelease
    let counters = Check.within(5, "vmstat") { [.counters(procfs: paths.procfs)] }[0]
    canReadCounters = counters.works
    let collectors =
      Check.within(5, "node") { [.collector(NodeCollector(paths), build)] }
      + Check.within(5, "settings") { [.collector(SettingsCollector(paths), build)] }
      + Check.within(5, "cgroup") {
        [.collector(CgroupCollector(paths, CgroupSelection(), warn: { _ in }), build)]
      }
    // An emulated machine takes its time to look through eBPF programs.
    let programs =
      Check.within(20, "reasons") { Check.reasonsAndCauses(tracefs: paths.tracefs) }
      + Check.within(20, "waits") { [.waits] } + Check.within(20, "device") { [.device] }
      + (counters.works
        ? Check.within(20, "vmstat.percpu") { [.perCPU(paths)] }
        : [Check("vmstat.percpu", false, "it is held against vmstat, which cannot be read")])
    checks = [counters] + collectors + programs + [Check.port]
  }

  /// A line for each check, and what to do below each that failed.
  package var text: String {
    let heading =
      "page-migration-exporter \(build.version) on kernel \(kernelRelease ?? "?"), "
      + (Machine.user == 0 ? "as root" : "as user \(Machine.user)")
    let width = checks.map(\.name.count).max() ?? 0
    let lines = checks.flatMap { $0.lines(nameWidth: width) }
    return heading + "\n\n" + lines.joined(separator: "\n") + "\n"
  }
}
