package import Exposition
package import KernelText

/// The kernel's settings that decide how much it migrates. A setting that this kernel lacks gives
/// no metric; one that cannot be read costs only its own.
package final class SettingsCollector: Collector {
  package let name = "settings"

  private var numaBalancing: SingleValueFile
  private var demotion: SingleValueFile
  private var promotionRateLimit: SingleValueFile
  private var proactiveness: SingleValueFile
  private var thpPolicy: SingleValueFile
  // The kernel allocates what a read of a sysctl asks for: small is kind.
  private var buffer = [UInt8](repeating: 0, count: 128)

  package init(_ paths: KernelPaths) {
    let (sysctl, mm) = ("\(paths.procfs)/sys", "\(paths.sysfs)/kernel/mm")
    numaBalancing = SingleValueFile("\(sysctl)/kernel/numa_balancing")
    demotion = SingleValueFile("\(mm)/numa/demotion_enabled")
    promotionRateLimit = SingleValueFile(
      "\(sysctl)/kernel/numa_balancing_promote_rate_limit_MBps")
    proactiveness = SingleValueFile("\(sysctl)/vm/compaction_proactiveness")
    thpPolicy = SingleValueFile("\(mm)/transparent_hugepage/enabled")
  }

  package var documentation: [DocumentedFamily] { Self.families }

  package func collect(into encoder: inout Encoder) -> [any Error] {
    var problems: [any Error] = []
    func write(_ index: Int, _ read: () throws -> UInt64?) {
      do {
        guard let value = try read() else { return }
        encoder.begin(Self.families[index].family)
        encoder.write(metrics[index], value)
      } catch {
        problems.append(error)
      }
    }
    write(0) { try numaBalancing.read(using: &buffer, SingleValue.number) }
    write(1) { try demotion.read(using: &buffer, SingleValue.flag).map { $0 ? 1 : 0 } }
    write(2) {
      // The sysctl's MB are 2^20 bytes: kernel/sched/fair.c shifts them by 20 - PAGE_SHIFT.
      try promotionRateLimit.read(using: &buffer) { text in
        SingleValue.number(text).flatMap { $0 < 1 << 44 ? $0 << 20 : nil }
      }
    }
    write(3) { try proactiveness.read(using: &buffer, SingleValue.number) }
    do {
      if let policy = try thpPolicy.read(using: &buffer, SingleValue.choice) {
        encoder.begin(Self.families[4].family)
        for (name, metric) in thpPolicyMetrics {
          encoder.write(metric, name == policy.chosen ? 1 : 0)
        }
      }
    } catch {
      problems.append(error)
    }
    return problems
  }

  private let metrics = families.map { $0.family.metric() }
  private let thpPolicyMetrics = ["always", "madvise", "never"].map {
    ($0, families[4].family.metric(["policy": $0]))
  }

  private static let families = [
    DocumentedFamily(
      "pagemigration_numa_balancing_mode", .gauge, source: "/proc/sys/kernel/numa_balancing",
      unit: "bits", since: "3.13",
      help:
        "Automatic NUMA balancing: 0 off, bit 1 between nodes, bit 2 promotion between memory tiers (kernel.numa_balancing)"
    ),
    DocumentedFamily(
      "pagemigration_demotion_enabled", .gauge, source: "/sys/kernel/mm/numa/demotion_enabled",
      unit: "1 or 0", since: "5.15",
      help: "1 where reclaim may demote pages to a slower memory tier (numa/demotion_enabled)"),
    DocumentedFamily(
      "pagemigration_promotion_rate_limit_bytes_per_second", .gauge,
      source: "/proc/sys/kernel/numa_balancing_promote_rate_limit_MBps", unit: "bytes per second",
      since: "6.1",
      help:
        "Most that NUMA balancing promotes per second and node (kernel.numa_balancing_promote_rate_limit_MBps)"
    ),
    DocumentedFamily(
      "pagemigration_compaction_proactiveness", .gauge,
      source: "/proc/sys/vm/compaction_proactiveness", unit: "0 to 100", since: "5.9",
      help:
        "How eagerly kcompactd compacts in the background, 0 for not at all (vm.compaction_proactiveness)"
    ),
    DocumentedFamily(
      "pagemigration_thp_policy", .gauge, labels: ["policy"],
      source: "/sys/kernel/mm/transparent_hugepage/enabled", unit: "1 or 0", since: "2.6.38",
      help:
        "1 for the policy that is chosen for transparent huge pages (transparent_hugepage/enabled)"
    ),
  ]
}
