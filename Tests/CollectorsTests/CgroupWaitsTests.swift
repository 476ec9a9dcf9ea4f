import Collectors
import MigrationReasons
import Testing

private func place(_ cgroup: UInt64, _ nanoseconds: UInt64) -> CgroupWaits {
  var waits = CgroupWaits()
  waits.cgroup = cgroup
  waits.nanoseconds[0] = nanoseconds
  return waits
}

private let web = (path: Array("/web".utf8), number: UInt64(7) as UInt64?)
private let database = (path: Array("/db".utf8), number: UInt64(8) as UInt64?)

@Suite struct `Waits by cgroup` {
  private var table = CgroupWaitsTable()

  /// What each has waited: `/web` in the first row, then the others.
  private var seen: [UInt64?] { table.followed.map { $0.times.first } + [table.others[0]] }

  @Test mutating func `are those of the followed, and of all others together`() {
    table.add([place(0, 5), place(7, 10), place(9, 1)], [web, database])
    #expect(seen == [10, nil, 6])
    table.add([place(0, 5), place(7, 30), place(9, 2)], [web, database])
    #expect(seen == [30, nil, 7])
  }

  @Test mutating func `never fall when a cgroup is followed that was not`() {
    table.add([place(0, 0), place(7, 10), place(8, 100)], [web])
    #expect(seen == [10, 100])
    table.add([place(0, 0), place(7, 10), place(8, 150)], [web, database])
    #expect(seen == [10, 50, 100])
  }

  @Test mutating func `stay whole when a place changes hands`() {
    table.add([place(0, 0), place(9, 100)], [web])
    table.add([place(0, 0), place(0, 100)], [web])
    table.add([place(0, 0), place(7, 130)], [web])
    #expect(seen == [30, 100])
  }

  @Test mutating func `are added up where a cgroup has two places`() {
    table.add([place(0, 0), place(7, 1), place(7, 2)], [web])
    #expect(seen == [3, 0])
  }

  @Test mutating func `begin anew for a cgroup of the same name`() {
    table.add([place(0, 0), place(7, 10)], [web])
    table.add([place(0, 0), place(7, 10)], [])
    #expect(seen == [0])
    table.add([place(0, 0), place(7, 10), place(17, 4)], [(web.path, 17)])
    #expect(seen == [4, 0])
  }

  @Test mutating func `go to the others where the cgroup is gone before it is looked at`() {
    table.add([place(0, 0), place(7, 10)], [(web.path, nil)])
    #expect(seen == [nil, 10])
  }
}
