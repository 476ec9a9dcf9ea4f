/// A number about page migration that the kernel keeps in `/proc/vmstat`, under the kernel's name.
///
/// What each counts, in which unit and since which kernel stands in METRICS.md. A field that the
/// running kernel lacks has no value: absent is not zero.
package enum MigrationCounter: String, CaseIterable, Sendable {
  // mm/migrate.c, at the end of migrate_pages().
  case migrateSuccess = "pgmigrate_success"
  case migrateFail = "pgmigrate_fail"
  case thpMigrationSuccess = "thp_migration_success"
  case thpMigrationFail = "thp_migration_fail"
  case thpMigrationSplit = "thp_migration_split"

  // NUMA balancing: mm/migrate.c, mm/memory.c, mm/mprotect.c, kernel/sched/fair.c.
  case numaPagesMigrated = "numa_pages_migrated"
  case numaHintFaults = "numa_hint_faults"
  case numaHintFaultsLocal = "numa_hint_faults_local"
  case numaPteUpdates = "numa_pte_updates"
  case numaHugePteUpdates = "numa_huge_pte_updates"

  // Memory tiers: promotion by NUMA balancing, demotion by reclaim (mm/vmscan.c).
  case promoteSuccess = "pgpromote_success"
  case promoteCandidate = "pgpromote_candidate"
  case promoteCandidateNRL = "pgpromote_candidate_nrl"
  case demoteKswapd = "pgdemote_kswapd"
  case demoteDirect = "pgdemote_direct"
  case demoteKhugepaged = "pgdemote_khugepaged"
  case demoteProactive = "pgdemote_proactive"

  // mm/compaction.c
  case compactStall = "compact_stall"
  case compactFail = "compact_fail"
  case compactSuccess = "compact_success"
  case compactDaemonWake = "compact_daemon_wake"
  case compactMigrateScanned = "compact_migrate_scanned"
  case compactFreeScanned = "compact_free_scanned"
  case compactIsolated = "compact_isolated"
  case compactDaemonMigrateScanned = "compact_daemon_migrate_scanned"
  case compactDaemonFreeScanned = "compact_daemon_free_scanned"

  // mm/balloon_compaction.c, mm/cma.c
  case balloonMigrate = "balloon_migrate"
  case cmaAllocSuccess = "cma_alloc_success"
  case cmaAllocFail = "cma_alloc_fail"

  // mm/gup.c
  case pinAcquired = "nr_foll_pin_acquired"
  case pinReleased = "nr_foll_pin_released"

  // Huge pages that are given out and broken up: mm/huge_memory.c, mm/khugepaged.c
  case thpFaultAlloc = "thp_fault_alloc"
  case thpFaultFallback = "thp_fault_fallback"
  case thpCollapseAlloc = "thp_collapse_alloc"
  case thpCollapseAllocFailed = "thp_collapse_alloc_failed"
  case thpSplitPage = "thp_split_page"

  // The pool of hugetlb pages, where it takes them one by one: mm/hugetlb.c
  case hugetlbAlloc = "htlb_buddy_alloc_success"
  case hugetlbAllocFail = "htlb_buddy_alloc_fail"

  // Reclaim, which demotes, swaps or makes threads wait: mm/vmscan.c, mm/page_io.c, mm/workingset.c
  case swapIn = "pswpin"
  case swapOut = "pswpout"
  case refaultAnon = "workingset_refault_anon"
  case refaultFile = "workingset_refault_file"
  case allocStallDMA = "allocstall_dma"
  case allocStallDMA32 = "allocstall_dma32"
  case allocStallNormal = "allocstall_normal"
  case allocStallMovable = "allocstall_movable"
  case allocStallDevice = "allocstall_device"

  // Gauges of include/linux/mmzone.h
  case isolatedAnon = "nr_isolated_anon"
  case isolatedFile = "nr_isolated_file"
  case freePages = "nr_free_pages"
  case freePagesBlocks = "nr_free_pages_blocks"

  /// Whether it may fall.
  package var isGauge: Bool {
    switch self {
    case .isolatedAnon, .isolatedFile, .freePages, .freePagesBlocks: true
    default: false
    }
  }

  /// What is demoted, by who reclaimed: the values of the label `path`.
  package static let demotedByPath: KeyValuePairs<String, MigrationCounter> = [
    "kswapd": .demoteKswapd, "direct": .demoteDirect, "khugepaged": .demoteKhugepaged,
    "proactive": .demoteProactive,
  ]

  /// The counter's place in a ``CounterSnapshot``.
  package var slot: Int { Self.slots[self]! }

  private static let slots = Dictionary(
    uniqueKeysWithValues: allCases.enumerated().map { ($0.element, $0.offset) })
}
