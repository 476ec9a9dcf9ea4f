import Testing

@testable import Routes

@Suite struct `A selection of collectors` {
  private let names = ["vmstat", "node", "settings"]

  @Test(
    arguments: [
      ([], [0, 1, 2]),
      ([("collect[]", "node")], [1]),
      ([("collect[]", "settings"), ("collect[]", "vmstat")], [0, 2]),
      ([("exclude[]", "node")], [0, 2]),
      ([("exclude[]", "vmstat"), ("exclude[]", "node"), ("exclude[]", "settings")], []),
      ([("name[]", "x"), ("collect", "node")], [0, 1, 2]),
    ] as [([(String, String)], [Int])])
  func `includes what the query asks for`(query: [(String, String)], expected: [Int]) throws {
    let selection = try CollectorSelection(
      query.map { (name: $0.0, value: $0.1) }, among: names)
    #expect(names.indices.filter(selection.includes) == expected)
  }

  @Test(
    arguments: [
      (
        [("collect[]", "cpu")],
        "collect[]: no collector 'cpu' is on; there are vmstat, node, settings"
      ),
      ([("exclude[]", "")], "exclude[]: no collector '' is on; there are vmstat, node, settings"),
      (
        [("collect[]", "node"), ("exclude[]", "vmstat")],
        "collect[] and exclude[] exclude each other"
      ),
    ] as [([(String, String)], String)])
  func `is refused with the reason`(query: [(String, String)], reason: String) {
    #expect(throws: CollectorSelection.BadQuery(reason: reason)) {
      try CollectorSelection(query.map { (name: $0.0, value: $0.1) }, among: names)
    }
  }
}
