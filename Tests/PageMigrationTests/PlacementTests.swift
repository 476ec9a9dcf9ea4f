import KernelText
import PageMigration
import TestSupport
import Testing

@Suite struct `The placement of a process` {
  @Test func `is in bytes by kind and node`() throws {
    let process = try process(numaMaps: numaMaps, smaps: smaps, mounts: mounts)
    #expect(
      rows(process.placement) == [
        "anon 4096: N0=8192 N1=4194304, 2097152 in THPs",
        "heap 4096: N0=40960, 0 in THPs",
        "stack 4096: N1=16384, 0 in THPs",
        "file 4096: N0=1228800, 0 in THPs",
        "shmem 4096: N0=8192 N1=4198400, 4194304 in THPs",
        "hugetlb 2097152: N0=2097152 N1=4194304, 0 in THPs",
        "hugetlb 1073741824: N1=1073741824, 0 in THPs",
      ])
    #expect(process.placement.nodes == [0, 1])
    #expect(process.command == "postgres")
    #expect(process.smapsProblem == nil)
  }

  @Test func `knows neither THPs nor shared memory without smaps, and says so`() throws {
    let process = try process(numaMaps: numaMaps)
    #expect(
      rows(process.placement) == [
        "anon 4096: N0=8192 N1=4194304",
        "heap 4096: N0=40960",
        "stack 4096: N1=16384",
        "file 4096: N0=1236992 N1=4198400",
        "hugetlb 2097152: N0=2097152 N1=4194304, 0 in THPs",
        "hugetlb 1073741824: N1=1073741824, 0 in THPs",
      ])
    #expect("\(process.smapsProblem!)".hasSuffix("mountinfo: No such file or directory"))
  }

  @Test func `has all kinds where the process has no page at all`() throws {
    let process = try process(numaMaps: "1000 default\n", smaps: "", mounts: "")
    #expect(process.placement.rows.map(\.kind) == [.anon, .heap, .stack, .file, .shmem])
    #expect(process.placement.rows.allSatisfy { $0.bytes == 0 && $0.pageSize == 4096 })
    #expect(process.placement.nodes == [])
  }

  @Test(
    arguments: [
      ("1000 default\n", "9 (a) Z 1 9 9 0 -1 4228108 0", .zombie),
      ("", "9 (a) S 1 9 9 0 -1 2129984 0", .kernelThread),
      ("", "9 (a) S 1 9 9 0 -1 4194560 0", .noMemory),
      (nil, "9 (a) S 1 9 9 0 -1 4194560 0", .noNUMA),
    ] as [(String?, String, PlacementFailure)])
  func `is refused with the reason`(
    numaMaps: String?, stat: String, failure: PlacementFailure
  ) throws {
    let tree = try TemporaryTree(["9/comm": "a\n", "9/stat": stat])
    if let numaMaps { try tree.write("9/numa_maps", numaMaps) }
    #expect(throws: failure) { try PlacementReader(procfs: tree.path).read(9) }
    #expect(throws: PlacementFailure.noSuchProcess) {
      try PlacementReader(procfs: tree.path).read(10)
    }
  }

  @Test func `names the line that is malformed`() throws {
    let tree = try TemporaryTree(["9/comm": "a\n", "9/numa_maps": "1000 default\nx\n"])
    #expect(
      throws: MalformedFile("\(tree.path)/9/numa_maps", "line 2 does not begin with an address")
    ) { try PlacementReader(procfs: tree.path).read(9) }
  }

  /// What the workload of the guests put where: Tests/Guests/workload/placed.c.
  @Test(arguments: Fixture.machines.filter { $0.name.hasPrefix("debian") })
  func `of a captured process is what it asked for`(machine: Fixture) throws {
    let pid = try #require(try Files.list(machine.procfs).compactMap { Int($0) }.first)
    let placement = try PlacementReader(procfs: machine.procfs).read(pid).placement
    #expect(placement.nodes == [0, 1])
    for node in 0...1 {
      let anon = try #require(placement.rows.first { $0.kind == .anon }?.bytesOnNode[node])
      // 1024 base pages in two THPs on each node; 100 pages on node 0 and 200 on node 1.
      #expect(anon >= 4096 * (1024 + (node == 0 ? 100 : 200)))
      let hugetlb = placement.rows.first { $0.kind == .hugetlb }
      #expect(hugetlb?.pageSize == 2 << 20)
      #expect(hugetlb?.bytesOnNode[node] == 2 << 20)
    }
    let text = try machine.text("proc/\(pid)/numa_maps")
    #expect(placement.rows.reduce(0) { $0 + $1.bytes } == sum(text))
  }

  /// A cut number would be a shorter one: N0=1 of N0=12.
  @Test(arguments: Fixture.machines.filter { $0.name.hasPrefix("debian") })
  func `of a file that is cut within a line is refused`(machine: Fixture) throws {
    let pid = try #require(try Files.list(machine.procfs).compactMap { Int($0) }.first)
    let whole = try Files.read("\(machine.procfs)/\(pid)/numa_maps")
    let tree = try TemporaryTree(["7/comm": "a\n"])
    let path = "\(tree.path)/7/numa_maps"
    for end in 1..<whole.count where whole[end - 1] != UInt8(ascii: "\n") {
      try Files.write(path, whole[..<end])
      let line = whole[..<end].count { $0 == UInt8(ascii: "\n") } + 1
      #expect(throws: MalformedFile(path, "line \(line) has no newline: the text was cut")) {
        try PlacementReader(procfs: tree.path).read(7)
      }
    }
  }

  @Test func `has no THPs where smaps is cut within a line, and says so`() throws {
    let whole = smaps.dropLast()
    for count in 1..<whole.utf8.count where !whole.prefix(count).hasSuffix("\n") {
      let process = try process(
        numaMaps: numaMaps, smaps: String(whole.prefix(count)), mounts: mounts)
      #expect("\(process.smapsProblem!)".hasSuffix(" has no newline: the text was cut"))
      #expect(process.placement.rows.allSatisfy { $0.kind == .hugetlb || $0.thpBytes == nil })
    }
  }

  @Test func `of this very process is the one that numa_maps tells`() throws {
    guard Files.exists("/proc/self/numa_maps") else { return }
    let link = try Command.run(["sh", "-c", "echo $PPID"])
    let pid = try #require(Int(link.text.dropLast()))
    let process = try PlacementReader(procfs: "/proc").read(pid)
    #expect(process.smapsProblem == nil)
    #expect(process.placement.rows.reduce(0) { $0 + $1.bytes } > 1 << 20)
    #expect(process.placement.rows.first { $0.kind == .stack }!.bytes > 0)
  }

  /// The same sum in other words: pages times page size, line by line.
  private func sum(_ numaMaps: String) -> UInt64 {
    numaMaps.split(separator: "\n").reduce(0) { total, line in
      let words = line.split(separator: " ")
      let size = words.last?.split(separator: "=").last.flatMap { UInt64($0) } ?? 0
      let pages = words.filter { $0.hasPrefix("N0=") || $0.hasPrefix("N1=") }
        .compactMap { UInt64($0.dropFirst(3)) }.reduce(0, +)
      return total + (pages > 0 ? pages * size * 1024 : 0)
    }
  }

  private func rows(_ placement: Placement) -> [String] {
    placement.rows.map { row in
      let nodes = row.bytesOnNode.sorted { $0.key < $1.key }.map { "N\($0.key)=\($0.value)" }
      return "\(row.kind) \(row.pageSize): \(nodes.joined(separator: " "))"
        + (row.thpBytes.map { ", \($0) in THPs" } ?? "")
    }
  }

  private func process(
    numaMaps: String, smaps: String? = nil, mounts: String? = nil
  ) throws -> PlacementReader.Process {
    let tree = try TemporaryTree(["7/comm": "postgres\n", "7/numa_maps": numaMaps])
    if let smaps { try tree.write("7/smaps", smaps) }
    if let mounts { try tree.write("7/mountinfo", mounts) }
    return try PlacementReader(procfs: tree.path).read(7)
  }
}

