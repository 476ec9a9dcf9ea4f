internal import Views

/// Memory tiers: what is promoted, what is demoted, and what is swapped out instead.
extension Rule {
  static let tiers = [
    Rule(
      "ping_pong", "pages are promoted and demoted again", .warning,
      [
        Threshold("pages_per_second", 2560, "base pages/s each way"),
        Threshold("balance", 0.5, "of the larger", "TPP, Nomad"),
      ], runbook: "PageMigrationPingPong"
    ) { evidence, limits throws(Unknown) in
      let (least, balance) = (limits["pages_per_second"], limits["balance"])
      guard
        try evidence.lasts({ e throws(Unknown) in
          let (up, down) = (try e.promoted, try e.demoted)
          return min(up, down) >= least && min(up, down) >= balance * max(up, down)
        })
      else { return nil }
      let (up, down) = (try evidence.promoted, try evidence.demoted)
      let size = try evidence.pageSize
      var because = [
        "\(evidence.pages(up)) promoted and \(evidence.pages(down)) demoted in the last"
          + " \(evidence.span)",
        "it costs \(Readable.bytes(2 * min(up, down) * size))/s of both tiers' bandwidth",
      ]
      var change = try evidence.numaBalancing(without: 2)
      if let limit = try? evidence.value("pagemigration_promotion_rate_limit_bytes_per_second") {
        let (now, half) = (mebibytes(limit), max(1, mebibytes(up * size / 2)))
        let lower = Change(sysctl: promotionLimit, from: now, to: half)
        if half < now { change = lower } else { because.append(lower.now) }
      }
      return Telling(
        "Pages are promoted and demoted again: the fast tier is too small for what is hot.",
        because: because + [change.now], change: change,
        but: "what is hot and does not fit stays in the slower tier; memory.low for the program"
          + " that matters is milder")
    },

    Rule(
      "promotion_throttled", "promotion has reached its rate limit", .notice,
      [Threshold("limit_share", 0.9, "of the limit", "kernel/sched/fair.c")], runbook: nil
    ) { evidence, limits throws(Unknown) in
      let limit = try evidence.value("pagemigration_promotion_rate_limit_bytes_per_second")
      let size = try evidence.pageSize
      let family = "pagemigration_node_promotion_candidates_total"
      // The limit is each node's; a machine that does not say by node may have several.
      var most = 0.0
      let nodes = evidence.series(of: family)
      if nodes.isEmpty {
        most = try evidence.rate("pagemigration_promotion_candidates_total")
      } else {
        for node in nodes { most = max(most, try evidence.rate(node.text)) }
      }
      guard limit > 0, most * size >= limits["limit_share"] * limit else { return nil }
      let now = mebibytes(limit)
      let change = Change(sysctl: promotionLimit, from: now, to: now * 2)
      return Telling(
        "Promotion has reached its rate limit: the kernel takes only the hottest pages.",
        because: [
          "\(Readable.bytes(most * size))/s of candidates in the last \(evidence.span)",
          change.now,
        ], change: change,
        but: "promotion then takes more of both tiers' bandwidth; left alone, the kernel raises its"
          + " own threshold")
    },

    Rule(
      "demotion_off", "a slower tier is there, and reclaim swaps out instead of demoting", .warning,
      [Threshold("swapped_out_per_second", 0, "base pages/s")], runbook: nil
    ) { evidence, limits throws(Unknown) in
      let tiers = evidence.tiers
      guard tiers.count >= 2 else { return nil }
      guard try evidence.value("pagemigration_demotion_enabled") == 0 else { return nil }
      let swapped = try evidence.rate("pagemigration_pages_swapped_out_total")
      guard swapped > limits["swapped_out_per_second"] else { return nil }
      return Telling(
        "Reclaim swaps out although a slower memory tier could take the pages.",
        because: [
          "\(evidence.pages(swapped)) swapped out in the last \(evidence.span)",
          "memory tiers: \(tiers.map(String.init).joined(separator: ", ")); numa/demotion_enabled is 0",
        ],
        change: Change(file: "/sys/kernel/mm/numa/demotion_enabled", from: "0", to: "1"),
        but: "before 6.16 demotion does not ask cpusets: memory of a bound program may leave its"
          + " nodes")
    },

    Rule(
      "lower_tier_full", "the slower tier is full, and the fast one swaps", .warning,
      [
        Threshold("free_share", 0.02, "of the tier"),
        Threshold("demoted_share", 0.1, "of what is swapped out", "Price 2026"),
      ], runbook: "PageMigrationPingPong"
    ) { evidence, limits throws(Unknown) in
      guard let slowest = evidence.tiers.last, evidence.tiers.count >= 2,
        try evidence.value("pagemigration_demotion_enabled") == 1
      else { return nil }
      let swapped = try evidence.rate("pagemigration_pages_swapped_out_total")
      guard swapped > 0 else { return nil }
      let demoted = try evidence.demoted
      let (free, total) = try evidence.memory(ofTier: slowest)
      guard total > 0, free < limits["free_share"] * total else { return nil }
      let noTarget = evidence.causes(of: "demotion").contains { $0.cause == "no_target" }
      guard noTarget || demoted < limits["demoted_share"] * swapped else { return nil }
      return Telling(
        "The slower tier is full: the fast one swaps out and cannot demote.",
        because: [
          "\(Readable.bytes(free)) of \(Readable.bytes(total)) free in memory tier \(slowest)",
          "\(evidence.pages(swapped)) swapped out and \(evidence.pages(demoted)) demoted in the last"
            + " \(evidence.span)",
        ], try: "echo 1G > /sys/fs/cgroup/BATCH/memory.reclaim",
        but: "what is reclaimed there must be read again; more slow memory is the cure")
    },

    Rule(
      "threads_demote", "allocating threads demote pages themselves", .notice,
      [
        Threshold("direct_share", 0.2, "of what is demoted", "TPP"),
        Threshold("pages_per_second", 256, "base pages/s"),
      ], runbook: nil
    ) { evidence, limits throws(Unknown) in
      let direct = try evidence.rate("pagemigration_pages_demoted_total{path=\"direct\"}")
      let all = try evidence.demoted
      guard direct > limits["pages_per_second"], direct > limits["direct_share"] * all else {
        return nil
      }
      let factor = try evidence.setting("pagemigration_watermark_scale_factor")
      let change = Change(
        sysctl: "vm.watermark_scale_factor", from: factor, to: min(3000, factor * 4))
      return Telling(
        "Threads that allocate memory demote pages themselves: kswapd begins too late.",
        because: [
          "\(evidence.pages(direct)) demoted by direct reclaim, \(Readable.percent(direct / all)) of"
            + " all, in the last \(evidence.span)",
          change.now,
        ], change: change,
        but: "more memory of each node stays free")
    },
  ]
}

private let promotionLimit = "kernel.numa_balancing_promote_rate_limit_MBps"

extension Evidence {
  /// Free and all memory of a tier's nodes, in bytes.
  func memory(ofTier tier: Int) throws(Unknown) -> (free: Double, total: Double) {
    var sums = (free: 0.0, total: 0.0)
    for node in series(of: "pagemigration_node_info") where node["memory_tier"] == "\(tier)" {
      let labels = "{numa_node=\"\(node["numa_node"] ?? "")\"}"
      sums.free += try value("pagemigration_node_free_pages" + labels) * pageSize
      sums.total += try value("pagemigration_node_memory_bytes" + labels)
    }
    return sums
  }
}
