import Collectors
import KernelText
import TestSupport
import Testing

@Suite struct `The tree of cgroups` {
  @Test func `is walked level by level, in the order of the names`() throws {
    let tree = try cgroups(["b/z", "b/a", "a", "a-b/x", "b", "a-b", "a/y", "a/y/deep"])
    #expect(
      try paths(tree) == [
        "/", "/a", "/a-b", "/b", "/a/y", "/a-b/x", "/b/a", "/b/z", "/a/y/deep",
      ])
  }

  @Test(arguments: [
    (0, ["/"]), (1, ["/", "/a"]), (2, ["/", "/a", "/a/b"]), (64, ["/", "/a", "/a/b", "/a/b/c"]),
  ])
  func `is followed to a depth`(depth: Int, expected: [String]) throws {
    let tree = try cgroups(["a", "a/b", "a/b/c"])
    var selection = CgroupSelection()
    selection.depth = depth
    let walk = try CgroupTree(tree.path, selection).walk()
    #expect(text(walk) == expected)
    // What the depth shuts out is not wanted, so it is not missing.
    #expect(walk.leftOut == 0)
  }

  @Test func `is followed up to a maximum, the shallow ones first, and the others counted`() throws
  {
    let tree = try cgroups(["a", "a/b", "a/b/c", "z"])
    var selection = CgroupSelection()
    selection.max = 3
    let walk = try CgroupTree(tree.path, selection).walk()
    #expect(text(walk) == ["/", "/a", "/z"])
    #expect(walk.leftOut == 2)
  }

  @Test(arguments: [
    (["/a/**"], [], ["/a", "/a/b", "/a/b/c"]),
    (["/a/b", "/z"], [], ["/z", "/a/b"]),
    ([], ["/"], ["/a", "/z", "/a/b", "/a/b/c"]),
    ([], ["/a/**"], ["/", "/z"]),
    ([], ["/a"], ["/", "/z", "/a/b", "/a/b/c"]),
    (["/**"], ["/**/b"], ["/", "/a", "/z", "/a/b/c"]),
    (["/nowhere"], [], []),
  ])
  func `is narrowed by patterns, of which deny wins`(
    allow: [String], deny: [String], expected: [String]
  ) throws {
    let tree = try cgroups(["a", "a/b", "a/b/c", "z"])
    var selection = CgroupSelection()
    selection.allow = try allow.map { try CgroupPattern($0) }
    selection.deny = try deny.map { try CgroupPattern($0) }
    #expect(try paths(tree, selection) == expected)
  }

  @Test func `has only cgroups with the memory controller`() throws {
    let tree = try cgroups(["a"])
    try tree.write("no-memory/cgroup.controllers", "")
    // The kernel has no such tree: a controller goes from parents to children.
    try tree.write("no-memory/below/memory.stat", "")
    try tree.write("a/memory.stat.old/file", "")
    #expect(try paths(tree) == ["/", "/a"])
  }

  @Test func `may have none in the root, as in old kernels`() throws {
    let tree = try cgroups(["a"])
    tree.remove("memory.stat")
    #expect(try paths(tree) == ["/a"])
  }

  @Test func `of version 1 is refused`() throws {
    let tree = try TemporaryTree(["memory.stat": "cache 1\n"])
    #expect(throws: NoMemoryController.notVersion2(tree.path)) { try paths(tree) }
  }

  @Test func `of a hybrid machine, whose memory controller version 1 has, is refused`() throws {
    let tree = try TemporaryTree(["cgroup.controllers": "cpu memory_recursiveprot\n"])
    #expect(throws: NoMemoryController.notIn(tree.path)) { try paths(tree) }
  }

  @Test func `that is missing is named`() {
    #expect(throws: FileError(.list, "/nowhere", 2)) {
      try CgroupTree("/nowhere", CgroupSelection()).walk()
    }
  }

  @Test func `follows no links`() throws {
    let tree = try cgroups(["a"])
    try tree.link("loop", to: tree.path)
    #expect(try paths(tree) == ["/", "/a"])
  }

  @Test func `leaves out a name that is not UTF-8, and counts it`() throws {
    let tree = try cgroups(["é", "e\u{301}", "日本"])
    try tree.withFolder(named: [0x66, 0xFF]) {
      let walk = try CgroupTree(tree.path, CgroupSelection()).walk()
      #expect(Set(text(walk)) == ["/", "/é", "/日本"])
      // Two names that are equal as text and differ in their bytes are two cgroups.
      #expect(walk.paths.count == 4)
      #expect(walk.leftOut == 1)
      #expect(walk.problems.isEmpty)
    }
  }

  @Test func `stops looking after so many folders and says so`() throws {
    let tree = try cgroups(["a", "b", "c"])
    var selection = CgroupSelection()
    #expect(selection.folderLimit == 20_000)
    selection.folderLimit = 3
    let walk = try CgroupTree(tree.path, selection).walk()
    #expect(
      walk.problems.map { "\($0)" } == [
        "\(tree.path): has more than 3 cgroups: exclude some with --collector.cgroup.deny"
      ])
    #expect(text(walk) == ["/", "/a", "/b"])
    selection.folderLimit = 4
    #expect(try paths(tree, selection) == ["/", "/a", "/b", "/c"])
  }

  private func paths(
    _ tree: TemporaryTree, _ selection: CgroupSelection = CgroupSelection()
  ) throws -> [String] {
    text(try CgroupTree(tree.path, selection).walk())
  }

  private func text(_ walk: CgroupTree.Walk) -> [String] {
    walk.paths.map { String(decoding: $0, as: UTF8.self) }
  }

  /// A root and these cgroups, all with the memory controller.
  private func cgroups(_ paths: [String]) throws -> TemporaryTree {
    let tree = try TemporaryTree(["cgroup.controllers": "cpu memory\n", "memory.stat": ""])
    for path in paths { try tree.write("\(path)/memory.stat", "") }
    return tree
  }
}
