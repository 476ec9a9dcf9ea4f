import MigrationReasons
import Testing

@Suite struct `A tracepoint's format` {
  @Test(arguments: [
    (Formats.upTo58, UInt32(400), UInt32(24), 7),
    (Formats.from67, 655, 56, 10),
    (Formats.from73, 655, 56, 11),
  ])
  func `tells the number, the fields and the names`(
    text: String, number: UInt32, modeOffset: UInt32, reasons: Int
  ) throws {
    let format = try TracepointFormat(parsing: text)
    #expect(format.number == number)
    #expect(
      format.fields.first == .init(name: "succeeded", offset: 8, size: 8, isSigned: false))
    #expect(
      format.field("mode") == .init(name: "mode", offset: modeOffset, size: 4, isSigned: false))
    #expect(format.field("reason")?.offset == modeOffset + 4)
    #expect(format.field("common_pid") == nil)
    #expect(
      format.symbols(of: "mode").map(\.name)
        == ["MIGRATE_ASYNC", "MIGRATE_SYNC_LIGHT", "MIGRATE_SYNC"])
    #expect(format.symbols(of: "reason").map(\.number) == Array(0..<reasons))
    #expect(format.symbols(of: "reason").first?.name == "compaction")
  }

  @Test func `tells a signed field from an unsigned one`() throws {
    let signed = try TracepointFormat(parsing: Formats.from67).field("reason")?.isSigned
    let unsigned = try TracepointFormat(parsing: Formats.from73).field("reason")?.isSigned
    #expect(signed == true)
    #expect(unsigned == false)
  }

  @Test(arguments: [
    ("", "no ID"),
    ("ID: x\n", "no ID"),
    ("ID: 4294967296\n", "no ID"),
    ("ID: 7\n\tfield:int a;\toffset:8;\n", "cannot read the field \"int a;\toffset:8;\""),
    (
      "ID: 7\n\tfield:int a;\toffset:-8;\tsize:4;\tsigned:1;\n",
      "cannot read the field \"int a;\toffset:-8;\tsize:4;\tsigned:1;\""
    ),
  ])
  func `is refused when it is not one`(text: String, problem: String) {
    #expect(throws: MalformedFormat(problem: problem)) { try TracepointFormat(parsing: text) }
  }

  @Test(arguments: [
    (#"__print_symbolic(REC->reason, {0, "a"}, {1, "b"})"#, [0, 1], ["a", "b"]),
    (#"__print_symbolic(REC->reason,{ 0x1f ,"a"},{1,"b"})"#, [1, 31], ["b", "a"]),
    // A kernel that left names unresolved, and texts cut short.
    (#"__print_symbolic(REC->reason, {MR_COMPACTION, "a"}, {1, "b"})"#, [1], ["b"]),
    (#"__print_symbolic(REC->reason, {0, "a"}, {1, "b"#, [0], ["a"]),
    (#"__print_symbolic(REC->reason, {0, "a"#, [], []),
    (#"__print_symbolic(REC->reason,"#, [], []),
    (#"__print_symbolic(REC->other, {0, "a"})"#, [], []),
    (#"REC->reason"#, [], []),
    ("", [], []),
  ])
  func `gives the names it can read`(print: String, numbers: [Int], names: [String]) throws {
    let format = try TracepointFormat(parsing: "ID: 1\nprint fmt: \"%s\", \(print)\n")
    #expect(format.symbols(of: "reason").map(\.number) == numbers)
    #expect(format.symbols(of: "reason").map(\.name) == names)
  }
}
