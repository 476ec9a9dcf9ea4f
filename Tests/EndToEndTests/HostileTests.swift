import TestSupport
import Testing

@Suite struct `A hostile machine` {
  @Test(arguments: Fixture.hostile)
  func `costs no more than the metrics of what is broken`(fixture: Fixture) throws {
    let tree = try fixture.wholeTree()
    let result = try Exporter.print(Exporter.flags(tree))
    #expect(result.status == .exit(0))
    let metrics = normalized(result.text)
    if Golden.isUpdating {
      let isShared = try metrics == Self.metricsOfBase.get()
      let owner = isShared ? Fixture.base : fixture
      try Golden.expect(metrics, equals: "\(owner.path)/metrics.txt")
      if isShared { Files.remove("\(fixture.path)/metrics.txt") }
    } else {
      try Golden.expect(metrics, equals: fixture.metricsPath)
    }
    let errors = result.errors.replacing(tree.path, with: "TREE")
    let name = try #require(fixture.name.split(separator: "/").last)
    try Golden.expect(errors, equals: Fixture.about, section: String(name))
    let about = try #require(Sections(of: Fixture.about)[String(name)]).remark

    // Whoever is named has success 0, and nobody else.
    let named = errors.split(separator: "\n").map { String($0.split(separator: " ")[2]) }
    #expect(named == collectors(in: result.text, withSuccess: 0))
    #expect(collectors(in: result.text, withSuccess: 0).count <= 1)
    #expect(collectors(in: result.text, withSuccess: 1).count >= 2)
    #expect(about.contains("which is no error") == errors.isEmpty)
  }

