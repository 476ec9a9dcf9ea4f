import MigrationReasons
import Testing

@Suite struct `The migration tracepoints` {
  @Test(arguments: [
    (Formats.linux5_8, false, MigrationTracepoints.Attachment.raw, "end_raw_2", nil),
    (Formats.linux5_10, false, .raw, "end_raw_5", nil),
    (Formats.linux6_1, true, .raw, "end_raw_5", "start_raw"),
    (Formats.linux6_12, true, .raw, "end_raw_6", "start_raw"),
    (Formats.linux7_3, true, .raw, "end_raw_6", "start_raw"),
    // A field no kernel has had yet: by offset, whatever the arguments are.
    (
      Formats.linux6_12.replacing("large_folio_split", with: "folio_split"), true, .classic,
      "end_classic", "start_classic"
    ),
    (
      Formats.linux6_12.replacing("large_folio_split", with: "folio_split"), false, .classic,
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

  @Test(arguments: [
    (Formats.linux5_8, false, false),
    (Formats.linux5_10, true, false),
    (Formats.linux6_12, true, true),
  ])
  func `say what the kernel counts`(end: String, hasTHP: Bool, hasFoliosSplit: Bool) throws {
    let tracepoints = try tracepoints(end, nil)
    #expect(tracepoints.hasTHP == hasTHP)
    #expect(tracepoints.hasFoliosSplit == hasFoliosSplit)
  }

  @Test func `do without a start that tells nothing`() throws {
    let bare = Formats.start.replacing(" mode;", with: " manner;")
    #expect(try tracepoints(Formats.linux6_12, bare).start == nil)
  }

  @Test(arguments: [
    (Formats.linux6_12.replacing(" reason;", with: " cause;"), "no field reason"),
    (
      Formats.linux6_12.replacing("offset:60;\tsize:4", with: "offset:60;\tsize:2"),
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
