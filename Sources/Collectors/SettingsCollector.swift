package import Exposition
package import KernelText

/// The kernel's settings that decide how much it migrates. A setting that this kernel lacks gives
/// no metric; one that cannot be read costs only its own.
package final class SettingsCollector: Collector {
  package let name = "settings"

  private var numaBalancing: SteadyValueFile<UInt64>
  private var demotion: SteadyValueFile<Bool>
  private var promotionRateLimit: SteadyValueFile<UInt64>
  private var proactiveness: SteadyValueFile<UInt64>
  private var thpPolicy: SteadyValueFile<(all: [String], chosen: String)>
  // The kernel allocates what a read of a sysctl asks for: small is kind.
  private var buffer = [UInt8](repeating: 0, count: 128)

  package init(_ paths: KernelPaths) {
    let (sysctl, mm) = ("\(paths.procfs)/sys", "\(paths.sysfs)/kernel/mm")
    numaBalancing = SteadyValueFile("\(sysctl)/kernel/numa_balancing", SingleValue.number)
    demotion = SteadyValueFile("\(mm)/numa/demotion_enabled", SingleValue.flag)
    promotionRateLimit = SteadyValueFile(
      "\(sysctl)/kernel/numa_balancing_promote_rate_limit_MBps"
    ) { text in
      // The sysctl's MB are 2^20 bytes: kernel/sched/fair.c shifts them by 20 - PAGE_SHIFT.
      SingleValue.number(text).flatMap { $0 < 1 << 44 ? $0 << 20 : nil }
    }
    proactiveness = SteadyValueFile("\(sysctl)/vm/compaction_proactiveness", SingleValue.number)
    thpPolicy = SteadyValueFile("\(mm)/transparent_hugepage/enabled", SingleValue.choice)
  }

  package var documentation: [DocumentedFamily] { Self.families }

  package func collect(into encoder: inout Encoder) -> [any Error] {
    var problems: [any Error] = []
    func write(_ index: Int, _ read: () throws -> UInt64?) {
      do {
        guard let value = try read() else { return }
        encoder.write(Self.families[index].family, value)
      } catch {
        problems.append(error)
      }
    }
    write(0) { try numaBalancing.read(using: &buffer) }
    write(1) { try demotion.read(using: &buffer).map { $0 ? 1 : 0 } }
    write(2) { try promotionRateLimit.read(using: &buffer) }
    write(3) { try proactiveness.read(using: &buffer) }
    do {
      if let policy = try thpPolicy.read(using: &buffer) {
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
