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

  @Test(arguments: [
    // As each kernel's BTF has NR_VM_EVENT_ITEMS, NR_VM_NODE_STAT_ITEMS and NR_VM_ZONE_STAT_ITEMS.
    ("debian-6.1-two-nodes", 108, 43, 11), ("debian-6.12-two-nodes", 112, 47, 12),
    ("debian-7.2-two-nodes", 108, 67, 12), ("firecracker-6.18-one-node", 119, 51, 11),
  ])
  func `have as many counters as lines`(
    fixture: String, events: Int, nodeStats: Int, zoneStats: Int
  ) throws {
    let arrays = try #require(VmstatArrays(names: names(fixture)))
    #expect(arrays.events == events)
    #expect(arrays.nodeStats == nodeStats)
    #expect(arrays.zoneStats == zoneStats)
    #expect(arrays.firstEvents.contains("pgalloc_normal"))
    #expect(!arrays.firstEvents.contains("pgpgout"))
  }

  @Test func `are read by whole lines of the cache, and the first always`() throws {
    let settings = try settings(
      for: ["pgmigrate_success", "pgmigrate_fail", "nr_free_pages", "no_such_counter"], cpus: 3)
    // 3 CPUs, 8 events and 8 from event 40 on; a stat of zones; then how many there are, and where.
    #expect(Array(settings.constants.prefix(6)) == [3, 8, 40, 8, 0, 1])
    #expect(Array(settings.constants.suffix(2)) == [192, 64])
    #expect(
      settings.ofCPUs == [.init(counter: 0, word: 13), .init(counter: 1, word: 14)])
    #expect(settings.ofNodes == [])
    #expect(settings.ofZones == [.init(counter: 2, word: 0)])
    #expect(settings.isThere == [true, true, true, false])
    #expect(settings.pagesMigrated == 13)
    #expect(settings.pagesFailed == 14)
  }

  @Test(arguments: [
    ([], 0..<8, 8..<8), ([3], 0..<8, 8..<8), ([8], 0..<8, 8..<16), ([8, 16], 0..<8, 8..<24),
    ([50], 0..<8, 48..<56), ([9, 50, 58, 90], 0..<16, 48..<96), ([9, 20, 99], 0..<24, 96..<100),
  ])
  func `are read in two ranges, with the widest gap between`(
    events: [Int], head: Range<Int>, body: Range<Int>
  ) {
    let ranges = EventRanges(of: events, count: 100)
    #expect(ranges.head == head)
    #expect(ranges.body == body)
    for event in events {
      let word = ranges.word(of: event)
      #expect((0..<ranges.words).contains(word))
      #expect((Array(ranges.head) + Array(ranges.body))[word] == event)
    }
  }

  @Test func `have no place for what the kernel was built without`() throws {
    let names = try names("debian-7.2-two-nodes").filter { !$0.hasPrefix("pgmigrate") }
    #expect(throws: ReasonsUnavailable.noCounter("pgmigrate_success")) {
      try settings(for: ["pswpin"], of: names)
    }
  }

  @Test func `must fit the program, and the kernel's own count`() throws {
    #expect(throws: ReasonsUnavailable.tooLarge("9000 CPUs")) {
      try settings(for: ["pgmigrate_success"], cpus: 9000)
    }
    let arrays = try #require(VmstatArrays(names: names("debian-7.2-two-nodes")))
    let variables = PerCPUVariables(runqueues: 0, vmEventStates: 0, events: arrays.events - 1)
    #expect(throws: ReasonsUnavailable.otherArray("vm_event_states")) {
      try PerCPUSettings(arrays, ["pgmigrate_success"], cpus: 1, variables)
    }
  }

  private func settings(
    for counters: [String], of lines: [String]? = nil, cpus: Int = 1
  ) throws -> PerCPUSettings {
    let lines = try lines ?? names("debian-7.2-two-nodes")
    let arrays = try #require(VmstatArrays(names: lines))
    return try PerCPUSettings(
      arrays, counters, cpus: cpus,
      PerCPUVariables(runqueues: 192, vmEventStates: 64, events: arrays.events))
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
