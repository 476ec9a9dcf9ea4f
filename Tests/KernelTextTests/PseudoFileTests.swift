import KernelText
import TestSupport
import Testing

@Suite struct `A file of the kernel` {
  @Test(arguments: [1, 2, 100, 4096, 16 << 10])
  func `is read to its end, whatever the buffer's size`(size: Int) throws {
    let lines = (1...4000).map { "field_\($0) \($0)\n" }.joined()
    let tree = try TemporaryTree(["vmstat": lines])
    var file = PseudoFile("\(tree.path)/vmstat")
    var buffer = [UInt8](repeating: 0, count: size)
    for _ in 1...2 {
      let count = try file.read(into: &buffer)
      #expect(String(decoding: buffer.prefix(count), as: UTF8.self) == lines)
    }
  }

  /// /proc/kallsyms has thousands of lines, of which each read(2) gives some.
  @Test(.needs(.kernelSymbols))
  func `is joined from the pieces that the kernel gives`() throws {
    // The middle of a file above the limit cannot be had; half a megabyte of it can.
    let command = try Command.run(["head", "-c", "500000", "/proc/kallsyms"])
    let tree = try TemporaryTree()
    try tree.write("kallsyms", command.output)
    var file = PseudoFile("\(tree.path)/kallsyms")
    var buffer = [UInt8](repeating: 0, count: 512)
    let count = try file.read(into: &buffer)
    #expect(Array(buffer.prefix(count)) == command.output)
  }

  @Test func `keeps its buffer from read to read`() throws {
    var file = PseudoFile("/proc/vmstat")
    var buffer = [UInt8](repeating: 0, count: 16 << 10)
    _ = try file.read(into: &buffer)
    let before = buffer.withUnsafeBytes { $0.baseAddress }
    for _ in 1...3 { _ = try file.read(into: &buffer) }
    #expect(buffer.withUnsafeBytes { $0.baseAddress } == before)
    #expect(buffer.count == 16 << 10)
  }

  @Test func `is read through the line of a name, wherever that stands`() throws {
    var file = PseudoFile("/proc/vmstat")
    var buffer = [UInt8](repeating: 0, count: 16 << 10)
    func names(_ count: Int) -> [String] {
      let text = String(decoding: buffer.prefix(count), as: UTF8.self)
      #expect(text.hasSuffix("\n"))
      return text.split(separator: "\n").map { String($0.prefix { $0 != " " }) }
    }
    let all = names(try file.read(into: &buffer))
    for (place, name) in all.enumerated() {
      let count = try file.read(into: &buffer, throughLine: Array(name.utf8))
      #expect(names(count) == Array(all[...place]))
    }
    for name in ["no_such_field", String(all[5].dropLast()), all[5] + "x"] {
      #expect(names(try file.read(into: &buffer, throughLine: Array(name.utf8))) == all)
    }
  }

  @Test func `is made anew by the kernel for each read`() throws {
    var file = PseudoFile("/proc/self/stat")
    var buffer = [UInt8](repeating: 0, count: 4096)
    func ticks() throws -> String {
      let count = try file.read(into: &buffer)
      return String(decoding: buffer.prefix(count), as: UTF8.self)
    }
    let first = try ticks()
    try waitUntil("the processor time of this process moves") { try ticks() != first }
  }

  @Test func `that is missing is named with the reason`() {
    #expect(failure("/nowhere/vmstat") == "cannot open /nowhere/vmstat: No such file or directory")
  }

  @Test func `may not be a folder`() throws {
    let tree = try TemporaryTree(["vmstat/file": ""])
    #expect(failure("\(tree.path)/vmstat") == "cannot read \(tree.path)/vmstat: Is a directory")
  }

  @Test(.timeLimit(.minutes(1)))
  func `that is a FIFO holds nobody up`() throws {
    let tree = try TemporaryTree()
    try tree.makeFIFO("vmstat")
    #expect(failure("\(tree.path)/vmstat") == "cannot read \(tree.path)/vmstat: not a regular file")
  }

  @Test func `above a mebibyte is refused, and a smaller one in its place is read`() throws {
    let tree = try TemporaryTree()
    try tree.write("vmstat", [UInt8](repeating: UInt8(ascii: "a"), count: 1 << 20 + 1))
    var file = PseudoFile("\(tree.path)/vmstat")
    var buffer = [UInt8](repeating: 0, count: 4096)
    for _ in 1...2 {
      #expect(throws: (any Error).self) { _ = try file.read(into: &buffer) }
    }
    #expect(buffer.count <= PseudoFile.sizeLimit)
    try tree.write("vmstat", "a 1\n")
    #expect(try file.read(into: &buffer) == 4)
  }

  @Test func `may vanish, be replaced and come back`() throws {
    let tree = try TemporaryTree(["vmstat": "a 1\n"])
    var file = PseudoFile("\(tree.path)/vmstat")
    var buffer = [UInt8](repeating: 0, count: 128)
    func text() throws -> String {
      let count = try file.read(into: &buffer)
      return String(decoding: buffer.prefix(count), as: UTF8.self)
    }
    #expect(try text() == "a 1\n")
    tree.remove("vmstat")
    #expect(throws: FileError.self) { _ = try text() }
    try tree.write("vmstat", "a 22\n")
    #expect(try text() == "a 22\n")
    try tree.write("vmstat", "a 3\n")
    #expect(try text() == "a 3\n")
  }

  /// As the vmstat of a NUMA node that was taken offline and brought back.
  @Test(.needs(.cgroup2))
  func `of a device that went and came back is the new one's`() throws {
    let folder =
      "\(try #require(CgroupMount.path))/page-migration-test-\(UInt32.random(in: 0...(.max)))"
    try Files.makeFolder(folder)
    defer { Files.removeFolder(folder) }
    var file = PseudoFile("\(folder)/cgroup.stat")
    var buffer = [UInt8](repeating: 0, count: 4096)
    #expect(try file.read(into: &buffer) > 0)
    Files.removeFolder(folder)
    #expect(throws: FileError.self) { _ = try file.read(into: &buffer) }
    try Files.makeFolder(folder)
    #expect(try file.read(into: &buffer) > 0)
    Files.removeFolder(folder)
    try Files.makeFolder(folder)
    #expect(try file.read(into: &buffer) > 0)
  }

  @Test func `leaves no descriptor open`() throws {
    let tree = try TemporaryTree(["vmstat": "a 1\n"])
    let path = "\(tree.path)/vmstat"
    try keepReading(path)
    #expect(try openFiles().filter { $0 == path } == [])
    #expect(try openFiles().filter { $0 == "/proc/version" } == [])
    do {
      var file = PseudoFile("/proc/version")
      var buffer = [UInt8](repeating: 0, count: 4096)
      _ = try file.read(into: &buffer)
      // On the kernel's own file systems it stays open while there is something to read it.
      #expect(try openFiles().filter { $0 == "/proc/version" } == ["/proc/version"])
    }
    #expect(try openFiles().filter { $0 == "/proc/version" } == [])
  }

  private func keepReading(_ path: String) throws {
    var file = PseudoFile(path)
    var buffer = [UInt8](repeating: 0, count: 128)
    for _ in 1...100 { _ = try file.read(into: &buffer) }
    #expect(try openFiles().filter { $0 == path } == [])
  }
}

private func failure(_ path: String) -> String? {
  var file = PseudoFile(path)
  var buffer = [UInt8](repeating: 0, count: 128)
  do throws(FileError) {
    _ = try file.read(into: &buffer)
    return nil
  } catch {
    return error.description
  }
}