  @Test func `is logged once, scraped with 200, and logged again when it is well`() throws {
    let tree = try Fixture("hostile/one-field-line").wholeTree()
    let exporter = try ServingExporter(Exporter.flags(tree))
    for _ in 1...3 {
      let answer = try exporter.get("/metrics")
      #expect(answer.status == 200)
      #expect(collectors(in: answer.text, withSuccess: 0).contains("vmstat"))
      #expect(answer.text.contains("\npagemigration_numa_balancing_mode 1\n"))
      #expect(
        answer.text.contains("\npagemigration_node_pages_promoted_total{numa_node=\"0\"} 5\n"))
      #expect(!answer.text.contains("pagemigration_pages_migrated_total"))
    }
    let failures = try exporter.awaitedLog("collector=vmstat").filter { $0.contains("level=error") }
    #expect(failures.count == 1)
    #expect(
      failures.first?.hasSuffix(
        "level=error msg=\"collector failed\" collector=vmstat "
          + "err=\"\(tree.path)/proc/vmstat: line 2 has no value\"") == true)
    try tree.write("proc/vmstat", "pgmigrate_success 8\n")
    for _ in 1...2 {
      #expect(
        try exporter.get("/metrics").text.contains("\npagemigration_pages_migrated_total 8\n"))
    }
    #expect(
      try exporter.awaitedLog("msg=\"collector works again\" collector=vmstat").count == 1)
  }

  @Test func `may lose its vmstat between two scrapes and get it back`() throws {
    let tree = try Fixture("hostile/no-final-newline").wholeTree()
    try tree.write("proc/vmstat", "pgmigrate_success 7\n")
    let exporter = try ServingExporter(Exporter.flags(tree))
    #expect(collectors(in: try exporter.get("/metrics").text, withSuccess: 0) == [])
    tree.remove("proc/vmstat")
    let without = try exporter.get("/metrics")
    #expect(without.status == 200)
    #expect(collectors(in: without.text, withSuccess: 0).contains("vmstat"))
    #expect(
      try exporter.awaitedLog("cannot open \(tree.path)/proc/vmstat: No such file or directory")
        .count >= 1
    )
    try tree.write("proc/vmstat", "pgmigrate_success 9\n")
    #expect(try exporter.get("/metrics").text.contains("\npagemigration_pages_migrated_total 9\n"))
  }

  @Test func `may have a FIFO for a vmstat, which holds nobody up`() throws {
    let tree = try Fixture("hostile/missing-vmstat").wholeTree()
    try tree.makeFIFO("proc/vmstat")
    let result = try Exporter.print(Exporter.flags(tree))
    #expect(result.status == .exit(0))
    #expect(
      result.errors == """
        page-migration-exporter: collector vmstat failed: \
        cannot read \(tree.path)/proc/vmstat: not a regular file

        """)
    #expect(collectors(in: result.text, withSuccess: 1) == ["node", "settings"])
  }

  @Test func `may have a vmstat above a mebibyte`() throws {
    let tree = try Fixture("hostile/missing-vmstat").wholeTree()
    try tree.write("proc/vmstat", (1...80_000).map { "nr_field_\($0) 1\n" }.joined())
    let result = try Exporter.print(Exporter.flags(tree))
    #expect(
      result.errors == """
        page-migration-exporter: collector vmstat failed: \
        cannot read \(tree.path)/proc/vmstat: File too large

        """)
    #expect(collectors(in: result.text, withSuccess: 1) == ["node", "settings"])
  }

  /// Root may read what nobody may, so the program is run without that right.
  @Test(.needs(.root))
  func `may forbid to read its vmstat`() throws {
    let tree = try Fixture("hostile/no-final-newline").wholeTree()
    try tree.write("proc/vmstat", "pgmigrate_success 7\n")
    try tree.setMode("proc/vmstat", 0)
    let result = try Command.run(
      withoutFileRights + [Exporter.path, "print"] + Exporter.flags(tree))
    #expect(result.status == .exit(0))
    #expect(
      result.errors == """
        page-migration-exporter: collector vmstat failed: \
        cannot open \(tree.path)/proc/vmstat: Permission denied

        """)
    #expect(collectors(in: result.text, withSuccess: 1) == ["node", "settings"])
  }

  @Test(.needs(.root))
  func `may forbid to list its nodes`() throws {
    let tree = try Fixture("hostile/no-final-newline").wholeTree()
    try tree.write("proc/vmstat", "pgmigrate_success 7\n")
    try tree.setMode("sys/devices/system/node", 0)
    let result = try Command.run(
      withoutFileRights + [Exporter.path, "print"] + Exporter.flags(tree))
    #expect(
      result.errors == """
        page-migration-exporter: collector node failed: \
        cannot list \(tree.path)/sys/devices/system/node: Permission denied

        """)
    #expect(collectors(in: result.text, withSuccess: 1) == ["vmstat", "settings"])
  }

  @Test func `may have 1024 nodes`() throws {
    let tree = try Fixture("hostile/no-nodes").wholeTree()
    for node in 0..<1024 {
      try tree.write("sys/devices/system/node/node\(node)/vmstat", "pgpromote_success \(node)\n")
    }
    let exporter = try ServingExporter(Exporter.flags(tree))
    let answer = try exporter.get("/metrics")
    let lines = answer.text.split(separator: "\n")
    #expect(lines.filter { $0.hasPrefix("pagemigration_node_pages_promoted_total{") }.count == 1024)
    #expect(lines.contains("pagemigration_node_pages_promoted_total{numa_node=\"1023\"} 1023"))
    #expect(collectors(in: answer.text, withSuccess: 0) == [])
  }

  private static let metricsOfBase = Result {
    try normalized(Exporter.print(Exporter.flags(Fixture.base)).text)
  }

  private let withoutFileRights = [
    "setpriv", "--bounding-set", "-dac_override,-dac_read_search",
    "--inh-caps", "-dac_override,-dac_read_search",
  ]
}

/// The collectors whose success is so, in the order of the exposition.
func collectors(in exposition: String, withSuccess success: Int) -> [String] {
  let begin = "pagemigration_scrape_collector_success{collector=\""
  return exposition.split(separator: "\n")
    .filter { $0.hasPrefix(begin) && $0.hasSuffix(" \(success)") }
    .map { String($0.dropFirst(begin.count).prefix { $0 != "\"" }) }
}
