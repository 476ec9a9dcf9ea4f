import KernelText
import TestSupport
import Testing

@Suite struct `Numbered entries` {
  @Test func `are listed rising, with their gaps`() throws {
    let tree = try TemporaryTree([
      "node7/vmstat": "", "node1/vmstat": "", "node10/vmstat": "", "node3/vmstat": "",
    ])
    #expect(try numbers(tree) == [1, 3, 7, 10])
  }

  @Test func `are named with the prefix and a number, and nothing else`() throws {
    let tree = try TemporaryTree([
      "node": "", "nodes": "", "node1x": "", "node-1": "", "node1.5": "", "cpu0": "",
      "node1234567890": "", "online": "", "node4/vmstat": "",
    ])
    #expect(try numbers(tree) == [4])
  }

  /// `node01` would be a second 1: two series of one name.
  @Test func `have no zero in front`() throws {
    let tree = try TemporaryTree(["node1/x": "", "node01/x": "", "node0/x": "", "node00/x": ""])
    #expect(try numbers(tree) == [0, 1])
  }

  @Test func `of a folder that is not there are an error`() {
    #expect(throws: FileError.self) {
      var numbers: [Int] = []
      var entries = NumberedEntries(in: "/nowhere", prefix: "node")
      try entries.list(into: &numbers)
    }
  }

  private func numbers(_ tree: TemporaryTree) throws -> [Int] {
    var numbers = [99]
    var entries = NumberedEntries(in: tree.path, prefix: "node")
    try entries.list(into: &numbers)
    return numbers
  }
}
