internal import Views

/// Memory that must be compacted before a large page can be had.
extension Rule {
  static let compaction = [
    Rule(
      "compaction_stalls", "allocations wait while memory is compacted", .warning,
      says: "Allocations wait while the kernel compacts memory.",
      by: [
        Threshold("stalls_per_second", 10, "allocations/s", "alert PageMigrationCompactionStalls"),
        Threshold(
          "success_share", 0.5, "of the stalls, below which it is a warning",
          "alert PageMigrationCompactionStalls"),
      ], runbook: "PageMigrationCompactionStalls"
    ) { evidence, limits throws(Unknown) in
      let limit = limits["stalls_per_second"]
      let name = "pagemigration_compaction_stalls_total"
      guard try evidence.lasts({ e throws(Unknown) in try e.rate(name) > limit }) else {
        return nil
      }
      let stalls = try evidence.rate(name)
      let successes = try? evidence.rate("pagemigration_compaction_successes_total")
      var because = [
        "\(Readable.number(stalls)) allocations/s compacted memory themselves"
          + (successes.map {
            ", and \(Readable.percent(min(1, $0 / stalls))) of them got their page"
          }
            ?? "") + ", in the last \(evidence.span)"
      ]
      if let p99 = try? evidence.quantile(0.99, of: "pagemigration_direct_compaction_seconds") {
        because.append("99 % of them took at most \(Readable.seconds(p99))")
      }
      because += evidence.threadTimes
      let defrag = evidence.choice("pagemigration_thp_defrag", label: "policy")
      return Telling(
        because: because,
        change: defrag == "always"
          ? Change(
            file: "/sys/kernel/mm/transparent_hugepage/defrag", from: "always", to: "defer+madvise")
          : nil,
        evidence.proactiveness { min(100, $0 + 20) }, evidence.defragMode, evidence.reserve,
        orLookAt: "vm.compaction_proactiveness",
        but: defrag == "always"
          ? "huge pages arrive later; programs that ask for them with madvise() still wait"
          : "kcompactd uses more CPU time, or more memory is kept free, ahead of demand",
        severity: (successes ?? 0) < limits["success_share"] * stalls ? .warning : .notice)
    },

    Rule(
      "kcompactd_in_circles", "kcompactd scans and finds next to nothing to move", .warning,
      says: "kcompactd runs in circles: it scans memory that it cannot move.",
      by: [
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
      guard let change = evidence.proactiveness({ _ in 0 }), !change.isNone else {
        return Telling(
          because: because, try: whoPins,
          but: "what cannot move is pinned or belongs to the kernel; this command changes nothing")
      }
      return Telling(
        because: because, change: change, orLookAt: change.setting,
        but: "large pages are then assembled only when an allocation waits for them")
    },

    Rule(
      "fragmented", "free memory is fragmented, and huge page allocations fail", .notice,
      says: "Free memory is fragmented: huge pages cannot be allocated.",
      by: [
        Threshold("fragmentation", 0.8, "of free memory in pieces", "katalyst-core"),
        Threshold(
          "fragmentation_always", 0.85, "the same where THPs are always tried", "katalyst-core"),
        Threshold("fallback_share", 0.3, "of huge page faults"),
        Threshold("failure_share", 0.1, "of compaction's successes", "canonical/hotsos"),
      ], runbook: "PageMigrationCompactionStalls"
    ) { evidence, limits throws(Unknown) in
      let fragmentation = try evidence.fragmentation
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
      let worst = evidence.worstNode
      return Telling(
        because: [
          evidence.fragmentationLine,
          "\(Readable.number(fallen)) of \(Readable.number(fallen + given)) huge page faults/s fell"
            + " back to base pages, in the last \(evidence.span)",
          "direct compactions: \(Readable.number(successes))/s succeeded,"
            + " \(Readable.number(failures))/s failed",
        ].compactMap(\.self),
        try: worst.map { "echo 1 > /sys/devices/system/node/node\($0.node)/compact" }
          ?? "echo 1 > /proc/sys/vm/compact_memory",
        but: "it takes seconds of CPU time; if the effect does not last, reserve huge pages at boot"
          + " or set transparent_hugepage/enabled to madvise",
        severity: isAlways ? .warning : .notice)
    },
  ]
}

extension Evidence {
  /// `vm.compaction_proactiveness`, of 100, as it is and as it might be.
  fileprivate func proactiveness(_ next: (Int) -> Int) -> Change? {
    guard let now = try? setting("pagemigration_compaction_proactiveness") else { return nil }
    return Change(sysctl: "vm.compaction_proactiveness", from: now, to: next(now))
  }

  /// Reclaim and compact rather than mix movable with unmovable pages, from 6.15 on.
  fileprivate var defragMode: Change? {
    guard let now = try? setting("pagemigration_defrag_mode") else { return nil }
    return Change(sysctl: "vm.defrag_mode", from: now, to: 1)
  }

  /// Twice the memory that is kept free, up to a twentieth of what there is free now.
  fileprivate var reserve: Change? {
    guard let bytes = try? setting("pagemigration_min_free_bytes"),
      let free = try? value("pagemigration_free_pages") * pageSize,
      Double(bytes) * 2 < free / 20
    else { return nil }
    return Change(sysctl: "vm.min_free_kbytes", from: bytes >> 10, to: bytes >> 9)
  }

  /// How much of the free memory is in pieces smaller than a pageblock.
  fileprivate var fragmentation: Double {
    get throws(Unknown) {
      try pieces(
        free: value("pagemigration_free_pages"), inBlocks: value("pagemigration_free_block_pages"))
    }
  }

  /// The node whose free memory is most in pieces. Nil where there are not two that say so.
  fileprivate var worstNode: (node: String, fragmentation: Double)? {
    let nodes = series(of: "pagemigration_node_free_block_pages").compactMap { series in
      series["numa_node"].flatMap { node in
        (try? pieces(
          free: value("pagemigration_node_free_pages{numa_node=\"\(node)\"}"),
          inBlocks: value(series.text)))
          .map { (node: node, fragmentation: $0) }
      }
    }
    guard nodes.count > 1 else { return nil }
    return nodes.max { $0.fragmentation < $1.fragmentation }
  }

  private func pieces(free: Double, inBlocks blocks: Double) -> Double {
    free > 0 ? max(0, 1 - blocks / free) : 0
  }

  /// `81 % of the free memory is in pieces smaller than a pageblock; on node 1, 93 %`
  var fragmentationLine: String? {
    guard let all = try? fragmentation else { return nil }
    let worst = worstNode.map { "; on node \($0.node), \(Readable.percent($0.fragmentation))" }
    return "\(Readable.percent(all)) of the free memory is in pieces smaller than a pageblock"
      + (worst ?? "")
  }
}
