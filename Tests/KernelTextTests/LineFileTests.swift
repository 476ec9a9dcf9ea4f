import KernelText
import TestSupport
import Testing

@Suite struct `A file read by lines` {
  @Test(arguments: [
    ("", []),
    ("a\n", ["a"]),
    ("a\nb", ["a", "b"]),
    ("\n\na\n", ["", "", "a"]),
  ])
  func `gives each line`(text: String, expected: [String]) throws {
    #expect(try lines(text) == expected)
  }

  @Test func `may be larger than the buffer`() throws {
    let expected = (0..<9000).map { "line \($0) " + String(repeating: "x", count: $0 % 97) }
    #expect(try lines(expected.map { $0 + "\n" }.joined()) == expected)
  }

  @Test func `has lines of up to 64 KiB, the newline among them`() throws {
    let longest = String(repeating: "x", count: LineFile.lineLimit - 1)
    #expect(try lines("a\n\(longest)\nb\n") == ["a", longest, "b"])
    let tree = try TemporaryTree(["maps": "a\n\(longest)xy\nb\n"])
    #expect(throws: MalformedFile("\(tree.path)/maps", "line 2 is longer than 65536 bytes")) {
      try LineFile.forEachLine(of: "\(tree.path)/maps") { _ in }
    }
  }

  @Test func `names the line that is refused`() throws {
    let tree = try TemporaryTree(["maps": "1\n2\n3\n"])
    #expect(throws: MalformedFile("\(tree.path)/maps", "line 2 has no value")) {
      try LineFile.forEachLine(of: "\(tree.path)/maps") { line throws(MalformedLine.Problem) in
        if line[0] == UInt8(ascii: "2") { throw .noValue }
      }
    }
  }

  @Test func `is named where it is missing`() {
    #expect(throws: FileError(.open, "/nowhere", 2)) {
      try LineFile.forEachLine(of: "/nowhere") { _ in }
    }
  }

  private func lines(_ text: String) throws -> [String] {
    let tree = try TemporaryTree(["maps": text])
    var lines: [String] = []
    try LineFile.forEachLine(of: "\(tree.path)/maps") {
      lines.append(String(decoding: [UInt8](copying: $0), as: UTF8.self))
    }
    return lines
  }
}
