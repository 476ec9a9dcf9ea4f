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

@Suite struct `A file of counters that is cut` {
  /// Wherever the text ends, each value is the kernel's own or is not there.
  @Test(arguments: Fixture.machines)
  func `gives no number that is not the kernel's`(machine: Fixture) throws {
    let whole = try Files.read("\(machine.path)/proc/vmstat")
    let tree = try TemporaryTree()
    let path = "\(tree.path)/vmstat"
    var buffer = [UInt8](repeating: 0, count: 8192)
    var snapshot = CounterSnapshot()
    try Files.write(path, whole)
    var file = CounterFile(path)
    try file.read(into: &snapshot, using: &buffer)
    let truth = snapshot
    var taken = 0
    for end in 0..<whole.count {
      try Files.write(path, whole[..<end])
      var new = CounterFile(path)
      guard (try? new.read(into: &snapshot, using: &buffer)) != nil else { continue }
      taken += 1
      #expect(end > 0 && whole[end - 1] == UInt8(ascii: "\n"))
      for counter in MigrationCounter.allCases where snapshot[counter] != nil {
        #expect(snapshot[counter] == truth[counter])
      }
    }
    #expect(taken > 50)
  }

  @Test func `is taken where another reading agrees, as a kernel may have other lines`() throws {
    let tree = try TemporaryTree(["vmstat": "pgmigrate_success 1\npgmigrate_fail 2\n"])
    var file = CounterFile("\(tree.path)/vmstat")
    var snapshot = CounterSnapshot()
    var buffer = [UInt8](repeating: 0, count: 64)
    try file.read(into: &snapshot, using: &buffer)
    #expect(snapshot == CounterSnapshot([.migrateSuccess: 1, .migrateFail: 2]))
    try tree.write("vmstat", "pgmigrate_success 3\n")
    try file.read(into: &snapshot, using: &buffer)
    #expect(snapshot == CounterSnapshot([.migrateSuccess: 3]))
  }

  /// Linux 4.14 to 4.19: nr_indirectly_reclaimable has no name.
  @Test func `may have a line without a name, where a kernel writes one`() throws {
    let tree = try TemporaryTree(["vmstat": "nr_dirtied 1\n 176096\npgpromote_success 5\n"])
    var snapshot = CounterSnapshot()
    var buffer = [UInt8](repeating: 0, count: 64)
    var node = CounterFile("\(tree.path)/vmstat", passesOverNameless: true)
    try node.read(into: &snapshot, using: &buffer)
    #expect(snapshot == CounterSnapshot([.promoteSuccess: 5]))
    var machine = CounterFile("\(tree.path)/vmstat")
    #expect(throws: MalformedFile("\(tree.path)/vmstat", "line 2 has no name")) {
      try machine.read(into: &snapshot, using: &buffer)
    }
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
