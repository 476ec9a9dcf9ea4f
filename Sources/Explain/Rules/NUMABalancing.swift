internal import Views

/// What automatic NUMA balancing costs, and what it gains.
extension Rule {
  static let numaBalancing = [
    Rule(
      "numa_storm", "NUMA balancing moves much, but locality does not improve", .warning,
      says: "NUMA balancing moves memory between nodes, but locality does not improve.",
      by: [
        Threshold(
          "bytes_per_second", 100 * 1_048_576, "bytes/s", "alert PageMigrationNUMABalancing"),
        Threshold("locality", 0.8, "of hint faults local", "alert PageMigrationNUMABalancing"),
        Threshold("rise", 0.02, "of locality between the halves of the window"),
      ], runbook: "PageMigrationNUMABalancing"
    ) { evidence, limits throws(Unknown) in
      let limit = limits["bytes_per_second"]
      guard
        try evidence.lasts({ e throws(Unknown) in try e.balanced * e.pageSize > limit }),
        let locality = try evidence.locality, locality < limits["locality"]
      else { return nil }
      var progress = ""
      if let (earlier, later) = evidence.halves, let before = try earlier.locality,
        let after = try later.locality
      {
        guard after - before < limits["rise"] else { return nil }
        progress =
          ", \(Readable.percent(before)) in its first half and \(Readable.percent(after))"
          + " in its second"
      }
      let moved = try evidence.balanced
      return Telling(
        because: [
          "\(evidence.pages(moved)) moved by NUMA balancing in the last \(evidence.span)",
          "\(Readable.percent(locality)) of the hint faults were local\(progress)",
          evidence.bandwidthLine(try 2 * moved * evidence.pageSize),
        ] + evidence.costs,
        change: evidence.numaBalancing(without: 1), orLookAt: balancingMode,
        but: "where possible, bind the program to a node instead (numactl --cpunodebind=N"
          + " --membind=N); without balancing, remote memory stays remote")
    },

    Rule(
      "numa_scan_stalls", "NUMA balancing's scans stall threads", .warning,
      says: "NUMA balancing's scans stall threads.",
      by: [
        Threshold("p99_seconds", 0.008192, "s", "DeepEP #624"),
        // Of fewer, 1 % is none.
        Threshold("scans", 100, "in the window"),
      ], runbook: "PageMigrationNUMABalancing"
    ) { evidence, limits throws(Unknown) in
      guard try evidence.increase("pagemigration_numa_scan_seconds_count") >= limits["scans"],
        let p99 = try evidence.quantile(0.99, of: "pagemigration_numa_scan_seconds"),
        p99 > limits["p99_seconds"]
      else { return nil }
      let scans = try evidence.rate("pagemigration_numa_scan_seconds_count")
      return Telling(
        because: [
          "of \(Readable.number(scans)) scans/s, 1 % took longer than"
            + " \(Readable.seconds(limits["p99_seconds"])); 99 % took at most"
            + " \(Readable.seconds(p99)), in the last \(evidence.span)"
        ] + evidence.threadTimes,
        change: evidence.numaBalancing(without: 1), orLookAt: balancingMode,
        but: "memory no longer follows its threads; a milder step is a smaller"
          + " /sys/kernel/debug/sched/numa_balancing/scan_size_mb")
    },

    Rule(
      "numa_idle_cost", "NUMA balancing causes faults and moves nothing", .notice,
      says:
        "NUMA balancing causes faults but moves nothing: memory is already where it is used.",
      by: [
        Threshold("faults_per_second", 1000, "faults/s"),
        Threshold("locality", 0.98, "of hint faults local"),
        Threshold("pages_per_second", 10, "base pages/s"),
      ], runbook: "PageMigrationNUMABalancing"
    ) { evidence, limits throws(Unknown) in
      let mode = try evidence.setting("pagemigration_numa_balancing_mode")
      let (least, most) = (limits["faults_per_second"], limits["pages_per_second"])
      guard mode & 1 != 0,
        try evidence.lasts({ e throws(Unknown) in
          let (faults, moved) = (try e.rate("pagemigration_numa_hint_faults_total"), try e.balanced)
          return faults > least && moved < most
        }), let locality = try evidence.locality, locality >= limits["locality"]
      else { return nil }
      let faults = try evidence.rate("pagemigration_numa_hint_faults_total")
      return Telling(
        because: [
          "\(Readable.number(faults)) hint faults/s, \(Readable.percent(locality)) of them local, in"
            + " the last \(evidence.span)"
        ] + evidence.threadTimes,
        change: evidence.numaBalancing(without: 1), orLookAt: balancingMode,
        but: "memory no longer follows a program that moves to another node later")
    },
  ]
}

let balancingMode = "kernel.numa_balancing"

extension Evidence {
  /// `kernel.numa_balancing` without this bit of its mode: 1 between nodes, 2 between tiers. Nil where
  /// the mode is not known.
  func numaBalancing(without bit: Int) -> Change? {
    guard let mode = try? setting("pagemigration_numa_balancing_mode") else { return nil }
    return Change(sysctl: balancingMode, from: mode, to: mode & ~bit)
  }
}
