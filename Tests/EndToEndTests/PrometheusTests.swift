import Foundation
import TestSupport
import Testing

@Suite struct `A real Prometheus server` {
  @Test(.needs(.tool("prometheus")), .timeLimit(.minutes(2)))
  func `scrapes the exporter: up is 1, and the types are in its metadata`() throws {
    let exporter = try ServingExporter()
    let server = try PrometheusServer(target: exporter.address)
    try waitUntil("the target is up", limitSeconds: 60) {
      try server.values("up") == ["1"]
    }
    #expect(try server.values("pagemigration_pages_migrated_total").count == 1)
    #expect(try server.values("pagemigration_scrape_collector_success == 0") == [])

    // Every family that the exporter gives has the type that the exporter says.
    let metadata = try server.metadata()
    let types = try exporter.get("/metrics", ["Accept: application/openmetrics-text"]).text
      .split(separator: "\n").filter { $0.hasPrefix("# TYPE ") }
      .map { $0.split(separator: " ").dropFirst(2).map { String($0) } }
    #expect(types.count > 40)
    for type in types {
      // The newer text names a family without _total; the server keeps the name that it was told.
      #expect(metadata[type[0]] == type[1], "\(type[0])")
    }
    #expect(metadata["pagemigration_pages_migrated"] == "counter")
    #expect(metadata["pagemigration_build"] == "info")
    let head = try server.values("scrape_samples_scraped")
    #expect(Int(head.first ?? "0")! > 40)
    #expect(try exporter.stop() == .exit(0))
  }

  @Test(.needs(.tool("prometheus")), .needs(.root), .timeLimit(.minutes(2)))
  func `reads native histograms out of protobuf, and they agree with the text`() throws {
    let exporter = try ServingExporter([
      "--collector.reasons", "--collector.rates.interval=100ms",
    ])
    let server = try PrometheusServer(
      target: exporter.address, flags: ["--enable-feature=native-histograms"])
    let sampled = "pagemigration_sampled_pages_migrated_per_second"
    try waitUntil("rates are there", limitSeconds: 60) {
      try server.values("histogram_count(\(sampled)) > 10").count == 1
    }
    // It takes the native part and leaves the classic buckets.
    #expect(try server.values("\(sampled)_bucket") == [])

    guard try exporter.log("collector=reasons").isEmpty else { return }  // No eBPF here
    let compaction = "pagemigration_reason_call_duration_seconds{reason=\"compaction\"}"
    for _ in 0..<3 { try Files.overwrite("/proc/sys/vm/compact_memory", "1") }
    // The kernel may compact at any time: a moment at which both know the same is waited for.
    var histogram = ClassicHistogram(
      of: "pagemigration_reason_call_duration_seconds", label: "reason=\"compaction\"", in: "")
    try waitUntil("both know the same calls", limitSeconds: 60) {
      histogram = ClassicHistogram(
        of: "pagemigration_reason_call_duration_seconds", label: "reason=\"compaction\"",
        in: try exporter.get("/metrics").text)
      let count = try server.values("histogram_count(\(compaction))")
      return histogram.count > 0 && count == ["\(Int(histogram.count))"]
    }
    let sum = try #require(try server.values("histogram_sum(\(compaction))").first)
    #expect(abs(Double(sum)! / histogram.sum - 1) < 1e-9)
    for share in [0.1, 0.5, 0.9, 0.99] {
      let quantile = try #require(
        try server.values("histogram_quantile(\(share), \(compaction))").first.flatMap {
          Double($0)
        })
      // A native bucket is 9 % wide, and a classic bound may lie within it.
      let bucket = histogram.bucket(ofShare: share)
      #expect(quantile >= bucket.lowerBound / 1.0906 && quantile <= bucket.upperBound * 1.0906)
    }
  }

  /// With a client certificate and a password, while the server's certificate changes: connections
  /// that are there stay, new ones see the new certificate, and no scrape is lost.
  @Test(.needs(.tool("prometheus")), .needs(.tool("certtool")), .timeLimit(.minutes(3)))
  func `scrapes it over TLS and loses nothing when its certificate changes`() throws {
    let folder = try ConfiguredFolder(
      ConfiguredFolder.pair
        + "  client_auth_type: RequireAndVerifyClientCert\n  client_ca_file: ca.crt\n"
        + "basic_auth_users:\n  prometheus: \(hunter2)\n")
    let exporter = try folder.serve()
    let settings = """
          scheme: https
          scrape_interval: 3s
          scrape_timeout: 3s
          tls_config:
            ca_file: \(folder.tree.path)/ca.crt
            cert_file: \(folder.authority.path)/client.crt
            key_file: \(folder.authority.path)/client.key
          basic_auth: {username: prometheus, password: hunter2}
      """
    // From here on the password is known: what is tried is the certificate.
    #expect(
      try folder.curl(exporter, ["-u", "prometheus:hunter2"] + folder.client("client")) == "200")
    let server = try PrometheusServer(target: exporter.address, settings: settings)
    try waitUntil("the target is up", limitSeconds: 60) { try server.values("up") == ["1"] }
    for file in ["server.crt", "server.key"] {
      try folder.tree.write(file, try folder.authority.text("server-rsa." + file.suffix(3)))
    }
    _ = try exporter.awaitedLog("msg=\"web configuration reloaded\"")
    try server.add(job: "new-connections", target: exporter.address, settings: settings)
    try waitUntil("both are scraped", limitSeconds: 60) {
      try server.values("up") == ["1", "1"] && server.values("sum_over_time(up[1m]) > 3").count == 2
    }
    #expect(try server.values("min_over_time(up[1m])") == ["1", "1"])
    #expect(try exporter.stop() == .exit(0))
  }

  @Test(.needs(.tool("promtool")))
  func `has nothing to say of what is served, in its linter`() throws {
    let exporter = try ServingExporter()
    let metrics = try exporter.get("/metrics").body
    let lint = try Command.run(["promtool", "check", "metrics"], input: metrics)
    #expect(lint.status == .exit(0))
    #expect(lint.text + lint.errors == "")
    // It does say something of what is wrong.
    let wrong = try Command.run(
      ["promtool", "check", "metrics"], input: metrics + Array("no_help_total 1\n".utf8))
    #expect(wrong.status == .exit(3))
  }

  @Test(.needs(.openMetricsParser))
  func `and the strict parser understand what is served`() throws {
    let exporter = try ServingExporter()
    let answer = try exporter.get(
      "/metrics", ["Accept: application/openmetrics-text;version=1.0.0"])
    let families = try openMetricsFamilies(answer.body)
    #expect(families.contains("pagemigration_pages_migrated counter"))
    #expect(families.contains("pagemigration_build info"))
    #expect(families.count > 40)
  }
}

