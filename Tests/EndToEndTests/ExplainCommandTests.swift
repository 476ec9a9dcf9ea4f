import Glibc
import TestSupport
import Testing

@Suite struct `explain, as it is run` {
  private static let quiet = """
    pgmigrate_success 1000
    pgmigrate_fail 0
    compact_stall 5
    compact_success 5
    compact_fail 0

    """
  /// What the quiet one becomes when so many allocations have compacted memory for nothing.
  private static func stalling(_ count: Int) -> String {
    quiet.replacing("stall 5", with: "stall \(count + 5)")
      .replacing("compact_fail 0", with: "compact_fail \(count)")
  }

  @Test(.timeLimit(.minutes(2)))
  func `tells the same by the endpoint, the command and a look of its own`() throws {
    let tree = try TemporaryTree(copyOf: Fixture("debian-6.1-two-nodes").path)
    try tree.write("proc/vmstat", Self.quiet)
    try tree.write("thresholds", "storm.bytes_per_second = 1000000\n")
    let exporter = try ServingExporter(Exporter.flags(tree))
    let url = "http://\(exporter.address)"
    #expect(try exporter.get("/explain").text.contains("Nothing can be said yet"))

    let own = try ChildProcess(
      [Exporter.path, "explain", "--explain.thresholds=\(tree.path)/thresholds"]
        + Exporter.flags(tree))
    // All the while: what is in one half alone of its ten seconds is a burst, and on a busy machine
    // nobody knows when these are.
    var stalls = 0
    try waitUntil("its look is over", limitSeconds: 60) {
      stalls += 150
      try tree.write("proc/vmstat", Self.stalling(stalls))
      pause(milliseconds: 250)
      return own.status() != nil
    }
    #expect(own.status() == .exit(2))
    #expect(String(decoding: try own.output(), as: UTF8.self).contains("WARNING: Allocations wait"))

    try waitUntil("it has read twice", limitSeconds: 30) {
      try exporter.get("/explain?window=10s").text.contains("WARNING")
    }
    let text = try exporter.get("/explain?window=10s").text
    #expect(text.contains("try:      sysctl vm.compaction_proactiveness=20"))
    #expect(text.contains("undo:     sysctl vm.compaction_proactiveness=0"))
    let asked = try Exporter.run("explain", "--window=10s", "--url", url)
    #expect(asked.status == .exit(2))
    #expect(asked.text.contains("WARNING: Allocations wait"))
    let json = try Exporter.run("explain", "--url", url, "--window=10s", "--json")
    #expect(json.status == .exit(2))
    #expect(json.text.hasPrefix("{\"schema\":1,") && json.text.hasSuffix("}\n"))
    let answer = try exporter.get("/explain", ["Accept: application/json"])
    #expect(answer.header("Content-Type") == "application/json")
    #expect(
      try exporter.get("/explain?window=10s&format=text", ["Accept: application/json"]).text == text
    )
  }

  @Test(arguments: [
    ("/explain?window=5s", "400: window is a time from 10s to 10m, not '5s'\n"),
    ("/explain?window=11m", "400: window is a time from 10s to 10m, not '11m'\n"),
    ("/explain?window=", "400: window is a time from 10s to 10m, not ''\n"),
    ("/explain?format=xml", "400: format is text or json, not 'xml'\n"),
  ])
  func `refuses what it does not know, with the form`(path: String, line: String) throws {
    let exporter = try ServingExporter(Exporter.flags(Fixture("debian-6.1-two-nodes")))
    let answer = try exporter.get(path)
    #expect(answer.status == 400)
    #expect(answer.text == line)
  }

  @Test(arguments: [
    ("", "the answer is not HTTP"),
    (
      "HTTP/1.1 200 OK\r\nContent-length: 500\r\n\r\n{\"schema\":1,\"findings\":[],\"text\":\"a\"}",
      "the answer was cut short, after 37 of 500 bytes"
    ),
    ("HTTP/1.0 404 Not Found\r\n\r\n", "the answer is 404 Not Found"),
    ("HTTP/1.0 200 OK\r\n\r\n{\"schema\":1}", "does not answer as a page-migration-exporter does"),
    (
      "HTTP/1.0 200 OK\r\n\r\n{\"schema\":2,\"findings\":[],\"text\":\"\"}",
      "does not answer as a page-migration-exporter does"
    ),
  ])
  func `says in one line what is wrong with another host`(answer: String, reason: String) throws {
    let server = try ScriptedServer(answer)
    let explain = try Exporter.run("explain", "--url", "http://\(server.address)")
    #expect(explain.status == .exit(1))
    #expect(explain.errors.contains(reason))
    #expect(explain.errors.split(separator: "\n").count == 1)
  }

  @Test func `lets nothing of another host's answer move the cursor`() throws {
    let server = try ScriptedServer(
      "HTTP/1.0 200 OK\r\n\r\n{\"schema\":1,\"findings\":[],\"text\":\"a\\u001b[2Jb\\n\"}")
    let explain = try Exporter.run("explain", "--url", "http://\(server.address)")
    #expect(explain.status == .exit(0))
    #expect(explain.text == "a?[2Jb\n")
  }

  @Test(arguments: [
    (["--window", "1s"], "--window must be from 10s to 10m"),
    (["--rules", "--json"], "--rules are not printed as JSON"),
    (
      ["--url", "http://h", "--collector.reasons"], "--collector.* and --explain.thresholds are for"
    ),
  ])
  func `refuses arguments that do not go together`(_ arguments: [String], reason: String) throws {
    let explain = try Command.run([Exporter.path, "explain"] + arguments)
    #expect(explain.status == .exit(64))
    #expect(explain.errors.contains(reason))
  }

  @Test func `starts with no thresholds that it does not understand`() throws {
    let tree = try TemporaryTree(["thresholds": "storm.bytes = 1\n"])
    for command in ["explain", "serve"] {
      let run = try Exporter.run(command, "--explain.thresholds=\(tree.path)/thresholds")
      #expect(run.status == .exit(1))
      #expect(run.errors.contains("/thresholds:1: there is no threshold 'storm.bytes'"))
    }
  }

  /// A procfs without vmstat, seen by itself and by an exporter.
  @Test(.timeLimit(.minutes(2)))
  func `exits with 1 where it could not look`() throws {
    let tree = try TemporaryTree(copyOf: Fixture("debian-6.1-two-nodes").path)
    tree.remove("proc/vmstat")
    try tree.write("thresholds", "")
    let exporter = try ServingExporter(Exporter.flags(tree))
    let own = try Command.run(
      [Exporter.path, "explain", "--explain.thresholds=\(tree.path)/thresholds"]
        + Exporter.flags(tree), limitSeconds: 60)
    #expect(own.status == .exit(1))
    #expect(own.text.contains("The kernel's counters of page migration are not known here."))
    let url = "http://\(exporter.address)"
    try waitUntil("it has read twice", limitSeconds: 30) {
      try !exporter.get("/explain").text.contains("Nothing can be said yet")
    }
    let asked = try Command.run([Exporter.path, "explain", "--url", url])
    #expect(asked.status == .exit(1))
    #expect(asked.text.contains("The kernel's counters of page migration are not known here."))
  }

  @Test func `prints its rules with the thresholds of a file, which must be there`() throws {
    let tree = try TemporaryTree(["thresholds": "storm.bytes_per_second = 4096\r\n"])
    let rules = try Exporter.run(
      "explain", "--rules", "--explain.thresholds=\(tree.path)/thresholds")
    #expect(rules.status == .exit(0))
    #expect(rules.text.contains("\nstorm.bytes_per_second = 4096  # bytes/s; set, not 1073741824;"))
    let missing = try Exporter.run("explain", "--rules", "--explain.thresholds=\(tree.path)/none")
    #expect(missing.status == .exit(1) && missing.text == "")
    #expect(missing.errors.contains("/none: No such file or directory"))
  }

  @Test func `prints its rules in the form that it takes`() throws {
    let rules = try Exporter.run("explain", "--rules")
    #expect(rules.status == .exit(0))
    #expect(rules.text.contains("\nstorm.bytes_per_second = 1073741824  # bytes/s;"))
  }
}
