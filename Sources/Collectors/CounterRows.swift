internal import Exposition
internal import PageMigration

/// The table of all counters, in the order of the exposition. Names: mm/vmstat.c; the file that
/// counts each stands in ``MigrationCounter``.
///
/// Nodes have those that the kernel keeps per node (drivers/base/node.c, node_read_vmstat);
/// pgmigrate_* and thp_migration_* are not among them. Cgroups have what `memory.stat` gives
/// (mm/memcontrol.c, memory_stats and memcg_vm_event_stat): no pgmigrate_*, thp_migration_* or
/// compact_* in any kernel.
let counterRows: [CounterRow] = [
  CounterRow(
    .migrateSuccess, "base pages",
    .machine(
      "pages_migrated_total", since: "3.8",
      "Base pages that were migrated, or found freed meanwhile; a THP counts as all its pages")),
  CounterRow(
    .migrateFail, "base pages",
    .machine(
      "pages_failed_total", since: "3.8",
      "Base pages whose migration failed, counted once per failed call, so a page can recur")),
  CounterRow(
    .thpMigrationSuccess, "THPs",
    .machine("thp_migrated_total", since: "5.9", "Transparent huge pages that were migrated whole")),
  CounterRow(
    .thpMigrationFail, "THPs",
    .machine(
      "thp_failed_total", since: "5.9",
      "Transparent huge pages that were not migrated whole; from 5.17 on the split ones too")),
  CounterRow(
    .thpMigrationSplit, "THPs",
    .machine(
      "thp_split_total", since: "5.9",
      "Transparent huge pages that were split so that their parts could be migrated")),

  CounterRow(
    .numaPagesMigrated, "base pages",
    .machine(
      "numa_pages_migrated_total", since: "3.8",
      "Base pages that NUMA balancing migrated, a part of the pages migrated"),
    .cgroup(
      "numa_pages_migrated_total", since: "6.12",
      "Base pages of the cgroup that NUMA balancing migrated")),
  CounterRow(
    .numaHintFaults, "faults",
    .machine(
      "numa_hint_faults_total", since: "3.8",
      "NUMA hinting faults taken, one per fault whatever the folio's size"),
    .cgroup("numa_hint_faults_total", since: "6.12", "NUMA hinting faults on memory of the cgroup")),
  CounterRow(
    .numaHintFaultsLocal, "faults",
    .machine(
      "numa_hint_faults_local_total", since: "3.8",
      "NUMA hinting faults on memory that was already on the faulting CPU's node")),
  CounterRow(
    .numaPteUpdates, "base pages",
    .machine(
      "numa_pte_updates_total", since: "3.8",
      "Base pages that were marked to take a NUMA hinting fault"),
    .cgroup(
      "numa_pte_updates_total", since: "6.12",
      "Base pages of the cgroup that were marked to take a NUMA hinting fault")),
  CounterRow(
    .numaHugePteUpdates, "PMDs",
    .machine(
      "numa_huge_pte_updates_total", since: "3.13",
      "Huge page-table entries that were marked to take a NUMA hinting fault")),

  CounterRow(
    .promoteSuccess, "base pages",
    .machine(
      "pages_promoted_total", since: "5.18",
      "Base pages promoted from a slower memory tier to the top tier"),
    .node(
      "pages_promoted_total", since: "5.18",
      "Base pages promoted to this node, the destination, from a slower memory tier"),
    .cgroup(
      "pages_promoted_total", since: "6.12",
      "Base pages of the cgroup promoted to the top memory tier")),
  CounterRow(
    .promoteCandidate, "base pages",
    .machine(
      "promotion_candidates_total", since: "6.1",
      "Base pages hot enough to be promoted, before the promotion rate limit"),
    .node(
      "promotion_candidates_total", since: "6.1",
      "Base pages hot enough to be promoted to this node, the destination")),
  CounterRow(
    .promoteCandidateNRL, "base pages",
    .machine(
      "promotion_candidates_unlimited_total", since: "6.18",
      "Base pages promoted without the rate limit since the top tier had free memory"),
    .node(
      "promotion_candidates_unlimited_total", since: "6.18",
      "Base pages promoted to this node, the destination, without the promotion rate limit")),
  CounterRow(
    by: "path", MigrationCounter.demotedByPath, "base pages",
    .machine(
      "pages_demoted_total", since: "5.15, khugepaged 6.2, proactive 6.16",
      "Base pages demoted to a slower memory tier, by who reclaimed"),
    .node(
      "pages_demoted_total", since: "6.8, proactive 6.16",
      "Base pages demoted from this node, the source, to a slower memory tier"),
    .cgroup(
      "pages_demoted_total", since: "6.12, proactive 6.16",
      "Base pages of the cgroup demoted to a slower memory tier, by who reclaimed")),

  CounterRow(
    .compactStall, "allocations",
    .machine(
      "compaction_stalls_total", since: "3.8", "Allocations that stalled for direct compaction")),
  CounterRow(
    .compactFail, "allocations",
    .machine(
      "compaction_failures_total", since: "3.8",
      "Direct compactions that did not free a large enough page")),
  CounterRow(
    .compactSuccess, "allocations",
    .machine(
      "compaction_successes_total", since: "3.8",
      "Direct compactions that freed a large enough page")),
  CounterRow(
    .compactDaemonWake, "wakeups",
    .machine("compaction_daemon_wakes_total", since: "4.6", "Times that kcompactd was woken")),
  CounterRow(
    .compactMigrateScanned, "base pages",
    .machine(
      "compaction_migrate_scanned_pages_total", since: "3.8",
      "Base pages that compaction scanned for pages to move")),
  CounterRow(
    .compactFreeScanned, "base pages",
    .machine(
      "compaction_free_scanned_pages_total", since: "3.8",
      "Base pages that compaction scanned for free pages to move to")),
  CounterRow(
    .compactIsolated, "base pages",
    .machine(
      "compaction_isolated_pages_total", since: "3.8",
      "Base pages isolated for compaction, sources and targets, so about twice those migrated")),
  CounterRow(
    .compactDaemonMigrateScanned, "base pages",
    .machine(
      "compaction_daemon_migrate_scanned_pages_total", since: "4.12",
      "Base pages that kcompactd scanned for pages to move, a part of all such scans")),
  CounterRow(
    .compactDaemonFreeScanned, "base pages",
    .machine(
      "compaction_daemon_free_scanned_pages_total", since: "4.12",
      "Base pages that kcompactd scanned for free pages to move to, a part of all such scans")),

  CounterRow(
    .balloonMigrate, "base pages",
    .machine(
      "balloon_pages_migrated_total", since: "3.8",
      "Balloon pages that were migrated, a part of the pages migrated")),
  CounterRow(
    .cmaAllocSuccess, "calls",
    .machine("cma_allocations_total", since: "5.13", "Contiguous memory allocations that succeeded")
  ),
  CounterRow(
    .cmaAllocFail, "calls",
    .machine(
      "cma_allocation_failures_total", since: "5.13", "Contiguous memory allocations that failed")),
  CounterRow(
    .pinAcquired, "page pins",
    .machine(
      "pins_acquired_total", since: "5.6",
      "Page pins taken, as for DMA; a pinned page cannot be migrated")),
  CounterRow(
    .pinReleased, "page pins",
    .machine(
      "pins_released_total", since: "5.6",
      "Page pins given back; acquired minus released is about what is pinned now")),
  CounterRow(
    .thpFaultAlloc, "THPs",
    .machine(
      "thp_fault_allocations_total", since: "2.6.39", "Page faults served with a huge page")),
  CounterRow(
    .thpFaultFallback, "faults",
    .machine(
      "thp_fault_fallbacks_total", since: "2.6.39",
      "Page faults that fell back from a huge page to base pages")),
  CounterRow(
    .thpCollapseAlloc, "THPs",
    .machine(
      "thp_collapse_allocations_total", since: "2.6.39",
      "Huge pages that khugepaged allocated to collapse base pages into")),
  CounterRow(
    .thpCollapseAllocFailed, "attempts",
    .machine(
      "thp_collapse_failures_total", since: "2.6.39",
      "Huge pages that khugepaged could not allocate")),
  CounterRow(
    .thpSplitPage, "THPs",
    .machine(
      "thp_page_splits_total", since: "4.5",
      "Huge pages that were split into base pages, for whatever reason")),
  CounterRow(
    .hugetlbAlloc, "hugetlb pages",
    .machine(
      "hugetlb_allocations_total", since: "2.6.26",
      "Huge pages that the hugetlb pool took from free memory; gigantic ones are not counted")),
  CounterRow(
    .hugetlbAllocFail, "hugetlb pages",
    .machine(
      "hugetlb_allocation_failures_total", since: "2.6.26",
      "Huge pages that the hugetlb pool could not allocate; gigantic ones are not counted")),
  CounterRow(
    .swapIn, "base pages",
    .machine("pages_swapped_in_total", since: "2.6", "Base pages read back from swap")),
  CounterRow(
    .swapOut, "base pages",
    .machine(
      "pages_swapped_out_total", since: "2.6",
      "Base pages written to swap; with demotion they would go to a slower memory tier first")),
  CounterRow(
    by: "lru", ["anon": .refaultAnon, "file": .refaultFile], "base pages",
    .machine(
      "refaults_total", since: "5.9", "Base pages that were needed again after they were reclaimed")
  ),
  CounterRow(
    by: "zone",
    [
      "dma": .allocStallDMA, "dma32": .allocStallDMA32, "normal": .allocStallNormal,
      "movable": .allocStallMovable, "device": .allocStallDevice,
    ], "allocations",
    .machine(
      "allocation_stalls_total", since: "4.10, device 6.1",
      "Allocations that stalled to reclaim memory themselves, by the highest zone they could use")),
  CounterRow(
    .gauge, by: "lru", ["anon": .isolatedAnon, "file": .isolatedFile], "base pages",
    .machine(
      "isolated_pages", since: "2.6.32",
      "Base pages isolated from the LRU lists now, as while they are migrated or reclaimed")),
  CounterRow(
    gauge: .freePages, "base pages",
    .machine("free_pages", since: "2.6.18", "Base pages that are free now"),
    .node("free_pages", since: "2.6.18", "Base pages of this node that are free now")),
  CounterRow(
    gauge: .freePagesBlocks, "base pages",
    .machine(
      "free_block_pages", since: "any, before 6.15 from /proc/buddyinfo",
      "Base pages in pageblocks that are completely free; the other free pages are fragmented"),
    .node(
      "free_block_pages", since: "any, before 6.15 from /proc/buddyinfo",
      "Base pages of this node in pageblocks that are completely free")),
]
