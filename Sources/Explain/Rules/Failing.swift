internal import System
internal import Views

/// The processes that hold most pages by long pins.
let whoPins = "grep -H VmPin /proc/[0-9]*/status | sort -k2nr | head"

/// Pages that do not move, and what keeps them.
extension Rule {
  static let failing = [
    Rule(
      "pinned", "most moves fail, and pinned pages are the likely cause", .warning,
      [
        Threshold("failed_per_second", 100, "base pages/s", "alert PageMigrationFailing"),
        Threshold("failed_share", 0.5, "of the pages tried", "alert PageMigrationFailing"),
        Threshold("pinned_share", 0.5, "of the failures", "Aziz 2023, Goldsworthy 2020"),
        Threshold("curable_per_second", 100, "base pages/s", "alert PageMigrationFailuresCurable"),
      ], runbook: "PageMigrationFailing"
    ) { evidence, limits throws(Unknown) in
      let (least, share) = (limits["failed_per_second"], limits["failed_share"])
      let causes = evidence.causes()
      let all = causes.reduce(0) { $0 + $1.rate }
      let pinned = causes.filter { ["pinned", "extra_reference"].contains($0.cause) }
        .reduce(0) { $0 + $1.rate }
      let isPinned = all > 0 && pinned >= limits["pinned_share"] * all
      let curable =
        causes.filter { ["pinned", "no_target"].contains($0.cause) }
        .contains { $0.rate > limits["curable_per_second"] } || (isPinned && pinned > least)
      let isFailing = try evidence.lasts { e throws(Unknown) in
        let (failed, migrated) = (try e.failed, try e.migrated)
        return failed > least && failed > share * (failed + migrated)
      }
      guard isFailing || curable else { return nil }
      let (failed, migrated) = (try evidence.failed, try evidence.migrated)
      let sentence =
        isPinned
        ? (causes[0].cause == "pinned"
          ? "Pinned pages keep the kernel from moving memory."
          : "Pages that something else holds, a pin, a pipe or I/O, cannot be moved.")
        : all == 0
          ? "Most page migrations fail, and what keeps the pages is not known."
          : "Most page migrations fail, most of them by \(causes[0].cause)."
      var because = [
        "\(evidence.pages(failed)) failed, \(Readable.percent(failed / (failed + migrated))) of"
          + " those tried, in the last \(evidence.span)",
        evidence.causesLine(),
      ]
      if let acquired = try? evidence.value("pagemigration_pins_acquired_total"),
        let released = try? evidence.value("pagemigration_pins_released_total"),
        let size = try? evidence.pageSize
      {
        because.append(
          "\(Readable.bytes(max(0, acquired - released) * size)) pinned now, by nr_foll_pin_*")
      }
      return Telling(
        isFailing || isPinned ? sentence : "Pages cannot be moved for a cause that can be cured.",
        because: because,
        try: whoPins,
        but: "who pins for long (io_uring, RDMA, VFIO) should take such buffers from huge pages;"
          + " nothing is changed by looking",
        severity: isFailing ? .warning : .notice)
    },

    Rule(
      "offline_never_ends", "taking memory offline tries for ever", .warning,
      [Threshold("moved_share", 0.01, "of the pages tried", "do_migrate_range() in a loop")],
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
        "Taking memory offline tries for ever: a page of it cannot be moved.",
        because: [
          try "\(evidence.pages(evidence.failed(for: "memory_hotplug"))) failed for memory_hotplug"
            + " all through the last \(evidence.span), and next to none moved",
          evidence.causesLine(of: "memory_hotplug"),
        ],
        try: "grep -H going-offline /sys/devices/system/memory/memory*/state; fuser -v"
          + " /sys/devices/system/memory/memory*/state",
        but: "a signal ends the write, and the memory stays online; memory to be taken away later"
          + " is to be brought in as online_movable")
    },

    Rule(
      "contiguous_refused", "contiguous memory cannot be had", .warning,
      [Threshold("failed_share", 0.3, "of the pages tried")], runbook: "PageMigrationFailing"
    ) { evidence, limits throws(Unknown) in
      var because: [String] = []
      if let refused = try? evidence.increase("pagemigration_cma_allocation_failures_total"),
        refused > 0
      {
        because.append(
          "\(Readable.number(refused)) CMA allocations failed in the last \(evidence.span)")
      }
      do throws(Unknown) {
        let failed = try evidence.failed(for: "contig_range")
        let moved = try evidence.migrated(for: "contig_range")
        if failed > 0, failed > limits["failed_share"] * (failed + moved) {
          because += [
            "\(Readable.number(failed)) pages/s of such ranges failed and \(Readable.number(moved))"
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
        "The kernel cannot clear a contiguous range: gigantic huge pages or CMA are refused.",
        because: because,
        try: "grubby --update-kernel=ALL --args='hugepagesz=1G hugepages=N'",
        undo: "grubby --update-kernel=ALL --remove-args='hugepagesz=1G hugepages=N'",
        but: "reserved at boot (hugepages=, hugetlb_cma=, cma=), this memory serves nothing else")
    },

    Rule(
      "bad_memory", "the kernel moves pages away from failing memory", .warning, [],
      runbook: nil
    ) { evidence, _ throws(Unknown) in
      let moved = try evidence.migrated(for: "memory_failure")
      let failed = try evidence.failed(for: "memory_failure")
      guard moved + failed > 0 else { return nil }
      let seconds = evidence.known.inSeconds
      return Telling(
        "Memory is failing: the kernel moves pages away from it.",
        because: [
          "\(Readable.number((moved * seconds).rounded())) pages moved and"
            + " \(Readable.number((failed * seconds).rounded())) not, for memory_failure in the last"
            + " \(evidence.span)"
        ], try: "ras-mc-ctl --errors; journalctl -k -g 'memory failure|soft.offline|EDAC'",
        but: "the module is to be replaced; nothing is changed by looking")
    },

    Rule(
      "pinning_slow", "pinning memory for long is slow or fails", .warning,
      [Threshold("p99_seconds", 0.1, "s", "yangge 2024")], runbook: "PageMigrationCallsSlow"
    ) { evidence, limits throws(Unknown) in
      let failed = try evidence.failed(for: "longterm_pin")
      let p99 = try? evidence.quantile(
        0.99, of: "pagemigration_reason_call_duration_seconds", "reason=\"longterm_pin\"")
      guard failed > 0 || (p99 ?? 0) > limits["p99_seconds"] else { return nil }
      return Telling(
        "Pinning memory for long is slow or fails: its pages must first leave CMA or ZONE_MOVABLE.",
        because: [
          "\(Readable.number(failed)) pages/s failed for longterm_pin, in the last \(evidence.span)"
        ]
          + [p99.map { "99 % of its calls took at most \(Readable.seconds($0))" }].compactMap(
            \.self)
          + [evidence.causesLine(of: "longterm_pin")],
        try: "grep -E 'Cma|Movable' /proc/meminfo /proc/zoneinfo",
        but: "less CMA or ZONE_MOVABLE helps, or registering buffers once; nothing is changed by"
          + " looking")
    },
  ]
}
