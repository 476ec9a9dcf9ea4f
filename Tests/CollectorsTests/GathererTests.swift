import Collectors
import Exposition
import KernelText
import Synchronization
import System
import TestSupport
import Testing

@Suite struct `The gatherer` {
  @Test func `takes back what a failed collector wrote, and keeps the others`() {
    let broken = FakeCollector("broken") { encoder in
      encoder.begin(FakeCollector.family)
      encoder.write(FakeCollector.family.metric(), 1)
      throw FakeError("out of luck")
    }
    let scraper = Scraper([FakeCollector("one", value: 1), broken, FakeCollector("two", value: 2)])
    let scrape = scraper.scrape()
    #expect(scrape.values("fake") == ["fake 1", "fake 2"])
    #expect(
      ["one", "broken", "two"].map(scrape.succeeded) == [true, false, true])
    #expect(scrape.reports == ["broken: failed: out of luck"])
  }

  @Test func `keeps what a collector wrote that failed in part`() {
    let partial = FakeCollector("partial") { encoder in
      encoder.begin(FakeCollector.family)
      encoder.write(FakeCollector.family.metric(), 1)
      return ["a", "b"].map { FakeError($0) }
    }
    let scrape = Scraper([partial]).scrape()
    #expect(scrape.values("fake") == ["fake 1"])
    #expect(scrape.succeeded("partial") == false)
    #expect(scrape.reports == ["partial: failed: a; b"])
  }

  @Test func `reports a failure once, another one again, and the recovery`() throws {
    let tree = try TemporaryTree(["proc/vmstat": "a\n", "sys/x": ""])
    let scraper = Scraper([VmstatCollector(tree.paths)])
    let file = "\(tree.path)/proc/vmstat"
    #expect(scraper.scrape().reports == ["vmstat: failed: \(file): line 1 has no value"])
    #expect(scraper.scrape().reports == [])
    try tree.write("proc/vmstat", "pgmigrate_success 1\nb\n")
    #expect(scraper.scrape().reports == ["vmstat: failed: \(file): line 2 has no value"])
    tree.remove("proc/vmstat")
    #expect(
      scraper.scrape().reports == ["vmstat: failed: cannot open \(file): No such file or directory"]
    )
    try tree.write("proc/vmstat", "pgmigrate_success 1\n")
    let last = scraper.scrape()
    #expect(last.reports == ["vmstat: recovered"])
    #expect(last.succeeded("vmstat") == true)
    #expect(scraper.scrape().reports == [])
  }

  @Test func `asks only those that are selected, and says nothing of the others`() {
    let scraper = Scraper([FakeCollector("one", value: 1), FakeCollector("two", value: 2)])
    let scrape = scraper.scrape { $0 == 1 }
    #expect(scrape.values("fake") == ["fake 2"])
    #expect(scrape.succeeded("one") == nil)
    #expect(scrape.succeeded("two") == true)
    #expect(scrape.values("pagemigration_scrape_collector_duration_seconds").count == 1)
    #expect(scraper.gatherer.collectorNames == ["one", "two"])
  }

  @Test func `writes the same bytes for the same input`() throws {
    let machine = Fixture("debian-7.2-two-tiers")
    let tree = try TemporaryTree(copyOf: machine.path)
    func bytes() -> [String] {
      Scraper(tree).scrape().metrics.filter { !$0.contains("duration") }
    }
    #expect(bytes() == bytes())
    #expect(bytes().count > 40)
  }

  @Test func `lets eight threads scrape at once`() throws {
    let machine = Fixture("debian-7.2-two-tiers")
    let tree = try TemporaryTree(copyOf: machine.path)
    let scraper = Scraper(tree)
    let expected = scraper.scrape().metrics.filter { !$0.contains("duration") }
    try concurrently(8) { number in
      for _ in 1...20 {
        let format = ExpositionFormat.allCases[number % 4]
        let text = scraper.text(format)
        let metrics = text.split(separator: "\n").map { String($0) }
          .filter { !$0.hasPrefix("#") && !$0.contains("duration") }
        #expect(metrics == expected)
      }
    }
  }
}

@Suite struct `A collector that hangs` {
  @Test func `costs only its own metrics, is not begun again, and is well when it comes back`()
    throws
  {
    let file = Hanging()
    let scraper = Scraper([
      FakeCollector("one", value: 1), file.collector, FakeCollector("two", value: 2),
    ])
    let first = try file.hang { scraper.scrape(within: .milliseconds(200)) }
    // Another thread, with the same deadline, gathers what can be had.
    #expect(first.values("fake") == ["fake 1", "fake 2"])
    #expect(["one", "hangs", "two"].map(first.succeeded) == [true, false, true])
    #expect(first.reports.count == 1 && first.reports[0].hasPrefix("hangs: failed: timed out"))
    for _ in 1...3 {
      let begin = MonotonicTime.now
      let next = scraper.scrape(within: .seconds(60))
      #expect(MonotonicTime.now - begin < .seconds(20))
      #expect(next.succeeded("hangs") == false)
      #expect(next.reports == [])
    }
    #expect(file.begun == 1)
    file.end()
    #expect(scraper.scrape().succeeded("hangs") == true)
  }
}