/// A histogram as the text has it.
private struct ClassicHistogram {
  private var buckets: [(bound: Double, count: Double)] = []
  private(set) var sum = 0.0

  init(of name: String, label: String, in text: String) {
    for line in text.split(separator: "\n") where line.contains(label) {
      let value = Double(line.split(separator: " ").last!)!
      if line.hasPrefix("\(name)_sum") { sum = value }
      if line.hasPrefix("\(name)_bucket") {
        let bound = line.split(separator: "le=\"")[1].prefix { $0 != "\"" }
        buckets.append((bound == "+Inf" ? .infinity : Double(bound)!, value))
      }
    }
  }

  var count: Double { buckets.last?.count ?? 0 }

  /// The bounds of the bucket in which that part of all observations ends.
  func bucket(ofShare share: Double) -> ClosedRange<Double> {
    let place = buckets.firstIndex { $0.count >= share * count } ?? 0
    return (place > 0 ? buckets[place - 1].bound : 0)...buckets[place].bound
  }
}

/// A Prometheus server that scrapes one target each second.
private final class PrometheusServer {
  private let tree: TemporaryTree
  private let process: ChildProcess
  private let address: String
  private var config: String

  /// - Parameter settings: lines of the scrape configuration.
  init(target: String, settings: String = "", flags: [String] = []) throws {
    config = "global: {scrape_interval: 1s, scrape_timeout: 1s}\nscrape_configs:\n"
    config += Self.job("page-migration", target, settings)
    tree = try TemporaryTree(["prometheus.yml": config])
    address = "127.0.0.1:\(try freePort())"
    process = try ChildProcess(
      [
        "prometheus", "--config.file=\(tree.path)/prometheus.yml",
        "--storage.tsdb.path=\(tree.path)/data", "--web.listen-address=\(address)",
        "--log.level=warn",
      ] + flags)
    try waitUntil("Prometheus is ready", limitSeconds: 60) {
      if process.status() != nil { throw Failure(try process.errors()) }
      return (try? HTTPConnection(address).get("/-/ready"))?.status == 200
    }
  }

  /// Has it scrape a target for another job, too.
  func add(job: String, target: String, settings: String) throws {
    config += Self.job(job, target, settings)
    try tree.write("prometheus.yml", config)
    process.send(SIGHUP)
  }

  private static func job(_ name: String, _ target: String, _ settings: String) -> String {
    """
      - job_name: \(name)
        static_configs: [{targets: ['\(target)']}]
    \(settings)

    """
  }

  /// The values of an instant query, in order.
  func values(_ query: String) throws -> [String] {
    let escaped = query.addingPercentEncoding(withAllowedCharacters: .alphanumerics)!
    let answer = try get("/api/v1/query?query=\(escaped)", as: Answer<Vector>.self)
    return answer.data.result.map { $0.value.text }
  }

  /// The type of each family that the target gave.
  func metadata() throws -> [String: String] {
    let answer = try get("/api/v1/targets/metadata", as: Answer<[Metadata]>.self)
    return Dictionary(answer.data.map { ($0.metric, $0.type) }, uniquingKeysWith: { $1 })
  }

  private func get<Value: Decodable>(_ path: String, as type: Value.Type) throws -> Value {
    let answer = try HTTPConnection(address).get(path, ["Connection: close"])
    return try JSONDecoder().decode(type, from: Data(answer.body))
  }

  private struct Answer<Value: Decodable>: Decodable { let data: Value }
  private struct Vector: Decodable { let result: [Sample] }
  private struct Sample: Decodable { let value: Value }
  private struct Metadata: Decodable {
    let metric: String
    let type: String
  }

  /// `[1732320000.123, "1"]`
  private struct Value: Decodable {
    let text: String

    init(from decoder: any Decoder) throws {
      var list = try decoder.unkeyedContainer()
      _ = try list.decode(Double.self)
      text = try list.decode(String.self)
    }
  }
}
