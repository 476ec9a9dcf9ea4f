import KernelText
import System
import TestSupport
import Testing

@testable import MigrationReasons

@Suite struct `The arrays behind vmstat` {
  /// As `enum vm_event_item` of each kernel's BTF numbers them.
  @Test(arguments: [
    ("debian-5.10-two-nodes", 50), ("debian-6.1-two-nodes", 55), ("debian-6.12-two-nodes", 56),
    ("debian-7.2-two-nodes", 45), ("firecracker-6.18-one-node", 58),
  ])
  func `follow from the order of its lines`(fixture: String, migrated: Int) throws {
    let names = try names(fixture)
    let arrays = try #require(VmstatArrays(names: names))
    #expect(arrays["pgpgin"] == .event(0))
    #expect(arrays["pgmigrate_success"] == .event(migrated))
    #expect(arrays["pgmigrate_fail"] == .event(migrated + 1))
    #expect(arrays["nr_free_pages"] == .zone(0))
    #expect(arrays["nr_inactive_anon"] == .node(0))
    #expect(
      arrays["nr_isolated_anon"] == .node(names.line("nr_isolated_anon", from: "nr_inactive_anon")))
    #expect(arrays["numa_hit"] == nil)
    #expect(arrays["nr_dirty_threshold"] == nil)
    #expect(arrays["no_such_counter"] == nil)
  }

  @Test(arguments: [
    [], ["pgmigrate_success"],
    ["nr_free_pages", "pgpgin", "nr_inactive_anon", "nr_dirty_threshold"],
    ["pgpgin", "nr_free_pages", "nr_inactive_anon", "nr_dirty_threshold"],
  ])
  func `are not guessed where the lines are in another order`(names: [String]) {
    #expect(VmstatArrays(names: names) == nil)
  }

  @Test func `are read a line of the cache at a time, and the first always`() throws {
    let arrays = try #require(VmstatArrays(names: names("debian-7.2-two-nodes")))
    let settings = try PerCPUSettings(
      arrays, ["pgmigrate_success", "pgmigrate_fail", "nr_free_pages", "no_such_counter"], cpus: 3)
    // 3 CPUs, 2 lines, of which the second begins with event 40; then the words of both, a stat of zones.
    #expect(
      settings.constants == [3, 2, 0, 40] + Array(repeating: 0, count: 22) + [13, 14, 0, 1])
    #expect(settings.words == [13, 14, PerCPULayout.zone, nil])
  }

  @Test func `have no place for what the kernel was built without`() throws {
    let names = try names("debian-7.2-two-nodes").filter { !$0.hasPrefix("pgmigrate") }
    let arrays = try #require(VmstatArrays(names: names))
    #expect(throws: ReasonsUnavailable.noCounter("pgmigrate_success")) {
      try PerCPUSettings(arrays, ["pswpin"], cpus: 1)
    }
  }

  @Test func `must fit the program`() throws {
    let arrays = try #require(VmstatArrays(names: names("debian-7.2-two-nodes")))
    #expect(throws: ReasonsUnavailable.tooLarge("9000 CPUs")) {
      try PerCPUSettings(arrays, ["pgmigrate_success"], cpus: 9000)
    }
  }

  private func names(_ fixture: String) throws -> [String] {
    try Fixture(fixture).text("proc/vmstat").split(separator: "\n").map {
      String($0.prefix { $0 != " " })
    }
  }
}

extension [String] {
  fileprivate func line(_ name: String, from first: String) -> Int {
    firstIndex(of: name)! - firstIndex(of: first)!
  }
}
