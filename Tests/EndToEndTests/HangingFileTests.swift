import Glibc
import System
import TestSupport
import Testing

/// A file system in user space that does not answer, under `/proc/vmstat`.
@Suite(.serialized) struct `A file that hangs` {
  private static let twoSeconds = ["X-Prometheus-Scrape-Timeout-Seconds: 2"]

  @Test(.needs(.fuse), .timeLimit(.minutes(2)))
  func `costs its own metrics alone, and is well when it answers again`() throws {
    let file = try HangingFile()
    let exporter = try ServingExporter(file.flags)
    func succeeded() throws -> [String: Bool] {
      let text = try exporter.get("/metrics", Self.twoSeconds).text
      let matches = text.matches(
        of: /pagemigration_scrape_collector_success\{collector="(\w+)"\} ([01])/)
      return Dictionary(uniqueKeysWithValues: matches.map { (String($0.1), $0.2 == "1") })
    }
    #expect(try succeeded().values.allSatisfy { $0 })
    let threads = try Files.list("/proc/\(exporter.process.pid)/task").count

    try file.tell("hang")
    for _ in 1...4 {
      let outcomes = try succeeded()
      #expect(outcomes["vmstat"] == false)
      #expect(outcomes["node"] == true && outcomes["settings"] == true)
      #expect(outcomes["process"] == true)
    }
    #expect(try exporter.get("/-/healthy").text == "healthy\n")
    let rates = try exporter.get("/rates", Self.twoSeconds)
    #expect(rates.status == 500)
    #expect(rates.text.contains("the read has not finished after"))
    #expect(
      try exporter.get("/metrics", Self.twoSeconds).text
        .contains("\npagemigration_scrape_collector_timeouts_total{collector=\"node\"} 0\n"))
    #expect(try exporter.awaitedLog("timed out").count >= 1)

