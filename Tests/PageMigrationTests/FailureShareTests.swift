import PageMigration
import Testing

@Suite struct `The outcome of migrations` {
  @Test(
    arguments: [
      // failed, split, whether failed includes split, lost
      (96, 1489, true, 0), (1489, 1393, true, 96), (96, 1393, false, 96), (5, 5, true, 0),
      (nil, 1, true, nil), (1, nil, true, nil), (1, 1, nil, nil),
    ] as [(Double?, Double?, Bool?, Double?)])
  func `has as lost the THPs that were neither moved nor split`(
    failed: Double?, split: Double?, includesSplit: Bool?, lost: Double?
  ) {
    #expect(
      lostTHPs(failed: failed, split: split, includesSplit: includesSplit) == lost)
  }

  @Test(
    arguments: [
      (75, 25, 0.25), (0, 3, 1), (9, 0, 0), (0, 0, nil), (nil, 1, nil), (1, nil, nil),
    ] as [(Double?, Double?, Double?)])
  func `has a share that failed where anything was tried`(
    migrated: Double?, failed: Double?, share: Double?
  ) {
    #expect(failureShare(migrated: migrated, failed: failed) == share)
  }
}
