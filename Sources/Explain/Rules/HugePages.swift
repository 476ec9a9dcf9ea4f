internal import Views

/// Huge pages that are not moved whole.
extension Rule {
  static let hugePages = [
    Rule(
      "huge_pages_lost", "transparent huge pages are neither moved nor split, or mostly split",
      .warning,
      says: lost, split,
      by: [
        Threshold("lost_share", 0.25, "of the THPs tried", "alert PageMigrationHugePagesLost"),
        Threshold("split_share", 0.5, "of the THPs tried"),
        Threshold("tried_per_second", 1, "THPs/s", "alert PageMigrationHugePagesLost"),
      ], runbook: "PageMigrationHugePagesLost"
    ) { evidence, limits throws(Unknown) in
      let (least, lostMost) = (limits["tried_per_second"], limits["lost_share"])
      let isLost = try evidence.lasts { e throws(Unknown) in
        let huge = try e.hugePages
        return huge.tried > least && huge.lost > lostMost * huge.tried
      }
      let isSplit = try evidence.lasts { e throws(Unknown) in
        let huge = try e.hugePages
        return huge.tried > least && huge.split > limits["split_share"] * huge.tried
      }
      guard isLost || isSplit else { return nil }
      let huge = try evidence.hugePages
      return Telling(
        isLost ? lost : split,
        because: [
          "of \(Readable.number(huge.tried)) THPs/s tried,"
            + " \(Readable.percent(huge.moved / huge.tried)) moved whole,"
            + " \(Readable.percent(huge.split / huge.tried)) split and"
            + " \(Readable.percent(huge.lost / huge.tried)) lost, in the last \(evidence.span)"
        ] + (isLost ? [evidence.causesLine()] : []),
        // What is referred to does not move, however compact the target is.
        try: isLost ? whoPins : "echo 1 > /proc/sys/vm/compact_memory",
        but: isLost
          ? "whatever holds them (pins, pipes, direct I/O) has to let go first, or has to be left out of"
            + " the move; this command changes nothing"
          : "compaction takes CPU time and bandwidth for some seconds, and is needed again once memory"
            + " fragments again",
        severity: isLost ? .warning : .notice)
    }
  ]
}

private let lost = "Transparent huge pages can neither be moved nor split."
private let split =
  "Transparent huge pages are split when they move: the target has no free huge page."

extension Evidence {
  /// THPs per second that were moved whole, split, or neither.
  fileprivate var hugePages: (moved: Double, split: Double, lost: Double, tried: Double) {
    get throws(Unknown) {
      let includesSplit = try value("pagemigration_thp_failed_includes_split") == 1
      let moved = try rate("pagemigration_thp_migrated_total")
      let failed = try rate("pagemigration_thp_failed_total")
      let split = try rate("pagemigration_thp_split_total")
      let lost = includesSplit ? max(0, failed - split) : failed
      return (moved, split, lost, moved + lost + split)
    }
  }
}