    try file.tell("answer")
    try waitUntil("it is well again") { try succeeded().values.allSatisfy { $0 } }
    try waitUntil("no thread is left over") {
      try Files.list("/proc/\(exporter.process.pid)/task").count <= threads
    }
    #expect(try exporter.stop() == .exit(0))
  }

  @Test(.needs(.fuse), .timeLimit(.minutes(2)))
  func `takes no place from others for clients that have gone`() throws {
    let file = try HangingFile()
    let exporter = try ServingExporter(file.flags + ["--web.max-connections=4"])
    try file.tell("hang")
    for _ in 1...4 {
      let connection = try HTTPConnection(exporter.address)
      try connection.send(
        "GET /metrics HTTP/1.1\r\nHost: a\r\nX-Prometheus-Scrape-Timeout-Seconds: 60\r\n\r\n")
      pause(milliseconds: 50)
    }
    try waitUntil("others have their place", limitSeconds: 5) {
      (try? exporter.get("/-/healthy").status) == 200
    }
    try file.tell("answer")
  }

  @Test(.needs(.fuse), .timeLimit(.minutes(2)))
  func `costs no more where it hangs from the start on`() throws {
    let file = try HangingFile()
    try file.tell("hang")
    let exporter = try ServingExporter(file.flags)
    #expect(try exporter.get("/-/healthy").text == "healthy\n")
    let text = try exporter.get("/metrics", Self.twoSeconds).text
    #expect(text.contains("\npagemigration_scrape_collector_success{collector=\"vmstat\"} 0\n"))
    #expect(text.contains("\npagemigration_scrape_collector_success{collector=\"node\"} 1\n"))
    #expect(try exporter.awaitedLog("a file hangs").count == 1)
    try file.tell("answer")
    try waitUntil("it is well") {
      try exporter.get("/metrics").text.contains("\npagemigration_pages_migrated_total ")
    }
    #expect(try exporter.stop() == .exit(0))
  }

  /// Before the file answers: until then the kernel does not let the process end.
  @Test(
    .needs(.fuse), .timeLimit(.minutes(2)),
    arguments: [
      (["print"], "pagemigration_scrape_collector_success{collector=\"vmstat\"} 0", ""),
      (["doctor"], "FAILS  vmstat ", ""),
      (["watch", "1", "1"], "", "vmstat: the read has not finished after"),
    ])
  func `keeps no command from saying so`(
    command: [String], output: String, errors: String
  ) throws {
    let file = try HangingFile()
    try file.tell("hang")
    let process = try ChildProcess([Exporter.path] + command + file.paths)
    try waitUntil("it says so", limitSeconds: 40) {
      try String(decoding: process.output(), as: UTF8.self).contains(output)
        && process.errors().contains(errors)
    }
    try file.tell("answer")
    _ = try process.wait()
  }

  @Test(.needs(.fuse), .timeLimit(.minutes(2)))
  func `that fails is a failure like any other`() throws {
    let file = try HangingFile()
    let exporter = try ServingExporter(file.flags)
    try file.tell("fail")
    let text = try exporter.get("/metrics").text
    #expect(text.contains("\npagemigration_scrape_collector_success{collector=\"vmstat\"} 0\n"))
    #expect(try exporter.awaitedLog("Input/output error").count >= 1)
    try file.tell("answer")
    #expect(try exporter.get("/metrics").text.contains("\npagemigration_pages_migrated_total "))
  }

  /// The kernel ends no thread that waits for an answer of user space (fs/fuse/dev.c,
  /// request_wait_answer), but the port is free at once and the log is whole.
  @Test(.needs(.fuse), .timeLimit(.minutes(2)))
  func `keeps no port after SIGTERM`() throws {
    let file = try HangingFile()
    let exporter = try ServingExporter(file.flags)
    try file.tell("hang")
    _ = try exporter.get("/metrics", Self.twoSeconds)
    exporter.process.send(SIGTERM)
    try waitUntil("it has stopped", limitSeconds: 5) { try exporter.log("msg=stopped").count == 1 }
    #expect(throws: (any Error).self) { try exporter.get("/-/healthy") }
    try file.tell("answer")
    #expect(try exporter.process.wait() == .exit(0))
  }
}

/// A tree of a captured machine whose vmstat is on the file system of Tests/Faults/hanging-file.
private final class HangingFile: Sendable {
  private let tree: TemporaryTree
  private let server: ChildProcess
  private let input: CInt

  init() throws {
    let fixture = Fixture("debian-7.2-two-tiers")
    tree = try TemporaryTree(copyOf: fixture.path)
    let mount = "\(tree.path)/mount"
    try Files.makeFolder(mount)
    var ends: [CInt] = [0, 0]
    guard pipe(&ends) == 0 else { throw systemFailure("make a pipe") }
    input = ends[1]
    server = try ChildProcess(
      ["\(Repository.root)/Tests/Faults/hanging-file", mount, "\(fixture.path)/proc/vmstat"],
      inputDescriptor: ends[0])
    close(ends[0])
    try waitUntil("it is mounted") { [server] in
      String(decoding: try server.output(), as: UTF8.self).contains("mounted")
    }
    tree.remove("proc/vmstat")
    guard symlink("\(mount)/file", "\(tree.procfs)/vmstat") == 0 else {
      throw systemFailure("link")
    }
  }

  var flags: [String] { Exporter.flags(tree) + ["--log.level=debug"] }

  var paths: [String] { ["--path.procfs=\(tree.procfs)", "--path.sysfs=\(tree.sysfs)"] }

  /// `hang`, `answer` or `fail`.
  func tell(_ word: String) throws {
    let before = try server.output().count
    let line = Array((word + "\n").utf8)
    guard write(input, line, line.count) == line.count else { throw systemFailure("write") }
    try waitUntil("it does") { [server] in try server.output().count > before }
  }

  deinit {
    close(input)
    _ = try? server.wait()
  }
}
