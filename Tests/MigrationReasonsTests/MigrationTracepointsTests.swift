import MigrationReasons
import TestSupport
import Testing

@Suite struct `The migration tracepoints` {
  @Test(arguments: [
    (Formats.upTo58, false, MigrationTracepoints.Attachment.raw, "end_raw_2", nil),
    (Formats.from67, true, .raw, "end_raw_6", "start_raw"),
    (Formats.from73, true, .raw, "end_raw_6", "start_raw"),
    // A field no kernel has had yet: by offset, whatever the arguments are.
    (
      Formats.from67.replacing("large_folio_split", with: "folio_split"), true, .classic,
      "end_classic", "start_classic"
    ),
    (
      Formats.from67.replacing("large_folio_split", with: "folio_split"), false, .classic,
      "end_classic", nil
    ),
  ])
  func `choose the programs that fit`(
    end: String, hasStart: Bool, attachment: MigrationTracepoints.Attachment, endProgram: String,
    startProgram: String?
  ) throws {
    let tracepoints = try tracepoints(end, hasStart ? Formats.start : nil)
    #expect(tracepoints.programs.attachment == attachment)
    #expect(tracepoints.programs.end == endProgram)
    #expect(tracepoints.programs.start == startProgram)
  }

  /// As captured from the kernels themselves.
  @Test(arguments: [
    ("debian-5.10-two-nodes", "end_raw_5", false, 7, "contig_range"),
    ("debian-6.1-two-nodes", "end_raw_5", true, 9, "demotion"),
    ("debian-6.12-two-nodes", "end_raw_6", true, 10, "damon"),
    ("firecracker-6.18-one-node", "end_raw_6", true, 10, "damon"),
    ("debian-7.2-two-nodes", "end_raw_6", true, 10, "damon"),
  ])
  func `of real kernels are all understood`(
    machine: String, endProgram: String, hasStart: Bool, reasons: Int, lastReason: String
  ) throws {
    let tracepoints = try Tracefs("\(Fixture(machine).path)/tracing").migrationTracepoints()
    #expect(tracepoints.programs.attachment == .raw)
    #expect(tracepoints.programs.end == endProgram)
    #expect((tracepoints.start != nil) == hasStart)
    #expect(tracepoints.reasons.map(\.number) == Array(0..<reasons))
    #expect(tracepoints.reasons.last?.name == lastReason)
    #expect(
      tracepoints.modes.map(\.name) == ["MIGRATE_ASYNC", "MIGRATE_SYNC_LIGHT", "MIGRATE_SYNC"])
    #expect(tracepoints.hasTHP)
    #expect(tracepoints.hasFoliosSplit == (endProgram == "end_raw_6"))
  }

  @Test func `of 5.8 have neither THPs nor split folios`() throws {
    let tracepoints = try tracepoints(Formats.upTo58, nil)
    #expect(!tracepoints.hasTHP)
    #expect(!tracepoints.hasFoliosSplit)
  }

  @Test func `are looked for where tracefs should be`() {
    #expect(throws: ReasonsUnavailable.noTracefs(path: "/nowhere")) {
      try Tracefs("/nowhere").migrationTracepoints()
    }
  }

  @Test func `do without a start that tells nothing`() throws {
    let bare = Formats.start.replacing(" mode;", with: " manner;")
    #expect(try tracepoints(Formats.from67, bare).start == nil)
  }

  @Test(arguments: [
    (Formats.from67.replacing(" reason;", with: " cause;"), "no field reason"),
    (
      Formats.from67.replacing("offset:60;\tsize:4", with: "offset:60;\tsize:2"),
      "field reason has 2 bytes, not 4 or 8"
    ),
  ])
  func `are refused without what is needed`(end: String, problem: String) {
    #expect(throws: MalformedFormat(problem: problem)) { try tracepoints(end, nil) }
  }

  private func tracepoints(_ end: String, _ start: String?) throws -> MigrationTracepoints {
    try MigrationTracepoints(
      end: TracepointFormat(parsing: end), start: start.map { try TracepointFormat(parsing: $0) })
  }
}
