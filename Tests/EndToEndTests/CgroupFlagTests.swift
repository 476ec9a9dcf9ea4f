import TestSupport
import Testing

@Suite struct `--collector.cgroup` {
  private let machine = Fixture("debian-6.12-two-tiers")

  @Test func `is off unless it is asked for`() throws {
    let off = try Exporter.print(Exporter.flags(machine) + [cgroupfs])
    #expect(!off.text.contains("cgroup"))
    let on = try Exporter.print(Exporter.flags(machine) + [cgroupfs, "--collector.cgroup"])
    #expect(on.text.contains(try machine.text("metrics.cgroup.txt")))
    #expect(on.text.contains(#"pagemigration_scrape_collector_success{collector="cgroup"} 1"#))
    #expect(on.errors == "")
  }

  @Test func `takes a maximum, a depth and patterns`() throws {
    #expect(try cgroups("--collector.cgroup.max=2") == ["/", "/a"])
    #expect(try cgroups("--collector.cgroup.depth=1") == ["/", "/a", "/idle"])
    #expect(try cgroups("--collector.cgroup.allow=/a/**") == ["/a", "/a/b"])
    #expect(
      try cgroups("--collector.cgroup.allow=/a", "--collector.cgroup.allow=/idle")
        == ["/a", "/idle"])
    #expect(try cgroups("--collector.cgroup.deny=/*") == ["/", "/a/b"])
    #expect(
      try cgroups("--collector.cgroup.allow=/**", "--collector.cgroup.deny=/i*")
        == ["/", "/a", "/a/b"])
  }

  @Test func `warns of cgroups that are left out`() throws {
    let result = try Exporter.print(
      Exporter.flags(machine) + [cgroupfs, "--collector.cgroup", "--collector.cgroup.max=3"])
    #expect(
      result.errors
        == "page-migration-exporter: 1 cgroups are left out: beyond --collector.cgroup.max=3, or with a name that is not UTF-8\n"
    )
    #expect(result.text.contains("pagemigration_cgroups_left_out 1\n"))
    #expect(result.text.contains(#"pagemigration_scrape_collector_success{collector="cgroup"} 1"#))
  }

  @Test(arguments: [
    ("--collector.cgroup.max=0", "--collector.cgroup.max must be from 1 to 10000, not 0"),
    ("--collector.cgroup.max=10001", "--collector.cgroup.max must be from 1 to 10000, not 10001"),
    ("--collector.cgroup.depth=65", "--collector.cgroup.depth must be from 0 to 64, not 65"),
    ("--collector.cgroup.depth=-1", "--collector.cgroup.depth must be from 0 to 64, not -1"),
    (
      "--collector.cgroup.allow=a/**",
      "The value 'a/**' is invalid for '--collector.cgroup.allow <pattern>': a cgroup's path begins with /"
    ),
    (
      "--collector.cgroup.deny=/a**",
      "The value '/a**' is invalid for '--collector.cgroup.deny <pattern>': ** must be a whole name, as in /a/**"
    ),
  ])
  func `refuses what it cannot follow`(flag: String, reason: String) throws {
    let result = try Exporter.run("print", "--collector.cgroup", flag)
    #expect(result.status == .exit(64))
    #expect(result.errors == "page-migration-exporter: \(reason) (see --help)\n")
  }

  @Test func `takes at most 64 patterns`() throws {
    let flags = [String](repeating: "--collector.cgroup.deny=/a", count: 65)
    let result = try Exporter.print(flags)
    #expect(result.status == .exit(64))
    #expect(result.errors.contains("--collector.cgroup.deny may be given 64 times at most"))
    #expect(try Exporter.print(Array(flags.dropLast())).status == .exit(0))
  }

  @Test func `says why there is nothing where cgroup version 1 rules`() throws {
    let tree = try TemporaryTree(["memory/memory.stat": "cache 0\n"])
    let result = try Exporter.print(
      Exporter.flags(machine) + ["--collector.cgroup", "--path.cgroupfs=\(tree.path)"])
    #expect(
      result.errors
        == "page-migration-exporter: collector cgroup failed: \(tree.path) is not a cgroup version 2 hierarchy: it has no cgroup.controllers\n"
    )
    #expect(!result.text.contains("pagemigration_cgroup"))
    #expect(result.text.contains(#"pagemigration_scrape_collector_success{collector="cgroup"} 0"#))
    #expect(result.text.contains("pagemigration_pages_migrated_total "))
    #expect(result.status == .exit(0))
  }

  private var cgroupfs: String { "--path.cgroupfs=\(machine.path)/cgroup" }

  private func cgroups(_ flags: String...) throws -> [String] {
    let result = try Exporter.print(
      Exporter.flags(machine) + [cgroupfs, "--collector.cgroup"] + flags)
    return result.text.split(separator: "\n").filter { $0.contains("_pte_updates_total{cgroup=") }
      .map { String($0.split(separator: "\"")[1]) }
  }
}
