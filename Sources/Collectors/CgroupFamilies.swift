internal import Exposition
internal import PageMigration

/// The table of what a cgroup's `memory.stat` gives (mm/memcontrol.c, memory_stats and
/// memcg_vm_event_stat). It has no pgmigrate_*, thp_migration_* or compact_* in any kernel.
let cgroupFamilies: [CounterFamily] = [
  CounterFamily(
    "cgroup_numa_pages_migrated_total", .numaPagesMigrated, unit: "base pages", since: "6.12",
    help: "Base pages of the cgroup that NUMA balancing migrated\(hierarchical)",
    labels: ["cgroup"]),
  CounterFamily(
    "cgroup_numa_hint_faults_total", .numaHintFaults, unit: "faults", since: "6.12",
    help: "NUMA hinting faults on memory of the cgroup\(hierarchical)", labels: ["cgroup"]),
  CounterFamily(
    "cgroup_numa_pte_updates_total", .numaPteUpdates, unit: "base pages", since: "6.12",
    help: "Base pages of the cgroup that were marked to take a NUMA hinting fault\(hierarchical)",
    labels: ["cgroup"]),
  CounterFamily(
    "cgroup_pages_promoted_total", .promoteSuccess, unit: "base pages", since: "6.12",
    help: "Base pages of the cgroup promoted to the top memory tier\(hierarchical)",
    labels: ["cgroup"]),
  CounterFamily(
    "cgroup_pages_demoted_total", .counter, by: "path",
    [
      "kswapd": .demoteKswapd, "direct": .demoteDirect, "khugepaged": .demoteKhugepaged,
      "proactive": .demoteProactive,
    ],
    unit: "base pages", since: "6.12, proactive 6.16",
    help:
      "Base pages of the cgroup demoted to a slower memory tier, by who reclaimed\(hierarchical)",
    labels: ["cgroup"]),
]

private let hierarchical =
  "; those of the cgroups below are in it, so never add a cgroup to one above it"
