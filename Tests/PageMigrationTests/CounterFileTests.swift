import KernelText
import PageMigration
import TestSupport
import Testing

@Suite struct `A file of counters` {
  @Test(arguments: Fixture.machines)
  func `gives every counter that the kernel wrote and no other`(machine: Fixture) throws {
    let nodes = try Files.list("\(machine.sysfs)/devices/system/node")
      .filter { machine.has("sys/devices/system/node/\($0)/vmstat") }
      .map { "sys/devices/system/node/\($0)/vmstat" }
    #expect(!nodes.isEmpty)
    for file in ["proc/vmstat"] + nodes {
      let snapshot = try read("\(machine.path)/\(file)")
      let written = try machine.text(file).split(separator: "\n").map { $0.split(separator: " ") }
      for counter in MigrationCounter.allCases {
        let line = written.first { $0[0] == counter.rawValue }
        #expect(snapshot[counter] == line.map { UInt64($0[1])! }, "\(counter) in \(file)")
      }
    }
  }

  @Test func `holds the largest numbers exactly`() throws {
    let tree = try TemporaryTree([
      "vmstat": "pgmigrate_success 18446744073709551615\npgmigrate_fail 9007199254740993\n"
    ])
    let snapshot = try read("\(tree.path)/vmstat")
    #expect(snapshot[.migrateSuccess] == .max)
    #expect(snapshot[.migrateFail] == 9_007_199_254_740_993)
    #expect(snapshot[.thpMigrationSuccess] == nil)
  }

  @Test func `has no value left from before where it cannot be read now`() throws {
    let tree = try TemporaryTree(["vmstat": "pgmigrate_success 1\n"])
    var file = CounterFile("\(tree.path)/vmstat")
    var snapshot = CounterSnapshot()
    var buffer = [UInt8](repeating: 0, count: 64)
    for (text, error) in [
      ("pgmigrate_success 2\npgmigrate_fail\n", "line 2 has no value"),
      ("", "is empty"),
    ] {
      try tree.write("vmstat", "pgmigrate_success 1\n")
      try file.read(into: &snapshot, using: &buffer)
      #expect(snapshot == CounterSnapshot([.migrateSuccess: 1]))
      try tree.write("vmstat", text)
      #expect(throws: MalformedFile("\(tree.path)/vmstat", error)) {
        try file.read(into: &snapshot, using: &buffer)
      }
      #expect(snapshot == CounterSnapshot())
    }
  }

  private func read(_ path: String) throws -> CounterSnapshot {
    var file = CounterFile(path)
    var snapshot = CounterSnapshot()
    var buffer = [UInt8](repeating: 0, count: 512)
    try file.read(into: &snapshot, using: &buffer)
    return snapshot
  }
}

@Suite struct `A snapshot` {
  @Test func `equals another by what it has, not by what was there before`() {
    let one = CounterSnapshot([.migrateSuccess: 7])
    #expect(one == CounterSnapshot([.migrateSuccess: 7]))
    #expect(one != CounterSnapshot([.migrateSuccess: 8]))
    #expect(one != CounterSnapshot([.migrateFail: 7]))
    #expect(one != CounterSnapshot([.migrateSuccess: 7, .migrateFail: 0]))
    #expect(CounterSnapshot() == CounterSnapshot([:]))
  }

  @Test func `tells absent from zero`() {
    let snapshot = CounterSnapshot([.migrateFail: 0])
    #expect(snapshot[.migrateFail] == 0)
    #expect(snapshot[.migrateSuccess] == nil)
  }
}
