import Glibc
import System
import TestSupport
import Testing

@Suite struct `Closed files` {
  /// In a process of its own: what is closed stays closed.
  @Test(.needs(.root)) func `can be read and nothing else, but for what may be removed`() async {
    await #expect(processExitsWith: .success) {
      let tree = try TemporaryTree(["kept/file": "text", "free/file": "text"])
      // Some kernels have no Landlock; what is known then is that it says so.
      guard try closeFiles(removableIn: ["\(tree.path)/free"]) else { return }
      #expect(try Files.text("\(tree.path)/kept/file") == "text")
      #expect(throws: (any Error).self) { try tree.write("kept/file", "other") }
      #expect(throws: (any Error).self) { try tree.write("free/other", "") }
      for flags in [O_WRONLY, O_RDWR, O_WRONLY | O_CREAT, O_WRONLY | O_TRUNC] {
        #expect(open("\(tree.path)/kept/file", flags, 0o644) < 0 && errno == EACCES)
      }
      #expect(truncate("\(tree.path)/kept/file", 0) < 0)
      #expect(unlink("\(tree.path)/kept/file") < 0 && errno == EACCES)
      #expect(unlink("\(tree.path)/free/file") == 0)
      #expect(throws: (any Error).self) { try Command.run(["true"]) }
    }
  }
}
