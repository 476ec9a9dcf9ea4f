import KernelText
import TestSupport
import Testing

@Suite struct `A file read by lines` {
  @Test(arguments: [
    ("", []),
    ("a\n", ["a"]),
    ("\n\na\n", ["", "", "a"]),
  ])
  func `gives each line`(text: String, expected: [String]) throws {
    #expect(try lines(text) == expected)
  }

  @Test(arguments: [("b", 1), ("a\nb", 2), ("a\n\nN0=1", 3)])
  func `is cut where its last line has no newline`(text: String, line: Int) throws {
    let tree = try TemporaryTree(["maps": text])
    let reason = "line \(line) has no newline: the text was cut"
    #expect(throws: MalformedFile("\(tree.path)/maps", reason)) {
      try LineFile.forEachLine(of: "\(tree.path)/maps") { _ in }
    }
  }

  @Test func `is read up to a limit, which an endless one passes`() throws {
    let tree = try TemporaryTree(["maps": "123\n567\n"])
    let path = "\(tree.path)/maps"
    try LineFile.forEachLine(of: path, sizeLimit: 8) { _ in }
    #expect(throws: FileError(.read, path, 27)) {
      try LineFile.forEachLine(of: path, sizeLimit: 7) { _ in }
    }
    #expect(throws: MalformedFile("/dev/zero", "line 1 is longer than 65536 bytes")) {
      try LineFile.forEachLine(of: "/dev/zero") { _ in }
    }
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