private let numaMaps = """
  00400000 default file=/usr/bin/postgres mapped=300 N0=300 kernelpagesize_kB=4
  00a00000 default heap anon=10 dirty=10 N0=10 kernelpagesize_kB=4
  7f0000000000 default anon=1026 dirty=1026 N0=2 N1=1024 kernelpagesize_kB=4
  7f1000000000 default file=/dev/shm/buffers dirty=1024 N1=1024 kernelpagesize_kB=4
  7f1100000000 default file=/memfd:x\\040(deleted) dirty=1 N0=1 kernelpagesize_kB=4
  7f1200000000 default file=/SYSV00000000\\040(deleted) dirty=1 N0=1 kernelpagesize_kB=4
  7f1300000000 default file=/dev/zero\\040(deleted) dirty=1 N1=1 kernelpagesize_kB=4
  7f2000000000 default file=/mnt/huge/1g huge dirty=1 N1=1 kernelpagesize_kB=1048576
  7f3000000000 default file=/anon_hugepage\\040(deleted) huge anon=3 N0=1 N1=2 kernelpagesize_kB=2048
  7ffc00000000 default stack anon=4 dirty=4 N1=4 kernelpagesize_kB=4
  7ffc00100000 default

  """

private let smaps = """
  00400000-00600000 r-xp 00000000 fe:01 77                         /usr/bin/postgres
  Rss:                1200 kB
  AnonHugePages:         0 kB
  FilePmdMapped:         0 kB
  00a00000-00b00000 rw-p 00000000 00:00 0                          [heap]
  AnonHugePages:         0 kB
  7f0000000000-7f0000800000 rw-p 00000000 00:00 0 
  AnonHugePages:      2048 kB
  ShmemPmdMapped:        0 kB
  7f1000000000-7f1000400000 rw-s 00000000 00:17 5                  /dev/shm/buffers
  AnonHugePages:         0 kB
  ShmemPmdMapped:     4096 kB
  7f1100000000-7f1100001000 rw-s 00000000 00:01 6                  /memfd:x (deleted)
  7f1200000000-7f1200001000 rw-s 00000000 00:01 7                  /SYSV00000000 (deleted)
  7f1300000000-7f1300001000 rw-s 00000000 00:01 8                  /dev/zero (deleted)
  7f2000000000-7f2040000000 rw-s 00000000 00:2a 9                  /mnt/huge/1g
  7f3000000000-7f3000600000 rw-p 00000000 00:0f 9                  /anon_hugepage (deleted)
  7ffc00000000-7ffc00021000 rw-p 00000000 00:00 0                  [stack]
  VmFlags: rd wr mr mw me gd ac 

  """

private let mounts = """
  27 1 254:1 / / rw,relatime - ext4 /dev/vda rw
  25 27 0:23 / /dev/shm rw,relatime shared:3 - tmpfs tmpfs rw

  """
