import Glibc
import System
import TestSupport
import Testing

@Suite struct `A file that is replaced` {
  /// In a container each run has the same number.
  @Test func `is replaced where one with our number was killed while it wrote`() throws {
    let tree = try TemporaryTree(["a.prom": "old", ".a.prom.\(getpid())": "torn, and longer"])
    try ReplacedFile.write(Array("new".utf8), to: "\(tree.path)/a.prom")
    #expect(try Files.list(tree.path) == ["a.prom"])
    #expect(try Files.text("\(tree.path)/a.prom") == "new")
  }
}
