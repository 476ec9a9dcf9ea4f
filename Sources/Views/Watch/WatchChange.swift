internal import PageMigration
package import System

/// How a host's counters changed between two readings.
package struct WatchChange {
  private let earlier: WatchReading
  private let later: WatchReading
  /// Nil unless the later reading is later.
  package let elapsed: Duration?

  package init(from earlier: WatchReading, to later: WatchReading) {
    self.earlier = earlier
    self.later = later
    elapsed = later.time > earlier.time ? later.time - earlier.time : nil
  }

  /// Nil where a reading lacks the counter, it went back, or it jumped.
  func increase(_ counter: MigrationCounter) -> UInt64? {
    guard let old = earlier.snapshot[counter], let new = later.snapshot[counter] else { return nil }
    return Interval.increase(from: old, to: new)
  }

  /// Whether a counter, or the clock, is less than it was: the host was booted anew, or restored from an
  /// image.
  var wentBack: Bool {
    later.time < earlier.time
      || MigrationCounter.allCases.contains { counter in
        guard !counter.isGauge, let old = earlier.snapshot[counter],
          let new = later.snapshot[counter]
        else { return false }
        return new < old
      }
  }

  /// Per second. Nil where the increase is.
  func rate(_ counter: MigrationCounter) -> Double? {
    elapsed.flatMap { elapsed in increase(counter).map { elapsed.rate(of: $0) } }
  }

  var pageSize: Double { Double(later.pageSize) }

  var pages: Double? { rate(.migrateSuccess) }

  var bytes: Double? { pages.map { $0 * pageSize } }

  var failureShare: Double? {
    PageMigration.failureShare(migrated: pages, failed: rate(.migrateFail))
  }

  var lostTHPs: Double? {
    PageMigration.lostTHPs(
      failed: rate(.thpMigrationFail), split: rate(.thpMigrationSplit),
      includesSplit: later.failedIncludesSplit)
  }

  /// Over all paths of reclaim. Nil where the kernel has none.
  var demoted: Double? {
    let rates = MigrationCounter.demotedByPath.compactMap { rate($0.value) }
    return rates.isEmpty ? nil : rates.reduce(0, +)
  }

  /// The busiest first. Empty where nothing was tried, or reasons are not counted.
  var reasons: [WatchReasons.Part] { reasonGrowth.parts }

  /// Of all reasons. None where they are not counted.
  var reasonGrowth: WatchReasons.Growth {
    earlier.reasons.flatMap { later.reasons?.growth(since: $0) } ?? WatchReasons.Growth()
  }

  /// A line of `watch --json`. Rates are per second; what is not known is null.
  ///
  /// - Parameter time: when the later reading was made.
  package func json(at time: UnixTime, isBurst: Bool) -> String {
    let leading = reasons.first
    return JSON.object([
      ("schema", .integer(1)),
      ("time", .seconds(time.sinceEpoch)),
      ("seconds", elapsed.map(JSON.seconds) ?? .null),
      ("pages_migrated", JSON(pages)),
      ("bytes_migrated", JSON(bytes)),
      ("pages_failed", JSON(rate(.migrateFail))),
      ("failure_share", JSON(failureShare)),
      ("thp_migrated", JSON(rate(.thpMigrationSuccess))),
      ("thp_split", JSON(rate(.thpMigrationSplit))),
      ("thp_lost", JSON(lostTHPs)),
      ("numa_pages_migrated", JSON(rate(.numaPagesMigrated))),
      ("pages_promoted", JSON(rate(.promoteSuccess))),
      ("pages_demoted", JSON(demoted)),
      ("compaction_stalls", JSON(rate(.compactStall))),
      ("burst", .bool(isBurst)),
      ("reason", .init(leading?.reason)),
      ("reason_share", JSON(leading?.share)),
      ("reason_seconds_per_call", JSON(leading?.perCall?.inSeconds)),
    ]).text + "\n"
  }
}
