import Synchronization
import TestSupport
import Testing

/// A machine that becomes another while it is served: what no single text can show.
@Suite(.serialized) struct `A machine that never stands still` {
  private static let flags = ["--collector.rates.interval=100ms"]

  @Test(.timeLimit(.minutes(5)), arguments: [UInt64(1), 2])
  func `is served with the kernel's own numbers or none`(seed: UInt64) throws {
    var random = Random(seed: seed)
    let tree = try Fixture("hostile/no-final-newline").wholeTree()
    try tree.write("proc/vmstat", "pgmigrate_success 0\npgmigrate_fail 0\n")
    let exporter = try ServingExporter(Exporter.flags(tree) + Self.flags)
    let scrapers = try Scrapers(of: exporter)
    for _ in 1...120 {
      try change(tree, &random)
      pause(milliseconds: 40)
    }
    #expect(scrapers.stop() == [])

    // It is well again when its machine is.
    tree.remove("sys")
    try Files.copy("\(Fixture.base.path)/sys", to: tree.sysfs)
    tree.remove("proc/vmstat")
    try tree.write("proc/vmstat", "pgmigrate_success 7\npgmigrate_fail 1\n")
    try waitUntil("all collectors work", limitSeconds: 10) {
      collectors(in: try exporter.get("/metrics").text, withSuccess: 0) == []
    }
    #expect(try exporter.get("/metrics").text.contains("\npagemigration_pages_migrated_total 7\n"))
    #expect(try exporter.stop() == .exit(0))
  }

  @Test(.timeLimit(.minutes(5)))
  func `may be every hostile machine in turn`() throws {
    let tree = try Fixture("hostile/no-final-newline").wholeTree()
    let exporter = try ServingExporter(Exporter.flags(tree) + Self.flags)
    let scrapers = try Scrapers(of: exporter, values: nil)
    for fixture in Fixture.hostile + Fixture.hostile.reversed() {
      let next = try fixture.wholeTree()
      for folder in ["proc", "sys"] {
        try tree.move(folder, to: "\(folder).old")
        try Files.copy("\(next.path)/\(folder)", to: "\(tree.path)/\(folder)")
        tree.remove("\(folder).old")
      }
      pause(milliseconds: 60)
    }
    #expect(scrapers.stop() == [])
    #expect(try exporter.stop() == .exit(0))
  }

  /// Does one thing to the machine that no machine should do.
  private func change(_ tree: TemporaryTree, _ random: inout Random) throws {
    let value = Scrapers.everyValue.randomElement(using: &random)!
    let other = Scrapers.everyValue.randomElement(using: &random)!
    let node = ["node0", "node1", "node01", "node7", "node1023", "node99999999999999999999"]
      .randomElement(using: &random)!
    let folder = "sys/devices/system/node/\(node)"
    switch Int.random(in: 0..<14, using: &random) {
    case 0...3:
      try replace("proc/vmstat", in: tree, "pgmigrate_success \(value)\npgmigrate_fail \(other)\n")
    // Cut behind a digit, and with a name twice.
    case 4: try replace("proc/vmstat", in: tree, "pgmigrate_success 3")
    case 5:
      try replace("proc/vmstat", in: tree, "pgmigrate_success 3\npgmigrate_success 4\n")
    case 6: try replace("proc/vmstat", in: tree, "pgmigrate_fail \(value)\n")
    case 7: tree.remove("proc/vmstat")
    case 8:
      tree.remove("proc/vmstat")
      try Files.makeFolder("\(tree.path)/proc/vmstat")
    case 9:
      tree.remove("proc/vmstat")
      try tree.makeFIFO("proc/vmstat")
    case 10...11: try replace("\(folder)/vmstat", in: tree, "pgpromote_success \(value)\n")
    case 12: tree.remove(folder)
    default:
      try replace(
        "sys/devices/system/node/has_cpu", in: tree,
        ["", "0", "0-9999999", "x"]
          .randomElement(using: &random)! + "\n")
    }
  }

  private func replace(_ file: String, in tree: TemporaryTree, _ text: String) throws {
    if Files.isFolder("\(tree.path)/\(file)") { tree.remove(file) }
    try tree.write(file, text)
  }
}

/// Two clients that scrape all the while, each over one connection, and look at what they get.
private final class Scrapers: Sendable {
  /// Every number that a counter is ever given. No other may be shown.
  static let everyValue: [UInt64] = [
    0, 1, 5, 7, 1_000_000, 1 << 32, .max >> 1, 1 << 63, .max - 1, .max,
  ]

  private let isOver = Atomic(false)
  private let problems = Mutex<[String]>([])
  private let values: Set<Substring>?
  private let threads = Mutex<[Thread]>([])

  /// - Parameter values: the only ones of the kernel's counters that may be shown; nil for all.
  init(of exporter: ServingExporter, values: [UInt64]? = everyValue) throws {
    self.values = values.map { Set($0.map { Substring("\($0)") }) }
    let address = exporter.address
    threads.withLock { threads in
      threads = (0..<2).map { number in
        Thread { self.scrape(address, formatted: number) }
      }
    }
  }

  /// - Returns: what was wrong.
  func stop() -> [String] {
    isOver.store(true, ordering: .relaxed)
    threads.withLock { threads in
      for thread in threads { thread.join() }
      threads = []
    }
    return problems.withLock { Array($0.prefix(5)) }
  }

  private func scrape(_ address: String, formatted number: Int) {
    do {
      let connection = try HTTPConnection(address)
      var count = 0
      while !isOver.load(ordering: .relaxed) {
        let answer = try connection.get("/metrics")
        let problem = answer.status == 200 ? problem(in: answer.text) : "status \(answer.status)"
        if let problem { problems.withLock { $0.append(problem) } }
        // The sampler's view, in both forms; 500 says that there is nothing to be seen.
        let path = ["/rates", "/rates?format=json&history=60s", "/explain", "/"][
          (count + number) % 4]
        let view = try connection.get(path)
        if ![200, 500].contains(view.status) {
          problems.withLock { $0.append("\(path): \(view.status)") }
        }
        count += 1
      }
      if count < 10 { problems.withLock { $0.append("only \(count) scrapes") } }
    } catch {
      problems.withLock { $0.append("\(error)") }
    }
  }

  private func problem(in exposition: String) -> String? {
    var seen: Set<Substring> = []
    for line in exposition.split(separator: "\n") where !line.hasPrefix("#") {
      guard let space = line.lastIndex(of: " ") else { return "no value: \(line)" }
      let (series, value) = (line[..<space], line[line.index(after: space)...])
      guard seen.insert(series).inserted else { return "twice: \(series)" }
      guard let number = Double(value), number.isFinite, number >= 0 else { return String(line) }
      let isCounter =
        series.hasPrefix("pagemigration_pages_migrat")
        || series.hasPrefix("pagemigration_node_pages_promoted_total")
      if isCounter, let values, !values.contains(value) { return "never written: \(line)" }
    }
    return nil
  }
}
