import MigrationReasons
import Testing

@testable import Collectors

@Suite struct `What the CPUs of a node moved` {
  private static let nodeOfCPU = [0, 0, 1, 1]

  @Test(
    arguments: [
      ("is the sum of its CPUs", [[1, 2, 3, 4]], [3, 7]),
      ("grows with each of them", [[1, 2, 3, 4], [11, 2, 3, 104]], [13, 107]),
      (
        "stays where a CPU goes offline and another node's is given its pages",
        [[100, 2, 3, 4], [0, 2, 103, 4]], [102, 7]
      ),
      ("grows by what was moved meanwhile, too", [[100, 2, 3, 4], [0, 7, 104, 4]], [107, 8]),
      ("stays where several go offline at once", [[100, 20, 3, 4], [0, 0, 123, 4]], [120, 7]),
      (
        "goes on where a CPU comes back with nothing",
        [[100, 2, 3, 4], [0, 2, 103, 4], [5, 2, 103, 4]], [107, 7]
      ),
      ("passes 2^64", [[.max - 1, 0, 0, 0], [.max, 1, 0, 0]], [0, 0]),
    ] as [(String, [[UInt64]], [UInt64])])
  func `never falls:`(what: String, readings: [[UInt64]], sums: [UInt64]) {
    var totals = CPUNodeTotals()
    for reading in readings {
      totals.take(reading.map { CPUEvents(pagesMigrated: $0, pagesFailed: $0) }, Self.nodeOfCPU)
    }
    #expect(totals.nodes == [0, 1])
    #expect(totals.nodes.map { totals[$0].pagesMigrated } == sums, "\(what)")
    #expect(totals.nodes.map { totals[$0].pagesFailed } == sums, "\(what)")
  }

  @Test func `is added once the node of a new CPU is known`() {
    var totals = CPUNodeTotals()
    let cpus = [CPUEvents(pagesMigrated: 5), CPUEvents(pagesMigrated: 7)]
    totals.take(cpus, [0, nil])
    #expect(totals.nodes == [0])
    #expect(totals[0].pagesMigrated == 5)
    #expect(totals.hasStranger(cpus, [0, nil]))
    totals.take(cpus, [0, 1])
    #expect(totals.nodes == [0, 1])
    #expect(totals[1].pagesMigrated == 7)
    #expect(!totals.hasStranger(cpus, [0, 1]))
  }
}
