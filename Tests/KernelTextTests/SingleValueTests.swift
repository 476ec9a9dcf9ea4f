import KernelText
import TestSupport
import Testing

@Suite struct `A single value` {
  @Test(
    arguments: [
      ("0\n", 0), ("20", 20), ("18446744073709551615\n", .max), ("007\n", 7),
    ] as [(String, UInt64)])
  func `may be a number`(text: String, number: UInt64) {
    #expect(value(text, SingleValue.number) == number)
  }

  @Test(arguments: [
    "", "\n", "-1\n", "1.5\n", "1 2\n", "18446744073709551616\n", "one\n", "1\n2\n",
  ])
  func `is no number`(text: String) {
    #expect(value(text, SingleValue.number) == nil)
  }

  @Test(arguments: [
    ("true\n", true), ("false\n", false), ("1\n", true), ("0\n", false), ("yes\n", nil),
    ("True\n", nil), ("\n", nil), ("2\n", nil),
  ])
  func `may be a switch`(text: String, flag: Bool?) {
    #expect(value(text, SingleValue.flag) == flag)
  }

  @Test(arguments: [
    ("always [madvise] never\n", "madvise"),
    ("[always] madvise never", "always"),
    ("always madvise [never]\n", "never"),
    ("always madvise never\n", nil),
    ("[always] [madvise] never\n", nil),
    ("\n", nil),
  ])
  func `may be a choice`(text: String, chosen: String?) {
    #expect(value(text) { SingleValue.choice($0)?.chosen } == chosen)
  }
}

@Suite struct `A file of a single value` {
  @Test func `has none where the kernel has no such file`() throws {
    let tree = try TemporaryTree(["there": "1\n"])
    #expect(try read("\(tree.path)/absent") == nil)
    #expect(try read("\(tree.path)/absent/deeper") == nil)
    #expect(try read("\(tree.path)/there/deeper") == nil)
    #expect(try read("\(tree.path)/there") == 1)
  }

  @Test(arguments: [
    ("x\n", "line 1 is not understood: 'x'"),
    ("", "line 1 is not understood: ''"),
    ("\u{1b}[31m", "line 1 is not understood: '?[31m'"),
    (
      String(repeating: "9", count: 300),
      "line 1 is not understood: '\(String(repeating: "9", count: 40))'"
    ),
  ])
  func `quotes what is not understood, and no more than 40 bytes`(
    text: String, reason: String
  ) throws {
    let tree = try TemporaryTree(["value": text])
    #expect(throws: MalformedFile("\(tree.path)/value", reason)) {
      try read("\(tree.path)/value")
    }
  }

  private func read(_ path: String) throws -> UInt64? {
    var file = SingleValueFile(path)
    var buffer = [UInt8](repeating: 0, count: 128)
    return try file.read(using: &buffer, SingleValue.number)
  }
}

private func value<Value>(_ text: String, _ parse: (Span<UInt8>) -> Value?) -> Value? {
  let bytes = Array(text.utf8)
  return parse(bytes.span)
}
