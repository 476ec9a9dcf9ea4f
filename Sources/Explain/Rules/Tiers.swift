internal import PageMigration
internal import Views

/// Memory tiers: what is promoted, what is demoted, and what is swapped out instead.
extension Rule {
  static let tiers = [
    Rule(
      "lower_tier_full", "the slower tier is full, and the fast one swaps", .warning,
      says: "The slower tier is full: the fast one swaps out because it cannot demote.",
      by: [
        Threshold("free_share", 0.02, "of the tier"),
        Threshold("demoted_share", 0.1, "of what is swapped out", "Price 2026"),
      ], runbook: "PageMigrationTiers"
    ) { evidence, limits throws(Unknown) in
      let tiers = try evidence.tiers
      guard let slowest = tiers.last, tiers.count >= 2,
        try evidence.value("pagemigration_demotion_enabled") == 1
      else { return nil }
      let swapped = try evidence.rate("pagemigration_pages_swapped_out_total")
      guard swapped > 0 else { return nil }
      let demoted = try evidence.demoted
      let (free, total) = try evidence.memory(ofTier: slowest)
      guard total > 0, free < limits["free_share"] * total else { return nil }
      let noTarget = evidence.causes(of: "demotion").contains { $0.cause == "no_target" }
      guard noTarget || demoted < limits["demoted_share"] * swapped else { return nil }
      // Each node has such a file of its own since 6.17.
      let version = evidence.kernelRelease.flatMap(KernelRelease.init(parsing:))
      let node = evidence.nodes(ofTier: slowest).first ?? "N"
      let reclaims = version.map { $0 >= KernelRelease(6, 17) } ?? false
      return Telling(
        because: [
          "\(Readable.bytes(free)) of \(Readable.bytes(total)) free in memory tier \(slowest)",
          "\(evidence.pages(swapped)) swapped out and \(evidence.pages(demoted)) demoted in the last"
            + " \(evidence.span)",
          evidence.causesLine(of: "demotion"),
        ],
        try: reclaims
          ? "echo \(mebibytes(total / 16))M > /sys/devices/system/node/node\(node)/reclaim"
          : "echo \(mebibytes(total / 16))M > /sys/fs/cgroup/BATCH/memory.reclaim",
        but: "what is reclaimed has to be read again when it is needed"
          + (reclaims
            ? "; a node with almost no page cache refuses (EAGAIN): use a cgroup's memory.reclaim then"
            : "; BATCH stands for a cgroup that can wait")
          + "; the lasting cure is more slow memory")
    },

    Rule(
      "demotion_off", "a slower tier is there, and reclaim swaps out instead of demoting", .warning,
      says: "Reclaim swaps out although a slower memory tier could take the pages.",
      by: [Threshold("swapped_out_per_second", 0, "base pages/s")], runbook: "PageMigrationTiers"
    ) { evidence, limits throws(Unknown) in
      let tiers = try evidence.tiers
      guard tiers.count >= 2 else { return nil }
      guard try evidence.value("pagemigration_demotion_enabled") == 0 else { return nil }
      let swapped = try evidence.rate("pagemigration_pages_swapped_out_total")
      guard swapped > limits["swapped_out_per_second"] else { return nil }
      return Telling(
        because: [
          "\(evidence.pages(swapped)) swapped out in the last \(evidence.span)",
          "memory tiers: \(tiers.map(String.init).joined(separator: ", "))",
        ],
        change: Change(file: demotionSwitch, from: "0", to: "1"), orLookAt: demotionSwitch,
        but: "before 6.16 demotion ignores cpusets: a bound program's memory may leave its nodes")
    },

    Rule(
      "ping_pong", "pages are promoted and demoted again", .warning,
      says: "Pages ping-pong between memory tiers, promoted and then demoted again.",
      by: [
        Threshold("pages_per_second", 2560, "base pages/s each way"),
        Threshold("balance", 0.5, "of the larger", "TPP, Nomad"),
        Threshold(
          "bytes_per_second", 67_108_864, "bytes/s each way, from which it is a warning",
          "alert PageMigrationPingPong"),
      ], runbook: "PageMigrationPingPong"
    ) { evidence, limits throws(Unknown) in
      let (least, balance) = (limits["pages_per_second"], limits["balance"])
      let much = try limits["bytes_per_second"] / evidence.pageSize
      let isMuch = try evidence.lasts { e throws(Unknown) in
        min(try e.promoted, try e.demoted) > much
      }
      let isBalanced = try evidence.lasts { e throws(Unknown) in
        let (up, down) = (try e.promoted, try e.demoted)
        return min(up, down) >= least && min(up, down) >= balance * max(up, down)
      }
      guard isMuch || isBalanced else { return nil }
      let (up, down) = (try evidence.promoted, try evidence.demoted)
      let moved = try 2 * min(up, down) * evidence.pageSize
      return Telling(
        because: [
          "\(evidence.pages(up)) promoted and \(evidence.pages(down)) demoted in the last"
            + " \(evidence.span): the hot memory does not fit the fast tier",
          "it costs \(Readable.bytes(moved))/s of each tier's bandwidth"
            + (evidence.share(ofTiers: moved).map { ": \($0)" } ?? bandwidthUnknown),
        ] + evidence.costs,
        change: evidence.promotionLimit {
          min($0, max(1, mebibytes(up * evidence.bytesAPage / 2)))
        },
        evidence.numaBalancing(without: 2), orLookAt: promotionLimitName,
        but: "hot pages that do not fit stay in the slower tier; memory.low for the program that"
          + " matters is a milder step",
        severity: isMuch ? .warning : .notice)
    },

    Rule(
      "promotion_throttled", "promotion has hit its rate limit", .notice,
      says: "Promotion has hit its rate limit: the kernel takes only the hottest pages.",
      by: [Threshold("limit_share", 0.9, "of the limit", "kernel/sched/fair.c")],
      runbook: "PageMigrationTiers"
    ) { evidence, limits throws(Unknown) in
      let limit = try evidence.value("pagemigration_promotion_rate_limit_bytes_per_second")
      let size = try evidence.pageSize
      let family = "pagemigration_node_promotion_candidates_total"
      // The limit is each node's; a machine that does not say by node may have several.
      var most = 0.0
      let nodes = evidence.series(of: family)
      if nodes.isEmpty {
        if let gap = evidence.gap(in: family) { throw gap }
        most = try evidence.rate("pagemigration_promotion_candidates_total")
      } else {
        for node in nodes { most = max(most, try evidence.rate(node.text)) }
      }
      guard limit > 0, most * size >= limits["limit_share"] * limit else { return nil }
      return Telling(
        because: [
          "\(Readable.bytes(most * size))/s of candidates in the last \(evidence.span)"
            + (evidence.share(ofTiers: most * size).map { ": \($0)" } ?? "")
        ],
        change: evidence.promotionLimit { $0 * 2 }, orLookAt: promotionLimitName,
        but: "promotion then takes more of both tiers' bandwidth; left alone, the kernel raises its"
          + " own threshold")
    },

    Rule(
      "threads_demote", "allocating threads demote pages themselves", .notice,
      says: "Allocating threads demote pages themselves: kswapd starts too late.",
      by: [
        Threshold("direct_share", 0.2, "of what is demoted", "TPP"),
        Threshold("pages_per_second", 256, "base pages/s"),
      ], runbook: "PageMigrationTiers"
    ) { evidence, limits throws(Unknown) in
      let direct = try evidence.rate("pagemigration_pages_demoted_total{path=\"direct\"}")
      let all = try evidence.demoted
      guard direct > limits["pages_per_second"], direct > limits["direct_share"] * all else {
        return nil
      }
      let factor = try? evidence.setting("pagemigration_watermark_scale_factor")
      return Telling(
        because: [
          "\(evidence.pages(direct)) demoted by direct reclaim, \(Readable.percent(direct / all)) of"
            + " all, in the last \(evidence.span)"
        ],
        change: factor.map { Change(sysctl: watermarks, from: $0, to: min(3000, max(1, $0) * 4)) },
        orLookAt: watermarks, but: "more of each node's memory is kept free")
    },
  ]
}

