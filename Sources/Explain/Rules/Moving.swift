internal import Views

/// Who moves pages, and how many.
extension Rule {
  static let moving = [
    Rule(
      "storm", "so many pages move that memory bandwidth suffers", .warning,
      [Threshold("bytes_per_second", 1_073_741_824, "bytes/s", "alert PageMigrationStorm")],
      runbook: "PageMigrationStorm"
    ) { evidence, limits throws(Unknown) in
      let limit = limits["bytes_per_second"]
      guard
        try evidence.lasts({ e throws(Unknown) in try e.migrated * e.pageSize > limit })
      else { return nil }
      let tops = evidence.topReasons
      return Telling(
        "The kernel moves so many pages that memory bandwidth suffers.",
        because: [
          try "\(evidence.pages(evidence.migrated)) moved in the last \(evidence.span)",
          tops.isEmpty
            ? "for which reason is not known; --collector.reasons counts it"
            : "reasons: " + tops.joined(separator: ", "),
        ] + [evidence.cost].compactMap(\.self),
        try: "page-migration-exporter watch --collector.reasons",
        but: "the reason names who asks for it; this command only looks")
    },

    Rule(
      "two_movers", "programs move each other's pages all the time", .warning,
      [Threshold("pages_per_second", 1000, "base pages/s")], runbook: "PageMigrationStorm"
    ) { evidence, limits throws(Unknown) in
      let limit = limits["pages_per_second"]
      func moved(_ e: Evidence) throws(Unknown) -> Double {
        try e.migrated(for: "syscall_or_cpuset") + e.migrated(for: "mempolicy_mbind")
      }
      guard try evidence.lasts({ e throws(Unknown) in try moved(e) > limit }) else { return nil }
      return Telling(
        "A program moves pages all the time, by system calls or cpusets.",
        because: [
          try "\(evidence.pages(moved(evidence))) moved by move_pages, migrate_pages, mbind and"
            + " cpusets in the last \(evidence.span)"
        ],
        try: "pgrep -a 'numad|memtierd|damo|autonuma'",
        but:
          "of two that place memory, keep one; a single one that moves so much has no gain either")
    },

    Rule(
      "calls_slow", "calls of migrate_pages() keep their callers for long", .warning,
      [
        Threshold("slow_share", 0.01, "of calls over 131 ms", "alert PageMigrationCallsSlow"),
        Threshold("calls_per_second", 0.1, "calls/s", "alert PageMigrationCallsSlow"),
      ], runbook: "PageMigrationCallsSlow"
    ) { evidence, limits throws(Unknown) in
      let family = "pagemigration_reason_call_duration_seconds"
      var slow: [(reason: String, share: Double, rate: Double)] = []
      for series in evidence.series(of: family + "_count") {
        guard let reason = series["reason"] else { continue }
        let calls = try evidence.rate(series.text)
        guard calls > limits["calls_per_second"] else { continue }
        let quick = try evidence.rate("\(family)_bucket{reason=\"\(reason)\",le=\"0.131072\"}")
        let share = 1 - quick / calls
        if share > limits["slow_share"] { slow.append((reason, share, calls)) }
      }
      guard !slow.isEmpty else { return nil }
      return Telling(
        "Calls that migrate pages keep their callers for more than 131 ms.",
        because: slow.sorted { $0.share > $1.share }.prefix(3).map {
          "\($0.reason): \(Readable.percent($0.share)) of \(Readable.number($0.rate)) calls/s, in the"
            + " last \(evidence.span)"
        }, try: "curl -s localhost:10057/metrics | grep call_duration_seconds_bucket",
        but: "this only looks; what cures it stands in the runbook, by reason")
    },
  ]
}

extension Evidence {
  /// `compaction 92 %`, the reasons for which most pages moved.
  var topReasons: [String] {
    let family = "pagemigration_reason_pages_migrated_total"
    let rates = series(of: family).compactMap { series in
      series["reason"].flatMap { reason in (try? rate(series.text)).map { (reason, $0) } }
    }.filter { $0.1 > 0 }
    let all = rates.reduce(0) { $0 + $1.1 }
    return rates.sorted { $0.1 > $1.1 }.prefix(3).map { "\($0.0) \(Readable.percent($0.1 / all))" }
  }
}
