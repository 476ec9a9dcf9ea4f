internal import Views

/// Huge pages that are not moved whole.
extension Rule {
  static let hugePages = [
    Rule(
      "huge_pages_lost", "transparent huge pages are neither moved nor split, or mostly split",
      .warning,
      [
        Threshold("lost_share", 0.25, "of the THPs tried", "alert PageMigrationHugePagesLost"),
        Threshold("split_share", 0.5, "of the THPs tried"),
        Threshold("tried_per_second", 1, "THPs/s", "alert PageMigrationHugePagesLost"),
      ], runbook: "PageMigrationHugePagesLost"
    ) { evidence, limits throws(Unknown) in
      let includesSplit = try evidence.value("pagemigration_thp_failed_includes_split") == 1
      let moved = try evidence.rate("pagemigration_thp_migrated_total")
      let failed = try evidence.rate("pagemigration_thp_failed_total")
      let split = try evidence.rate("pagemigration_thp_split_total")
      let lost = includesSplit ? max(0, failed - split) : failed
      let tried = moved + lost + split
      guard tried > limits["tried_per_second"] else { return nil }
      let isLost = lost > limits["lost_share"] * tried
      guard isLost || split > limits["split_share"] * tried else { return nil }
      return Telling(
        isLost
          ? "Transparent huge pages can neither be moved nor split."
          : "Transparent huge pages are split when they are moved: the target has no huge page free.",
        because: [
          "of \(Readable.number(tried)) THPs/s tried, \(Readable.percent(moved / tried)) moved whole,"
            + " \(Readable.percent(split / tried)) split and \(Readable.percent(lost / tried)) lost,"
            + " in the last \(evidence.span)"
        ], try: "echo 1 > /proc/sys/vm/compact_memory",
        but:
          "compaction costs CPU time and bandwidth for seconds, and is asked for again when memory"
          + " is fragmented again")
    }
  ]
}
