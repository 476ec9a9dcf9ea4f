internal import Exposition
internal import PageMigration

/// The table of what `/proc/vmstat` gives, in the order of the exposition.
/// KERNEL sources: mm/vmstat.c (names), and the function that counts each, in METRICS.md.
let vmstatFamilies: [CounterFamily] = [
  CounterFamily(
    "pages_migrated_total", .migrateSuccess, unit: "base pages", since: "3.8",
    help: "Base pages that were migrated, or found freed meanwhile; a THP counts as all its pages"),
  CounterFamily(
    "pages_failed_total", .migrateFail, unit: "base pages", since: "3.8",
    help: "Base pages whose migration failed, counted once per failed call, so a page can recur"),
  CounterFamily(
    "thp_migrated_total", .thpMigrationSuccess, unit: "THPs", since: "5.9",
    help: "Transparent huge pages that were migrated whole"),
  CounterFamily(
    "thp_failed_total", .thpMigrationFail, unit: "THPs", since: "5.9",
    help: "Transparent huge pages that were not migrated whole; from 5.17 on the split ones too"),
  CounterFamily(
    "thp_split_total", .thpMigrationSplit, unit: "THPs", since: "5.9",
    help: "Transparent huge pages that were split so that their parts could be migrated"),

  CounterFamily(
    "numa_pages_migrated_total", .numaPagesMigrated, unit: "base pages", since: "3.8",
    help: "Base pages that NUMA balancing migrated, a part of the pages migrated"),
  CounterFamily(
    "numa_hint_faults_total", .numaHintFaults, unit: "faults", since: "3.8",
    help: "NUMA hinting faults taken, one per fault whatever the folio's size"),
  CounterFamily(
    "numa_hint_faults_local_total", .numaHintFaultsLocal, unit: "faults", since: "3.8",
    help: "NUMA hinting faults on memory that was already on the faulting CPU's node"),
  CounterFamily(
    "numa_pte_updates_total", .numaPteUpdates, unit: "base pages", since: "3.8",
    help: "Base pages that were marked to take a NUMA hinting fault"),
  CounterFamily(
    "numa_huge_pte_updates_total", .numaHugePteUpdates, unit: "PMDs", since: "3.13",
    help: "Huge page-table entries that were marked to take a NUMA hinting fault"),

  CounterFamily(
    "pages_promoted_total", .promoteSuccess, unit: "base pages", since: "5.18",
    help: "Base pages promoted from a slower memory tier to the top tier"),
  CounterFamily(
    "promotion_candidates_total", .promoteCandidate, unit: "base pages", since: "6.1",
    help: "Base pages hot enough to be promoted, before the promotion rate limit"),
  CounterFamily(
    "promotion_candidates_unlimited_total", .promoteCandidateNRL, unit: "base pages", since: "6.18",
    help: "Base pages promoted without the rate limit since the top tier had free memory"),
  CounterFamily(
    "pages_demoted_total", .counter, by: "path",
    [
      "kswapd": .demoteKswapd, "direct": .demoteDirect, "khugepaged": .demoteKhugepaged,
      "proactive": .demoteProactive,
    ],
    unit: "base pages", since: "5.15, khugepaged 6.2, proactive 6.16",
    help: "Base pages demoted to a slower memory tier, by who reclaimed"),

  CounterFamily(
    "compaction_stalls_total", .compactStall, unit: "allocations", since: "3.8",
    help: "Allocations that stalled for direct compaction"),
  CounterFamily(
    "compaction_failures_total", .compactFail, unit: "allocations", since: "3.8",
    help: "Direct compactions that did not free a large enough page"),
  CounterFamily(
    "compaction_successes_total", .compactSuccess, unit: "allocations", since: "3.8",
    help: "Direct compactions that freed a large enough page"),
  CounterFamily(
    "compaction_daemon_wakes_total", .compactDaemonWake, unit: "wakeups", since: "4.6",
    help: "Times that kcompactd was woken"),
  CounterFamily(
    "compaction_migrate_scanned_pages_total", .compactMigrateScanned, unit: "base pages",
    since: "3.8", help: "Base pages that compaction scanned for pages to move"),
  CounterFamily(
    "compaction_free_scanned_pages_total", .compactFreeScanned, unit: "base pages", since: "3.8",
    help: "Base pages that compaction scanned for free pages to move to"),
  CounterFamily(
    "compaction_isolated_pages_total", .compactIsolated, unit: "base pages", since: "3.8",
    help: "Base pages isolated for compaction, sources and targets, so about twice those migrated"),
  CounterFamily(
    "compaction_daemon_migrate_scanned_pages_total", .compactDaemonMigrateScanned,
    unit: "base pages", since: "4.12",
    help: "Base pages that kcompactd scanned for pages to move, a part of all such scans"),
  CounterFamily(
    "compaction_daemon_free_scanned_pages_total", .compactDaemonFreeScanned, unit: "base pages",
    since: "4.12",
    help: "Base pages that kcompactd scanned for free pages to move to, a part of all such scans"),

  CounterFamily(
    "balloon_pages_migrated_total", .balloonMigrate, unit: "base pages", since: "3.8",
    help: "Balloon pages that were migrated, a part of the pages migrated"),
  CounterFamily(
    "cma_allocations_total", .cmaAllocSuccess, unit: "calls", since: "5.13",
    help: "Contiguous memory allocations that succeeded"),
  CounterFamily(
    "cma_allocation_failures_total", .cmaAllocFail, unit: "calls", since: "5.13",
    help: "Contiguous memory allocations that failed"),
  CounterFamily(
    "pins_acquired_total", .pinAcquired, unit: "page pins", since: "5.6",
    help: "Page pins taken, as for DMA; a pinned page cannot be migrated"),
  CounterFamily(
    "pins_released_total", .pinReleased, unit: "page pins", since: "5.6",
    help: "Page pins given back; acquired minus released is about what is pinned now"),
  CounterFamily(
    "isolated_pages", .gauge, by: "lru", ["anon": .isolatedAnon, "file": .isolatedFile],
    unit: "base pages", since: "2.6.32",
    help: "Base pages isolated from the LRU lists now, as while they are migrated or reclaimed"),
]
