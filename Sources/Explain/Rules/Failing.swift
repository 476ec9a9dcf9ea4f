internal import System
internal import Views

/// The processes that hold most pages by long pins.
let whoPins = "grep -H VmPin /proc/[0-9]*/status | sort -k2nr | head"

/// Pages that do not move, and what keeps them. Those that know for whom come before those that do not.
extension Rule {
  static let failing = [
    Rule(
      "offline_never_ends", "memory offlining never finishes", .warning,
      says: "Offlining memory never finishes: one of its pages cannot be moved.",
      by: [Threshold("moved_share", 0.01, "of the pages tried", "do_migrate_range() in a loop")],
      runbook: "PageMigrationFailing"
    ) { evidence, limits throws(Unknown) in
      let share = limits["moved_share"]
      guard
        try evidence.lasts({ e throws(Unknown) in
          let failed = try e.failed(for: "memory_hotplug")
          let moved = try e.migrated(for: "memory_hotplug")
          return failed > 0 && moved < share * failed
        })
      else { return nil }
      return Telling(
        because: [
          try "\(evidence.pages(evidence.failed(for: "memory_hotplug"))) failed for memory_hotplug"
            + " throughout the last \(evidence.span), and almost none moved",
          evidence.causesLine(of: "memory_hotplug"),
        ],
        try: "fuser -k -TERM /sys/devices/system/memory/memory*/state",
        but: "this ends the program that takes the memory offline, and the memory stays; bring in"
          + " memory that is to be removed later as online_movable")
    },

    Rule(
      "hugetlb_refused", "the hugetlb pool cannot grow", .warning,
      says: "The hugetlb pool cannot grow: there is no contiguous memory for it.",
      by: [Threshold("failures", 0, "of its allocations")], runbook: "PageMigrationHugePagesRefused"
    ) { evidence, limits throws(Unknown) in
      let failures = "pagemigration_hugetlb_allocation_failures_total"
      let refused = try evidence.increase(failures)
      guard refused > limits["failures"] else { return nil }
      let given = try evidence.increase("pagemigration_hugetlb_allocations_total")
      return Telling(
        because: [
          "\(Readable.number(refused)) allocations for the pool failed and"
            + " \(Readable.number(given)) succeeded, in the last \(evidence.span)"
        ] + [evidence.fragmentationLine].compactMap(\.self),
        try: "echo 1 > /proc/sys/vm/compact_memory",
        but:
          "then ask for the pages again; if that still fails, reserve them at boot (hugepages=N on the"
          + " kernel command line): that memory is then used for nothing else")
    },

    Rule(
      "contiguous_refused", "contiguous memory cannot be had", .warning,
      says: "The kernel cannot clear a contiguous range: gigantic pages or CMA allocations fail.",
      by: [Threshold("failed_share", 0.3, "of the pages tried")],
      runbook: "PageMigrationHugePagesRefused"
    ) { evidence, limits throws(Unknown) in
      var because: [String] = []
      if let refused = try? evidence.increase("pagemigration_cma_allocation_failures_total"),
        refused > 0
      {
        because.append(
          "\(Readable.number(refused)) CMA allocations failed in the last \(evidence.span)")
      }
      for area in evidence.series(of: "pagemigration_cma_area_pages_refused_total") {
        guard !because.isEmpty, let name = area["area"],
          let pages = try? evidence.increase(area.text), pages > 0
        else { continue }
        because.append("area \(name) refused \(Readable.number(pages)) base pages")
      }
      do throws(Unknown) {
        let failed = try evidence.failed(for: "contig_range")
        let moved = try evidence.migrated(for: "contig_range")
        if failed > 0, failed > limits["failed_share"] * (failed + moved) {
          because += [
            "\(Readable.number(failed)) pages/s in such ranges failed and \(Readable.number(moved))"
              + " moved, in the last \(evidence.span)",
            evidence.causesLine(of: "contig_range"),
          ]
        }
      } catch {
        // CMA's counter alone tells that it was refused, and not that nothing was.
        if because.isEmpty { throw error }
      }
      guard !because.isEmpty else { return nil }
      return Telling(
        because: because, try: whoPins,
        but:
          "long-lived pinned buffers belong in huge pages; huge pages reserved at boot (hugepages=) are"
          + " always there, but that memory is used for nothing else")
    },

    Rule(
      "bad_memory", "the kernel moves pages away from failing memory", .warning,
      says: "Memory is failing: the kernel moves pages away from it.",
      runbook: "PageMigrationBadMemory"
    ) { evidence, _ throws(Unknown) in
      let moved = try evidence.migrated(for: "memory_failure")
      let failed = try evidence.failed(for: "memory_failure")
      guard moved + failed > 0 else { return nil }
      let seconds = evidence.known.inSeconds
      return Telling(
        because: [
          "\(Readable.number((moved * seconds).rounded())) pages moved and"
            + " \(Readable.number((failed * seconds).rounded())) not, for memory_failure in the last"
            + " \(evidence.span)"
        ], try: "ras-mc-ctl --errors; journalctl -k -g 'memory failure|soft.offline|EDAC'",
        but: "have the memory module replaced; this command changes nothing")
    },

    Rule(
      "pinning_slow", "long-term pinning is slow or fails", .warning,
      says:
        "Long-term pinning is slow or fails: pages must first leave CMA or ZONE_MOVABLE.",
      by: [Threshold("p99_seconds", 0.1, "s", "yangge 2024")], runbook: "PageMigrationCallsSlow"
    ) { evidence, limits throws(Unknown) in
      let failed = try evidence.failed(for: "longterm_pin")
      let p99 = try? evidence.quantile(
        0.99, of: "pagemigration_reason_call_duration_seconds", "reason=\"longterm_pin\"")
      guard failed > 0 || (p99 ?? 0) > limits["p99_seconds"] else { return nil }
      return Telling(
        because: [
          "\(Readable.number(failed)) pages/s failed for longterm_pin, in the last \(evidence.span)"
        ]
          + [p99.map { "99 % of its calls took at most \(Readable.seconds($0))" }].compactMap(
            \.self)
          + [evidence.causesLine(of: "longterm_pin")],
        try: "grep -E 'Cma|Movable' /proc/meminfo /proc/zoneinfo",
        but: "less CMA or ZONE_MOVABLE helps, and so does registering buffers only once; this"
          + " command changes nothing")
    },

    Rule(
      "pinned", "most moves fail, for pins or whatever else holds the pages", .warning,
      says: failingWithSymptom, curable, byPins, byReferences, failingAlone,
      by: [
        Threshold("failed_per_second", 100, "base pages/s", "alert PageMigrationFailing"),
        Threshold("failed_share", 0.5, "of the pages tried", "alert PageMigrationFailing"),
        Threshold(
          "failed_compactions", 10, "in 15 min, which make it a warning",
          "alert PageMigrationFailing"),
        Threshold(
          "failed_compaction_share", 0.1, "of the successful ones", "alert PageMigrationFailing"),
        Threshold("pinned_share", 0.5, "of the failures", "Aziz 2023, Goldsworthy 2020"),
        Threshold("curable_per_second", 100, "base pages/s", "alert PageMigrationFailuresCurable"),
      ], runbook: "PageMigrationFailing"
    ) { evidence, limits throws(Unknown) in
      let (least, share) = (limits["failed_per_second"], limits["failed_share"])
      let cures = try evidence.lasts { e in e.curable > limits["curable_per_second"] }
      let isFailing: Bool
      do throws(Unknown) {
        isFailing = try evidence.lasts { e throws(Unknown) in
          let (failed, migrated) = (try e.failed, try e.migrated)
          return failed > least && failed > share * (failed + migrated)
        }
      } catch {
        guard cures else { throw error }
        isFailing = false
      }
      guard isFailing || cures else { return nil }
      let causes = evidence.causes()
      let all = causes.reduce(0) { $0 + $1.rate }
      let held = causes.filter { ["pinned", "extra_reference"].contains($0.cause) }
        .reduce(0) { $0 + $1.rate }
      let isHeld = all > 0 && held >= limits["pinned_share"] * all
      let hurts = evidence.allocationsFail(
        limits["failed_compactions"], limits["failed_compaction_share"])
      let sentence =
        isHeld
        ? (causes[0].cause == "pinned" ? byPins : byReferences)
        : !isFailing ? curable : hurts ? failingWithSymptom : failingAlone
      var because = [evidence.causesLine()]
      if let failed = try? evidence.failed, let migrated = try? evidence.migrated {
        because.insert(
          "\(evidence.pages(failed)) failed, \(Readable.percent(failed / (failed + migrated))) of"
            + " those tried, in the last \(evidence.span)", at: 0)
      }
      if let acquired = try? evidence.value("pagemigration_pins_acquired_total"),
        let released = try? evidence.value("pagemigration_pins_released_total"),
        let size = try? evidence.pageSize
      {
        because.append(
          "\(Readable.bytes(max(0, acquired - released) * size)) pinned now (nr_foll_pin_*)")
      }
      let isFull = causes.first?.cause == "no_target"
      return Telling(
        sentence, because: because,
        try: isFull ? "grep -H MemFree /sys/devices/system/node/node*/meminfo" : whoPins,
        but: isFull
          ? "the target node is full: free memory there, or choose another node; this command changes"
            + " nothing"
          : "long-lived pinned buffers (io_uring, RDMA, VFIO) belong in huge pages; this command changes"
            + " nothing",
        severity: isFailing && (hurts || isHeld) ? .warning : .notice)
    },
  ]
}

private let failingWithSymptom = "Most page migrations fail, and allocations fail with them."
private let failingAlone = "Most page migrations fail, but no allocation has failed because of it."
private let curable = "Page migration fails for a cause that can be fixed."
private let byPins = "Pinned pages keep the kernel from moving memory."
private let byReferences =
  "Pages cannot be moved while a pin, a pipe or I/O holds them."

extension Evidence {
  /// The highest rate of failures for one reason and a cause that has a cure; 0 where causes are not
  /// counted.
  fileprivate var curable: Double {
    series(of: "pagemigration_cause_pages_failed_total")
      .filter { ["pinned", "no_target"].contains($0["cause"]) }
      .compactMap { try? rate($0.text) }.max() ?? 0
  }

  /// Whether allocations suffer from what does not move.
  ///
  /// - Parameter least: failed compactions in 15 minutes.
  fileprivate func allocationsFail(_ least: Double, _ share: Double) -> Bool {
    if let refused = try? increase("pagemigration_cma_allocation_failures_total"), refused > 0 {
      return true
    }
    guard let failures = try? rate("pagemigration_compaction_failures_total"),
      let successes = try? rate("pagemigration_compaction_successes_total")
    else { return false }
    return failures * 900 > least && failures > share * successes
  }
}
