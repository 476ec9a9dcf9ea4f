import MigrationReasons
import System
import Testing

@Suite struct `Totals of a reason` {
  @Test func `have buckets from a microsecond to sixteen seconds`() {
    let bounds = ReasonTotals.durationBounds
    #expect(bounds.count == 25)
    #expect(bounds.prefix(3) == [.microseconds(1), .microseconds(2), .microseconds(4)])
    #expect(bounds.last == .microseconds(16_777_216))
    #expect(ReasonTotals(reason: "compaction", modes: 3).durationBuckets.count == 26)
  }

  @Test(
    arguments: [
      ([:], nil),
      ([0: 1], 0.5e-6),
      ([1: 4], 1.5e-6),
      ([0: 1, 1: 1, 2: 2], 2e-6),
      ([0: 1, 1: 3], 1.333333333333e-6),
      ([10: 1000, 25: 1], 768.256e-6),
      ([25: 3], 16.777216),
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
