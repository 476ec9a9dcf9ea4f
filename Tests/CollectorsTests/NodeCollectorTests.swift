import Collectors
import KernelText
import Synchronization
import TestSupport
import Testing

@Suite struct `The node collector` {
  @Test func `finds nodes whose numbers have gaps`() throws {
    let tree = try NodeTree(nodes: [7, 1, 3])
    let scrape = Scraper([NodeCollector(tree.paths)]).scrape()
    #expect(
      scrape.values("pagemigration_node_pages_promoted_total") == [
        "pagemigration_node_pages_promoted_total{numa_node=\"1\"} 1",
        "pagemigration_node_pages_promoted_total{numa_node=\"3\"} 3",
        "pagemigration_node_pages_promoted_total{numa_node=\"7\"} 7",
      ])
    #expect(scrape.succeeded("node") == true)
  }

  @Test func `finds nodes that come and go between scrapes`() throws {
    let tree = try NodeTree(nodes: [0])
    let scraper = Scraper([NodeCollector(tree.paths)])
    #expect(promoted(scraper) == [0])
    try tree.add(5)
    #expect(promoted(scraper) == [0, 5])
    try tree.takeOffline(0)
    #expect(promoted(scraper) == [5])
    try tree.bringBack(0)
    #expect(promoted(scraper) == [0, 5])
    #expect(scraper.scrape().reports == [])
  }

  @Test func `keeps the other nodes where one fails, and says which`() throws {
    let tree = try NodeTree(nodes: [0, 1, 2])
    try tree.write("sys/devices/system/node/node1/vmstat", "pgpromote_success\n")
    let scrape = Scraper([NodeCollector(tree.paths)]).scrape()
    #expect(
      scrape.reports == [
        "node: failed: \(tree.path)/sys/devices/system/node/node1/vmstat: line 1 has no value"
      ])
    #expect(scrape.succeeded("node") == false)
    #expect(
      scrape.values("pagemigration_node_pages_promoted_total") == [
        "pagemigration_node_pages_promoted_total{numa_node=\"0\"} 0",
        "pagemigration_node_pages_promoted_total{numa_node=\"2\"} 2",
      ])
    #expect(scrape.values("pagemigration_node_info").count == 2)
  }

  @Test func `names three failures and counts the others`() throws {
    let tree = try NodeTree(nodes: Array(0..<6))
    for node in 0..<5 { try tree.write("sys/devices/system/node/node\(node)/vmstat", "") }
    let report = try #require(Scraper([NodeCollector(tree.paths)]).scrape().reports.first)
    #expect(report.hasSuffix("node2/vmstat: is empty; and 2 more"))
  }

  @Test func `serves 1024 nodes with few descriptors`() throws {
    let tree = try NodeTree(nodes: Array(0..<1024))
    let scraper = Scraper([NodeCollector(tree.paths)])
    for _ in 1...2 {
      let scrape = scraper.scrape()
      #expect(scrape.values("pagemigration_node_pages_promoted_total").count == 1024)
      #expect(scrape.values("pagemigration_node_info").count == 1024)
      #expect(scrape.succeeded("node") == true)
    }
    #expect(try openFiles().filter { $0.hasPrefix(tree.path) }.count <= NodeCollector.nodesKeptOpen)
  }

  /// Each node is taken away while scrapes go on: between its listing and its reading, for most.
  @Test func `takes a node that disappears during a scrape for gone, not for broken`() throws {
    let tree = try NodeTree(nodes: Array(0..<400))
    let scraper = Scraper([NodeCollector(tree.paths)])
    let isDone = Mutex(false)
    let remover = Thread {
      for node in (1..<400).reversed() {
        try? tree.takeOffline(node)
        pause(milliseconds: 1)
      }
      isDone.withLock { $0 = true }
    }
    repeat {
      let scrape = scraper.scrape()
      #expect(scrape.reports == [])
      #expect(scrape.succeeded("node") == true)
      #expect(
        scrape.values("pagemigration_node_pages_promoted_total").count
          == scrape.values("pagemigration_node_info").count)
    } while !isDone.withLock { $0 }
    remover.join()
    #expect(promoted(scraper) == [0])
  }

  @Test func `is no failure on a kernel without NUMA`() throws {
    let tree = try TemporaryTree(["sys/kernel/mm/x": ""])
    let scrape = Scraper([NodeCollector(tree.paths)]).scrape()
    #expect(scrape.succeeded("node") == true)
    #expect(scrape.reports == [])
  }

  @Test func `is a failure without any sysfs`() throws {
    let tree = try TemporaryTree()
    let scrape = Scraper([NodeCollector(tree.paths)]).scrape()
    #expect(
      scrape.reports == ["node: failed: cannot list \(tree.sysfs): No such file or directory"])
  }

  @Test func `tells what each node is, as far as the kernel says`() throws {
    let tree = try NodeTree(nodes: [0, 1])
    let scraper = Scraper([NodeCollector(tree.paths)])
    #expect(
      scraper.scrape().values("pagemigration_node_info") == [
        #"pagemigration_node_info{numa_node="0",memory_tier="",has_cpu="",has_memory=""} 1"#,
        #"pagemigration_node_info{numa_node="1",memory_tier="",has_cpu="",has_memory=""} 1"#,
      ])
    try tree.write("sys/devices/system/node/has_cpu", "0\n")
    try tree.write("sys/devices/system/node/has_memory", "0-1\n")
    try tree.write("sys/devices/virtual/memory_tiering/memory_tier4/nodelist", "0\n")
    try tree.write("sys/devices/virtual/memory_tiering/memory_tier450/nodelist", "1\n")
    let facts = [
      #"pagemigration_node_info{numa_node="0",memory_tier="4",has_cpu="true",has_memory="true"} 1"#,
      #"pagemigration_node_info{numa_node="1",memory_tier="450",has_cpu="false",has_memory="true"} 1"#,
    ]
    #expect(scraper.scrape().values("pagemigration_node_info") == facts)
    try tree.write("sys/devices/virtual/memory_tiering/memory_tier450/nodelist", "x\n")
    let scrape = scraper.scrape()
    #expect(scrape.succeeded("node") == false)
    #expect(scrape.values("pagemigration_node_pages_promoted_total").count == 2)
    #expect(scrape.values("pagemigration_node_info").count == 2)
  }

  private static let bandwidth = "pagemigration_node_bandwidth_bytes_per_second"
  private static let latency = "pagemigration_node_latency_seconds"

  private func speeds(_ files: [(String, String)]) throws -> (values: [String], works: Bool?) {
    let tree = try NodeTree(nodes: [0])
    for (file, text) in files { try tree.write("sys/devices/system/node/node0/\(file)", text) }
    let scrape = Scraper([NodeCollector(tree.paths)]).scrape()
    return (scrape.values(Self.bandwidth) + scrape.values(Self.latency), scrape.succeeded("node"))
  }

  @Test func `tells how fast a node is, in base units, where the firmware says`() throws {
    let told = try speeds([
      ("access0/initiators/read_bandwidth", "1\n"), ("access0/initiators/read_latency", "1\n"),
      ("access1/initiators/read_bandwidth", "20480\n"),
      ("access1/initiators/write_bandwidth", "10240\n"),
      ("access1/initiators/read_latency", "100\n"),
      ("access1/initiators/write_latency", "150\n"),
    ])
    #expect(
      told.values == [
        #"\#(Self.bandwidth){numa_node="0",operation="read"} 20480000000"#,
        #"\#(Self.bandwidth){numa_node="0",operation="write"} 10240000000"#,
        #"\#(Self.latency){numa_node="0",operation="read"} 0.0000001"#,
        #"\#(Self.latency){numa_node="0",operation="write"} 0.00000015"#,
      ])
    #expect(told.works == true)
  }

  /// 0 is what the kernel says where the firmware said nothing.
  @Test(arguments: [
    ([("access0/initiators/read_bandwidth", "5\n")], 1, true),
    ([("access1/initiators/read_bandwidth", "0\n")], 0, true),
    ([("access1/initiators/read_latency", "18446744073709551615\n")], 0, true),
    ([("access1/initiators/read_latency", "-1\n")], 0, false),
    ([("access1/initiators/read_latency", "12")], 0, false), ([], 0, true),
  ])
  func `guesses no speed`(_ files: [(String, String)], _ count: Int, _ works: Bool) throws {
    let told = try speeds(files)
    #expect(told.values.count == count)
    #expect(told.works == works)
  }

  private func promoted(_ scraper: Scraper) -> [Int] {
    scraper.scrape().values("pagemigration_node_pages_promoted_total")
      .map { Int($0.split(separator: " ")[1])! }
  }
}

/// A sysfs with nodes, each of which promoted as many pages as its number says.
private final class NodeTree: Sendable {
  private let tree: TemporaryTree

  init(nodes: [Int]) throws {
    tree = try TemporaryTree()
    for node in nodes { try add(node) }
  }

  var paths: KernelPaths { tree.paths }
  var path: String { tree.path }

  func add(_ node: Int) throws {
    try write(
      "sys/devices/system/node/node\(node)/vmstat", "nr_free_pages 1\npgpromote_success \(node)\n")
  }

  func write(_ file: String, _ text: String) throws { try tree.write(file, text) }

  func takeOffline(_ node: Int) throws {
    try tree.move("sys/devices/system/node/node\(node)", to: "offline\(node)")
  }

  func bringBack(_ node: Int) throws {
    try tree.move("offline\(node)", to: "sys/devices/system/node/node\(node)")
  }
}
