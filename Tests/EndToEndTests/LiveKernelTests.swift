import TestSupport
import Testing

@Suite struct `On the running kernel` {
  /// Each metric and its field in /proc/vmstat, written down a second time on purpose.
  private static let fields = [
    "pages_migrated_total": "pgmigrate_success",
    "pages_failed_total": "pgmigrate_fail",
    "thp_migrated_total": "thp_migration_success",
    "thp_failed_total": "thp_migration_fail",
    "thp_split_total": "thp_migration_split",
    "numa_pages_migrated_total": "numa_pages_migrated",
    "numa_hint_faults_total": "numa_hint_faults",
    "numa_hint_faults_local_total": "numa_hint_faults_local",
    "numa_pte_updates_total": "numa_pte_updates",
    "numa_huge_pte_updates_total": "numa_huge_pte_updates",
    "pages_promoted_total": "pgpromote_success",
    "promotion_candidates_total": "pgpromote_candidate",
    "promotion_candidates_unlimited_total": "pgpromote_candidate_nrl",
    "pages_demoted_total{path=\"kswapd\"}": "pgdemote_kswapd",
    "pages_demoted_total{path=\"direct\"}": "pgdemote_direct",
    "pages_demoted_total{path=\"khugepaged\"}": "pgdemote_khugepaged",
    "pages_demoted_total{path=\"proactive\"}": "pgdemote_proactive",
    "compaction_stalls_total": "compact_stall",
    "compaction_failures_total": "compact_fail",
    "compaction_successes_total": "compact_success",
    "compaction_daemon_wakes_total": "compact_daemon_wake",
    "compaction_migrate_scanned_pages_total": "compact_migrate_scanned",
    "compaction_free_scanned_pages_total": "compact_free_scanned",
    "compaction_isolated_pages_total": "compact_isolated",
    "compaction_daemon_migrate_scanned_pages_total": "compact_daemon_migrate_scanned",
    "compaction_daemon_free_scanned_pages_total": "compact_daemon_free_scanned",
    "balloon_pages_migrated_total": "balloon_migrate",
    "cma_allocations_total": "cma_alloc_success",
    "cma_allocation_failures_total": "cma_alloc_fail",
    "pins_acquired_total": "nr_foll_pin_acquired",
    "pins_released_total": "nr_foll_pin_released",
    "thp_fault_allocations_total": "thp_fault_alloc",
    "thp_fault_fallbacks_total": "thp_fault_fallback",
    "thp_collapse_allocations_total": "thp_collapse_alloc",
    "thp_collapse_failures_total": "thp_collapse_alloc_failed",
    "thp_page_splits_total": "thp_split_page",
    "hugetlb_allocations_total": "htlb_buddy_alloc_success",
    "hugetlb_allocation_failures_total": "htlb_buddy_alloc_fail",
    "pages_swapped_in_total": "pswpin",
    "pages_swapped_out_total": "pswpout",
    "refaults_total{lru=\"anon\"}": "workingset_refault_anon",
    "refaults_total{lru=\"file\"}": "workingset_refault_file",
    "allocation_stalls_total{zone=\"dma\"}": "allocstall_dma",
    "allocation_stalls_total{zone=\"dma32\"}": "allocstall_dma32",
    "allocation_stalls_total{zone=\"normal\"}": "allocstall_normal",
    "allocation_stalls_total{zone=\"movable\"}": "allocstall_movable",
    "allocation_stalls_total{zone=\"device\"}": "allocstall_device",
  ]

  @Test(.needs(.root), .timeLimit(.minutes(3)))
  func `every counter lies between independent readings before and after`() throws {
    let exporter = try ServingExporter()
    let begin = try vmstat()["pgmigrate_success"] ?? 0
    while try (vmstat()["pgmigrate_success"] ?? 0) <= begin + 100 {
      let memory = try FragmentedMemory(mebibytes: 64)
      try FragmentedMemory.compactAll()
      withExtendedLifetime(memory) {}
    }
    for _ in 1...10 {
      let before = try vmstat()
      let exposition = try exporter.get("/metrics").text
      let after = try vmstat()
      let metrics = counters(in: exposition)
      for (metric, field) in Self.fields {
        guard let low = before[field], let high = after[field] else {
          #expect(metrics[metric] == nil, "\(metric) though there is no \(field)")
          continue
        }
        let value = try #require(metrics[metric], "\(metric)")
        #expect(low <= value && value <= high, "\(metric): \(low)...\(high)")
      }
      #expect(Set(metrics.keys).subtracting(Self.fields.keys) == [])
    }
  }

  @Test func `it prints what it serves`() throws {
    let exporter = try ServingExporter()
    let served = names(in: try exporter.get("/metrics").text)
    let printed = names(in: try Exporter.print([]).text)
    #expect(printed.count > 20)
    #expect(printed.subtracting(served) == [])
    #expect(
      served.subtracting(printed).allSatisfy {
        $0.hasPrefix("process_") || $0.hasPrefix("pagemigration_http_")
          || $0.contains("_per_second") || $0.hasPrefix("pagemigration_sampler_")
          || $0 == "pagemigration_scrape_collector_timeouts_total"
          || $0 == "pagemigration_log_lines_dropped_total"
      })
  }

  /// Read with nothing of the exporter's.
  private func vmstat() throws -> [String: UInt64] {
    let lines = try Files.text("/proc/vmstat").split(separator: "\n")
    return Dictionary(
      uniqueKeysWithValues: lines.map { line in
        let pair = line.split(separator: " ")
        return (String(pair[0]), UInt64(pair[1])!)
      })
  }

  /// The counters of vmstat, without the prefix that they share.
  private func counters(in exposition: String) -> [String: UInt64] {
    let text = exposition.split(separator: "\n")
    let others = [
      "node_", "http_", "sampler_", "cgroup_", "reason_", "sampled_", "scrape_", "log_",
    ]
    return Dictionary(
      uniqueKeysWithValues: text.compactMap { line in
        guard line.hasPrefix("pagemigration_"), line.contains("_total") else { return nil }
        let pair = line.dropFirst("pagemigration_".count).split(separator: " ")
        guard !others.contains(where: { pair[0].hasPrefix($0) }) else { return nil }
        return (String(pair[0]), UInt64(pair[1])!)
      })
  }

  private func names(in exposition: String) -> Set<String> {
    Set(
      exposition.split(separator: "\n").filter { !$0.hasPrefix("#") }
        .map { String($0.prefix { $0 != " " && $0 != "{" }) })
  }
}