/// What a collector reads, which can be made to hang.
private final class Hanging: Sendable {
  private let hangs = Mutex(false)
  private let count = Mutex(0)
  private let ended = Mutex(true)

  var begun: Int { count.withLock { $0 } }

  var collector: FakeCollector {
    FakeCollector("hangs") { [self] _ in
      guard hangs.withLock({ $0 }) else { return [] }
      count.withLock { $0 += 1 }
      while hangs.withLock({ $0 }) { (MonotonicTime.now + .milliseconds(1)).sleep() }
      return []
    }
  }

  /// A scrape that hangs on a thread of its own, and then one here.
  func hang(_ scrape: @escaping @Sendable () -> Scrape) throws -> Scrape {
    hangs.withLock { $0 = true }
    ended.withLock { $0 = false }
    try startThread("hangs") { [self] in
      _ = scrape()
      ended.withLock { $0 = true }
    }
    try waitUntil("it hangs") { begun == 1 }
    return scrape()
  }

  func end() {
    hangs.withLock { $0 = false }
    while !ended.withLock({ $0 }) { (MonotonicTime.now + .milliseconds(1)).sleep() }
  }
}

@Suite struct `What is documented` {
  @Test func `has every name once, a unit, a source and a sentence`() {
    let families = documentation()
    #expect(families.count > 40)
    #expect(Set(families.map(\.name)).count == families.count)
    for documented in families {
      let (name, help) = (documented.name, documented.help)
      #expect(
        !documented.unit.isEmpty && !documented.source.isEmpty && !documented.since.isEmpty,
        "\(name)")
      #expect(help.first.map { $0.isUppercase || $0.isNumber } == true, "\(name): \(help)")
      #expect(!help.hasSuffix("."), "\(name): \(help)")
      #expect(name.hasSuffix("_total") == (documented.type == .counter), "\(name)")
      #expect(name.hasSuffix("_info") == (documented.type == .info), "\(name)")
    }
  }

  @Test func `names the kernel's field in the HELP text`() {
    for documented in documentation() where documented.source.contains("pg") {
      #expect(
        documented.help.hasSuffix("(\(documented.source))"), "\(documented.name)")
    }
  }

  /// OpenMetrics forbids two families whose metrics could be taken for each other's.
  @Test func `has no two families that clash through a suffix`() {
    let names = documentation().map(\.name)
    let reserved = ["_total", "_created", "_bucket", "_count", "_sum", "_info"]
    for name in names {
      let base =
        reserved.first { name.hasSuffix($0) }.map { String(name.dropLast($0.count)) } ?? name
      #expect(names.filter { $0 == base || reserved.map { base + $0 }.contains($0) } == [name])
    }
  }

  @Test(arguments: Fixture.machines)
  func `is what a scrape gives, in that order`(machine: Fixture) throws {
    let tree = try TemporaryTree(copyOf: machine.path)
    let types = Scraper(tree).scrape().headers.filter { $0.hasPrefix("# TYPE") }
      .map { $0.split(separator: " ")[2] }.map { String($0) }
    let names = documentation().map(\.name)
    #expect(types.count > 20)
    #expect(types == names.filter { types.contains($0) })
  }

  @Test func `has the labels that a scrape gives`() throws {
    let tree = try TemporaryTree(copyOf: Fixture("debian-7.2-two-tiers").path)
    for line in Scraper(tree).scrape().metrics {
      let name = line.prefix { $0 != "{" && $0 != " " }
      let inner = line.split(separator: "{").dropFirst().first?.split(separator: "}").first ?? ""
      let labels = inner.split(separator: ",").map { String($0.split(separator: "=")[0]) }
      let documented = try #require(documentation().first { $0.name == name }, "\(name)")
      #expect(documented.labels == labels)
    }
  }

  private func documentation() -> [MetricFamily] {
    let paths = KernelPaths()
    return Scraper([
      VmstatCollector(paths), NodeCollector(paths), SettingsCollector(paths), ProcessCollector(),
    ]).gatherer.documentation
  }
}

private struct FakeError: Error, CustomStringConvertible {
  let description: String

  init(_ description: String) { self.description = description }
}

private final class FakeCollector: Collector {
  static let family = MetricFamily("fake", .gauge, help: "Fake")

  let name: String
  let documentation: [MetricFamily] = []
  private let body: (inout Encoder) throws -> [any Error]

  init(_ name: String, _ body: @escaping (inout Encoder) throws -> [any Error]) {
    self.name = name
    self.body = body
  }

  convenience init(_ name: String, value: UInt64) {
    self.init(name) { encoder in
      encoder.begin(Self.family)
      encoder.write(Self.family.metric(), value)
      return []
    }
  }

  func collect(into encoder: inout Encoder) throws -> [any Error] { try body(&encoder) }
}
