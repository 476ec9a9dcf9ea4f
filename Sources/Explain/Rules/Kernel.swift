internal import PageMigration
internal import Views

/// Kernels whose counters do not say what they seem to.
extension Rule {
  static let kernel = [
    Rule(
      "counts_folios_as_thps", "this kernel counts other large folios as THPs", .notice,
      says: "This kernel counts smaller large folios as THPs: thp_* may be too high.",
      by: [Threshold("thps_per_second", 1, "THPs/s")], runbook: "PageMigrationMiscounted"
    ) { evidence, limits throws(Unknown) in
      guard let release = evidence.kernelRelease, let version = KernelRelease(parsing: release),
        KernelRelease(5, 18) <= version, version <= KernelRelease(6, 1),
        try evidence.rate("pagemigration_thp_migrated_total")
          + evidence.rate("pagemigration_thp_failed_total") > limits["thps_per_second"]
      else { return nil }
      return Telling(
        because: [
          "kernel \(release); 5.18 to 6.1 count every large folio (mm/migrate.c)",
          try
            "\(Readable.number(evidence.rate("pagemigration_thp_migrated_total"))) THPs/s moved, as"
            + " it counts them, in the last \(evidence.span)",
        ], try: "uname -r", but: "6.2 and later count correctly; pages_* are correct here too")
    },

    Rule(
      "misses_failures", "this kernel misses failures that it retried", .notice,
      says: "This kernel does not count all pages that could not be moved.",
      by: [Threshold("failed_per_second", 10, "base pages/s")], runbook: "PageMigrationMiscounted"
    ) { evidence, limits throws(Unknown) in
      guard let release = evidence.kernelRelease, let version = KernelRelease(parsing: release),
        KernelRelease(5, 17) <= version, version <= KernelRelease(6, 0),
        try evidence.failed > limits["failed_per_second"]
      else { return nil }
      return Telling(
        because: [
          "kernel \(release); 5.17 to 6.0 forget pages that were still being retried at the end"
            + " (mm/migrate.c)",
          try "\(evidence.pages(evidence.failed)) failed, as it counts them, in the last"
            + " \(evidence.span)",
        ], try: "uname -r", but: "6.1 and later count them; the true number of failures is higher")
    },

    Rule(
      "demotions_not_counted", "demotions happen that pgdemote_* does not count", .notice,
      says: "Some demotions are missing from pgdemote_*.", runbook: "PageMigrationMiscounted"
    ) { evidence, _ throws(Unknown) in
      let moved = try evidence.migrated(for: "demotion")
      guard moved > 0, try evidence.demoted == 0 else { return nil }
      return Telling(
        because: [
          "\(evidence.pages(moved)) migrated for demotion and none counted by pgdemote_*, in the last"
            + " \(evidence.span)"
        ] + [evidence.kernelRelease.map { "kernel \($0)" }].compactMap(\.self),
        try: "cat /sys/kernel/mm/lru_gen/enabled",
        but:
          "6.12 and 6.13 with the multi-generational LRU miss them; rely on --collector.reasons here"
      )
    },
  ]
}
