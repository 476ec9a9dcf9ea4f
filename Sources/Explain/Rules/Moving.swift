internal import Views

/// Who moves pages, and how many.
extension Rule {
  static let moving = [
    Rule(
      "two_movers", "programs keep moving each other's pages", .warning,
      says: "A program moves pages constantly, by system calls or cpusets.",
      by: [Threshold("pages_per_second", 1000, "base pages/s")], runbook: "PageMigrationStorm"
    ) { evidence, limits throws(Unknown) in
      let limit = limits["pages_per_second"]
      func moved(_ e: Evidence) throws(Unknown) -> Double {
        try e.migrated(for: "syscall_or_cpuset") + e.migrated(for: "mempolicy_mbind")
      }
      guard try evidence.lasts({ e throws(Unknown) in try moved(e) > limit }) else { return nil }
      return Telling(
        because: [
          try "\(evidence.pages(moved(evidence))) moved by move_pages, migrate_pages, mbind and"
            + " cpusets in the last \(evidence.span)"
        ],
        try: "pgrep -a 'numad|memtierd|damo|autonuma'",
        but:
          "if two programs place memory, keep one; a single one that moves this much gains nothing either"
      )
    },

    Rule(
      "storm", "so many pages move that memory bandwidth suffers", .warning,
      says: "The kernel moves so many pages that memory bandwidth suffers.",
      by: [Threshold("bytes_per_second", 1_073_741_824, "bytes/s", "alert PageMigrationStorm")],
      runbook: "PageMigrationStorm"
    ) { evidence, limits throws(Unknown) in
      let limit = limits["bytes_per_second"]
      guard
        try evidence.lasts({ e throws(Unknown) in try e.migrated * e.pageSize > limit })
      else { return nil }
      let tops = evidence.topReasons
      let moved = try evidence.migrated
      return Telling(
        because: [
          "\(evidence.pages(moved)) moved in the last \(evidence.span)",
          evidence.bandwidthLine(try 2 * moved * evidence.pageSize),
          tops.isEmpty ? evidence.reasonUnknown : "reasons: " + tops.joined(separator: ", "),
        ] + evidence.costs,
        try: "page-migration-exporter watch --collector.reasons",
        but: "the reason tells who asks for the moves; this command changes nothing")
    },

    Rule(
      "calls_slow", "calls of migrate_pages() block their callers for a long time", .warning,
      says: "Migration calls block their callers for a long time.",
      by: [
        Threshold("slow_share", 0.01, "of calls over 131 ms", "alert PageMigrationCallsSlow"),
        Threshold("calls_per_second", 0.1, "calls/s", "alert PageMigrationCallsSlow"),
      ], runbook: "PageMigrationCallsSlow"
    ) { evidence, limits throws(Unknown) in
      let (least, most) = (limits["calls_per_second"], limits["slow_share"])
      var slow: [(reason: String, share: Double, rate: Double)] = []
      var unknown: Unknown?
      for series in evidence.series(of: callDuration + "_count") {
        guard let reason = series["reason"] else { continue }
        do throws(Unknown) {
          let isSlow = try evidence.lasts { e throws(Unknown) in
            let (share, rate) = try e.slowCalls(for: reason)
            return rate > least && share > most
          }
          guard isSlow else { continue }
          let (share, rate) = try evidence.slowCalls(for: reason)
          slow.append((reason, share, rate))
        } catch {
          // What is not known of one reason does not silence the others.
          unknown = error
        }
      }
      if slow.isEmpty, let unknown { throw unknown }
      guard !slow.isEmpty else { return nil }
      return Telling(
        because: slow.sorted { $0.share > $1.share }.prefix(3).map {
          "\($0.reason): \(Readable.percent($0.share)) of \(Readable.number($0.rate)) calls/s took"
            + " longer than 131 ms, in the last \(evidence.span)"
        }, try: "curl -s localhost:10057/metrics | grep call_duration_seconds_bucket",
        but: "this command changes nothing; the runbook has the cure for each reason")
    },
  ]
}

private let reasonPages = "pagemigration_reason_pages_migrated_total"
private let callDuration = "pagemigration_reason_call_duration_seconds"

extension Evidence {
  /// `compaction 92 %`, the reasons for which most pages moved.
  fileprivate var topReasons: [String] {
    let rates = series(of: reasonPages).compactMap { series in
      series["reason"].flatMap { reason in (try? rate(series.text)).map { (reason, $0) } }
    }.filter { $0.1 > 0 }
    let all = rates.reduce(0) { $0 + $1.1 }
    return rates.sorted { $0.1 > $1.1 }.prefix(3).map { "\($0.0) \(Readable.percent($0.1 / all))" }
  }

  fileprivate var reasonUnknown: String {
    let why = gap(in: reasonPages)?.explanation ?? "--collector.reasons counts it"
    return "the reason is not known; \(why)"
  }

  /// The share of a reason's calls that took longer than 131 ms, and all of them per second.
  fileprivate func slowCalls(for reason: String) throws(Unknown) -> (share: Double, rate: Double) {
    let calls = try rate("\(callDuration)_count{reason=\"\(reason)\"}")
    guard calls > 0 else { return (0, 0) }
    let quick = try rate("\(callDuration)_bucket{reason=\"\(reason)\",le=\"0.131072\"}")
    return (1 - quick / calls, calls)
  }
}
