import Glibc
import KernelText
import TestSupport
import Testing

/// A hierarchy of version 2 with two cgroups, and process 42 in one of them.
private func makeTree(root: String = "cgroup") throws -> TemporaryTree {
  try TemporaryTree([
    "\(root)/cgroup.controllers": "memory\n", "\(root)/a.slice/memory.stat": "",
    "\(root)/a.slice/deep/memory.stat": "", "\(root)/b/memory.stat": "",
    "proc/42/cgroup": "1:memory:/elsewhere\n0::/a.slice/deep\n",
  ])
}

private func number(_ path: String) throws -> UInt64 {
  var status = stat()
  guard stat(path, &status) == 0 else { throw systemFailure("stat \(path)") }
  return UInt64(status.st_ino)
}

private func finder(
  _ tree: TemporaryTree, _ limits: CgroupFinder.Limits = .init()
) -> CgroupFinder {
  CgroupFinder(KernelPaths(procfs: tree.procfs, cgroupfs: "\(tree.path)/cgroup"), limits)
}

@Suite struct `A cgroup's number` {
  @Test(arguments: ["/", "/a.slice", "/a.slice/deep", "/b"])
  func `is the inode of its folder`(path: String) throws {
    let tree = try makeTree()
    var finder = finder(tree)
    #expect(finder.path(of: try number(tree.path + "/cgroup" + path), process: 42) == path)
    #expect(finder.path(of: try number(tree.path + "/cgroup" + path), process: 43) == path)
  }

  @Test func `is looked for beside version 1, too`() throws {
    let tree = try makeTree(root: "cgroup/unified")
    var finder = finder(tree)
    let deep = try number("\(tree.path)/cgroup/unified/a.slice/deep")
    #expect(finder.path(of: deep, process: 1) == "/a.slice/deep")
  }

  @Test func `is never taken from a process that has moved on`() throws {
    let tree = try makeTree()
    var finder = finder(tree)
    #expect(finder.path(of: try number("\(tree.path)/cgroup/b"), process: 42) == "/b")
  }

  @Test func `keeps its name when the cgroup is gone`() throws {
    let tree = try makeTree()
    var finder = finder(tree)
    let gone = try number("\(tree.path)/cgroup/b")
    #expect(finder.path(of: gone, process: 1) == "/b")
    tree.remove("cgroup/b")
    #expect(finder.path(of: gone, process: 1) == "/b")
  }

  @Test func `is nobody's where version 2 is not mounted, or no folder has it`() throws {
    let tree = try makeTree()
    tree.remove("cgroup/cgroup.controllers")
    var without = finder(tree)
    #expect(without.path(of: try number("\(tree.path)/cgroup/b"), process: 42) == nil)
    var other = finder(try makeTree())
    #expect(other.path(of: .max, process: 42) == nil)
  }

  @Test(arguments: [
    "0::/../b\n", "0::/..\n", "0::\n", "0::/a.slice/deep (deleted)\n", "", "\n\n:::",
    "0::/" + String(repeating: "x", count: 10_000) + "\n",
  ])
  func `is looked for without a process that says nothing of use`(text: String) throws {
    let tree = try makeTree()
    try tree.write("proc/42/cgroup", text)
    var finder = finder(tree)
    #expect(finder.path(of: try number("\(tree.path)/cgroup/b"), process: 42) == "/b")
  }

  @Test func `is one of all, unless these are too many`() throws {
    let tree = try makeTree()
    var all = finder(tree)
    let deep = try number("\(tree.path)/cgroup/a.slice/deep")
    #expect(all.all()?.count == 4)
    #expect(all.all()?.contains(deep) == true)
    var limits = CgroupFinder.Limits()
    limits.folders = 3
    var few = finder(tree, limits)
    #expect(few.all() == nil)
  }

  @Test func `is not looked for in more folders than allowed, nor again at once`() throws {
    let tree = try makeTree()
    var limits = CgroupFinder.Limits()
    limits.folders = 2
    var few = finder(tree, limits)
    #expect(few.path(of: try number("\(tree.path)/cgroup/a.slice"), process: 1) == "/a.slice")
    #expect(few.path(of: try number("\(tree.path)/cgroup/b"), process: 1) == nil)

    var patient = finder(tree)
    #expect(patient.path(of: .max, process: 1) == nil)
    try tree.write("cgroup/new/memory.stat", "")
    let new = try number("\(tree.path)/cgroup/new")
    #expect(patient.path(of: new, process: 1) == nil)
    limits = .init()
    limits.pause = .zero
    var eager = finder(tree, limits)
    #expect(eager.path(of: .max, process: 1) == nil)
    #expect(eager.path(of: new, process: 1) == "/new")
  }
}
