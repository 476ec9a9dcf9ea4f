import Glibc
import TestSupport
import Testing

/// An exporter that has more to do than it can, or less memory than it would like.
@Suite(.serialized) struct `Under load` {
  /// 5 000 cgroups take a good part of a second; sixteen want them at once, again and again.
  @Test(.timeLimit(.minutes(5)))
  func `health is answered at once while sixteen scrape five thousand cgroups`() throws {
    let tree = try TemporaryTree(copyOf: Fixture("debian-6.12-two-tiers").path)
    let stat = try tree.read("cgroup/a/memory.stat")
    for number in 0..<5000 { try tree.write("cgroup/c\(number)/memory.stat", stat) }
    let exporter = try ServingExporter(
      Exporter.flags(tree) + [
        "--collector.cgroup", "--collector.cgroup.max=10000",
        "--path.cgroupfs=\(tree.path)/cgroup",
      ])
    let health = try HTTPConnection(exporter.address)
    let scraping = Thread {
      try? concurrently(16) { _ in
        let connection = try HTTPConnection(exporter.address)
        for _ in 1...3 { #expect(try connection.get("/metrics").status == 200) }
      }
    }
    var times: [Duration] = []
    for _ in 1...60 {
      let begin = ContinuousClock.now
      #expect(try health.get("/-/healthy").text == "healthy\n")
      times.append(.now - begin)
      pause(milliseconds: 25)
    }
    scraping.join()
    times.sort()
    print(
      "health beside 16 scrapes of 5000 cgroups: \(times[30]) in the middle, \(times[59]) at most")
    // The tests beside this one take the processor, too: now and then it is theirs for a while.
    #expect(times[30] < .milliseconds(50))
    let whole = try exporter.get("/metrics").text
    #expect(whole.split(separator: "\n").filter { $0.contains("cgroup=\"/c") }.count > 5000)
  }

  @Test func `what only the start needed is given back, and nothing that is needed`() throws {
    let exporter = try ServingExporter()
    func mappedFiles() throws -> Int {
      let status = try Files.text("/proc/\(exporter.process.pid)/status")
      return Int(try #require(status.firstMatch(of: /RssFile:\s+(\d+) kB/)).1)!
    }
    #expect(try exporter.get("/metrics").status == 200)
    let atStart = try mappedFiles()
    try waitUntil("the memory of the start is given back", limitSeconds: 40) {
      try mappedFiles() < atStart / 2
    }
    #expect(try exporter.get("/metrics").status == 200)
    #expect(try mappedFiles() < atStart / 4 * 3)
    #expect(try exporter.stop() == .exit(0))
  }

  @Test(.needs(.memoryLimit), .timeLimit(.minutes(5)))
  func `32 MB of memory are enough`() throws {
    let group = try MemoryGroup(limitMegabytes: 32)
    let exporter = try ServingExporter(
      wrapper: ["sh", "-c", "echo $$ > \(group.path)/cgroup.procs && exec \"$@\"", "sh"])
    // They ask for much and read nothing; with those below, no more than are answered at once.
    let readers = try (1...30).map { _ in try HTTPConnection(exporter.address) }
    for reader in readers {
      for _ in 1...20 { try reader.send("GET /metrics HTTP/1.1\r\nHost: test\r\n\r\n") }
    }
    try concurrently(8) { number in
      let connection = try HTTPConnection(exporter.address)
      let headers = number % 2 == 0 ? ["Accept-Encoding: gzip"] : []
      for _ in 1...100 { #expect(try connection.get("/metrics", headers).status == 200) }
      #expect(try connection.get("/", ["Accept: text/html"]).status == 200)
    }
    withExtendedLifetime(readers) {}
    #expect(exporter.process.status() == nil)
    #expect(try group.kills() == 0)
    #expect(try exporter.stop() == .exit(0))
  }
}

/// A cgroup whose processes may have so much memory, whichever version of cgroups rules here.
private final class MemoryGroup: Sendable {
  let path: String
  private let isFirstVersion: Bool

  init(limitMegabytes: Int) throws {
    let root = try #require(CgroupMount.memory)
    path = "\(root)/page-migration-test-\(getpid())"
    isFirstVersion = Files.exists("\(root)/memory.limit_in_bytes")
    try Files.makeFolder(path)
    let file = isFirstVersion ? "memory.limit_in_bytes" : "memory.max"
    try Files.overwrite("\(path)/\(file)", "\(limitMegabytes << 20)")
  }

  deinit { Files.removeFolder(path) }

  /// Processes that the kernel has killed for memory.
  func kills() throws -> Int {
    let text = try Files.text("\(path)/\(isFirstVersion ? "memory.oom_control" : "memory.events")")
    return Int(try #require(text.firstMatch(of: /oom_kill (\d+)/)).1)!
  }
}
