internal import Views

/// Memory that must be compacted before a large page can be had.
extension Rule {
  static let compaction = [
    Rule(
      "compaction_stalls", "allocations wait while memory is compacted", .warning,
      [
        Threshold("stalls_per_second", 10, "allocations/s", "alert PageMigrationCompactionStalls"),
        Threshold("success_share", 0.5, "of the stalls", "mmtests"),
      ], runbook: "PageMigrationCompactionStalls"
    ) { evidence, limits throws(Unknown) in
      let limit = limits["stalls_per_second"]
      let name = "pagemigration_compaction_stalls_total"
      guard try evidence.lasts({ e throws(Unknown) in try e.rate(name) > limit }) else {
        return nil
      }
      let stalls = try evidence.rate(name)
      let successes = try evidence.rate("pagemigration_compaction_successes_total")
      var because = [
        "\(Readable.number(stalls)) allocations/s compacted memory themselves, and"
          + " \(Readable.percent(min(1, successes / stalls))) of these got their page, in the last"
          + " \(evidence.span)"
      ]
      if let p99 = try? evidence.quantile(0.99, of: "pagemigration_direct_compaction_seconds") {
        because.append("99 % of them took at most \(Readable.seconds(p99))")
      } else {
        because.append("how long they take: --collector.waits times them")
      }
      let severity: Severity = successes < limits["success_share"] * stalls ? .warning : .notice
      let sentence = "Allocations wait while the kernel compacts memory."
      let defrag = evidence.choice("pagemigration_thp_defrag", label: "policy")
      if let defrag { because.append("transparent_hugepage/defrag is \(defrag)") }
      if defrag == "always" {
        return Telling(
          sentence, because: because,
          change: Change(
            file: "/sys/kernel/mm/transparent_hugepage/defrag", from: "always", to: "defer+madvise"),
          but: "huge pages come later; programs that ask for them by madvise still wait",
          severity: severity)
      }
      let change = try evidence.proactiveness { min(100, $0 + 20) }
      return Telling(
        sentence, because: because + [change.now], change: change,
        but: "kcompactd takes more CPU time before anybody asks", severity: severity)
    },

    Rule(
      "kcompactd_in_circles", "kcompactd scans and finds next to nothing to move", .warning,
      [
        Threshold("scanned_per_second", 1e6, "base pages/s"),
        Threshold("isolated_share", 0.01, "of the pages scanned", "Aziz 2023, Shao 2025"),
      ], runbook: "PageMigrationFailing"
    ) { evidence, limits throws(Unknown) in
      let (least, share) = (limits["scanned_per_second"], limits["isolated_share"])
      let daemon = "pagemigration_compaction_daemon_migrate_scanned_pages_total"
      let isolated = "pagemigration_compaction_isolated_pages_total"
      guard
        try evidence.lasts({ e throws(Unknown) in
          let (scanned, isolated) = (try e.rate(daemon), try e.rate(isolated))
          return scanned > least && isolated < share * scanned
        })
      else { return nil }
      let scanned = try evidence.rate(daemon)
      let because = [
        "kcompactd scanned \(evidence.pages(scanned)) and isolated"
          + " \(Readable.percent(try evidence.rate(isolated) / scanned)) of them, in the last"
          + " \(evidence.span)",
        evidence.causesLine(of: "compaction"),
      ]
      let sentence = "kcompactd runs in circles: it scans memory that it cannot move."
      guard let change = try? evidence.proactiveness({ _ in 0 }), !change.isNone else {
        return Telling(
          sentence, because: because, try: whoPins,
          but: "unmovable memory is pinned, or the kernel's own; nothing is changed by looking")
      }
      return Telling(
        sentence, because: because + [change.now], change: change,
        but: "large pages are then made only when somebody waits for them")
    },

    Rule(
      "fragmented", "free memory is in pieces, and huge pages fail for it", .notice,
      [
        Threshold("fragmentation", 0.8, "of free memory in pieces", "katalyst-core"),
        Threshold(
          "fragmentation_always", 0.85, "the same where THPs are always tried", "katalyst-core"),
        Threshold("fallback_share", 0.3, "of huge page faults"),
        Threshold("failure_share", 0.1, "of compaction's successes", "canonical/hotsos"),
      ], runbook: "PageMigrationCompactionStalls"
    ) { evidence, limits throws(Unknown) in
      let free = try evidence.value("pagemigration_free_pages")
      let blocks = try evidence.value("pagemigration_free_block_pages")
      guard free > 0 else { return nil }
      let fragmentation = max(0, 1 - blocks / free)
      let policy = evidence.choice("pagemigration_thp_policy", label: "policy")
      let isAlways = policy == "always"
      guard fragmentation > limits[isAlways ? "fragmentation_always" : "fragmentation"] else {
        return nil
      }
      let given = try evidence.rate("pagemigration_thp_fault_allocations_total")
      let fallen = try evidence.rate("pagemigration_thp_fault_fallbacks_total")
      let successes = try evidence.rate("pagemigration_compaction_successes_total")
      let failures = try evidence.rate("pagemigration_compaction_failures_total")
      let fallsBack = fallen > 0 && fallen > limits["fallback_share"] * (fallen + given)
      guard fallsBack || (failures > 0 && failures > limits["failure_share"] * successes) else {
        return nil
      }
      return Telling(
        "Free memory is in pieces, and huge pages cannot be had for it.",
        because: [
          "\(Readable.percent(fragmentation)) of the free memory is in pieces smaller than a"
            + " pageblock",
          "\(Readable.number(fallen)) of \(Readable.number(fallen + given)) huge page faults/s fell"
            + " back to base pages, in the last \(evidence.span)",
          "direct compactions: \(Readable.number(successes))/s succeeded,"
            + " \(Readable.number(failures))/s failed",
        ], try: "echo 1 > /proc/sys/vm/compact_memory",
        but: "it costs CPU time for seconds; where it does not last, reserve huge pages at boot or"
          + " set transparent_hugepage/enabled to madvise",
        severity: isAlways ? .warning : .notice)
    },
  ]
}

extension Evidence {
  /// `vm.compaction_proactiveness`, of 100, as it is and as it might be.
  fileprivate func proactiveness(_ next: (Int) -> Int) throws(Unknown) -> Change {
    let now = try setting("pagemigration_compaction_proactiveness")
    return Change(sysctl: "vm.compaction_proactiveness", from: now, to: next(now))
  }
}