private let promotionLimitName = "kernel.numa_balancing_promote_rate_limit_MBps"
private let watermarks = "vm.watermark_scale_factor"
private let demotionSwitch = "/sys/kernel/mm/numa/demotion_enabled"

extension Evidence {
  /// The promotion's rate limit, in MiB/s, as it is and as it might be. Nil where it is not known.
  fileprivate func promotionLimit(_ next: (Int) -> Int) -> Change? {
    guard let limit = try? value("pagemigration_promotion_rate_limit_bytes_per_second"),
      limit.isFinite, limit >= 0
    else { return nil }
    let now = mebibytes(limit)
    return Change(sysctl: promotionLimitName, from: now, to: next(now))
  }

  /// 4096 where the exporter does not say.
  fileprivate var bytesAPage: Double { (try? pageSize) ?? 4096 }

  fileprivate func nodes(ofTier tier: Int) -> [String] {
    series(of: "pagemigration_node_info").filter { $0["memory_tier"] == "\(tier)" }
      .compactMap { $0["numa_node"] }
  }

  /// Free and all memory of a tier's nodes, in bytes.
  fileprivate func memory(ofTier tier: Int) throws(Unknown) -> (free: Double, total: Double) {
    var sums = (free: 0.0, total: 0.0)
    for node in nodes(ofTier: tier) {
      let labels = "{numa_node=\"\(node)\"}"
      sums.free += try value("pagemigration_node_free_pages" + labels) * pageSize
      sums.total += try value("pagemigration_node_memory_bytes" + labels)
    }
    return sums
  }

  /// `4.0 % of memory tier 4's 20 GiB/s, 40 % of tier 450's 2.0 GiB/s, by the firmware's HMAT`. Nil where
  /// it does not say.
  fileprivate func share(ofTiers bytes: Double) -> String? {
    let shares = ((try? tiers) ?? []).compactMap { tier -> String? in
      let bandwidths = nodes(ofTier: tier).compactMap { bandwidth(ofNode: $0) }
      let all = bandwidths.reduce(0, +)
      guard all > 0 else { return nil }
      return "\(Readable.percent(bytes / all)) of tier \(tier)'s \(Readable.bytes(all))/s"
    }
    return shares.isEmpty ? nil : shares.joined(separator: ", ") + ", by the firmware's HMAT"
  }
}
