import MigrationReasons
import System
import Testing

@Suite struct `Totals of a reason` {
  /// Eight to each doubling for the native histogram, and the powers of two of a microsecond.
  @Test func `have buckets from a microsecond to a minute`() {
    let bounds = DurationBuckets.bounds
    #expect(bounds == bounds.sorted() && Set(bounds).count == bounds.count)
    #expect(
      Array(bounds.prefix(4)) == [953, 1000, 1039, 1134].map { Duration.nanoseconds($0) })
    #expect(bounds.last == .seconds(64))
    for power in 0..<25 { #expect(bounds.contains(.microseconds(1 << power))) }
    #expect(bounds.count == 26 * 8 + 1 + 25)
    let totals = ReasonTotals(reason: "compaction", modes: 3)
    #expect(totals.durationBuckets.count == bounds.count + 1)
  }

  @Test(
    arguments: [
      ([:], nil),
      ([0: 1], 477e-9),
      ([1: 4], 976.5e-9),
      ([0: 1, 1: 1, 2: 2], 1e-6),
      ([0: 1, 1: 3], 969e-9),
      ([2: 1000, 234: 1], 1.0195e-6),
      ([234: 3], 64),
    ] as [([Int: UInt64], Double?)])
  func `have the median as their typical duration`(buckets: [Int: UInt64], seconds: Double?) {
    var totals = ReasonTotals(reason: "compaction", modes: 3)
    for (bucket, calls) in buckets { totals.durationBuckets[bucket] = calls }
    let typical = totals.medianDuration?.inSeconds
    #expect((typical == nil) == (seconds == nil))
    #expect(abs((typical ?? 0) - (seconds ?? 0)) <= 2e-9)
  }

  @Test func `have a share of all pages, or none where none were moved`() {
    var few = ReasonTotals(reason: "compaction", modes: 3)
    var many = ReasonTotals(reason: "demotion", modes: 3)
    #expect(few.share(of: [few, many]) == nil)
    few.pagesMigrated = 1
    many.pagesMigrated = 3
    #expect(few.share(of: [few, many]) == 0.25)
  }
}
