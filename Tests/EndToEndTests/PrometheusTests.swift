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

/// A Prometheus server that scrapes one target each second.
private final class PrometheusServer {
  private let tree: TemporaryTree
  private let process: ChildProcess
  private let address: String

  init(target: String) throws {
    tree = try TemporaryTree([
      "prometheus.yml": """
      global: {scrape_interval: 1s, scrape_timeout: 1s}
      scrape_configs:
        - job_name: page-migration
          static_configs: [{targets: ['\(target)']}]

      """
    ])
    address = "127.0.0.1:\(try freePort())"
    process = try ChildProcess([
      "prometheus", "--config.file=\(tree.path)/prometheus.yml",
      "--storage.tsdb.path=\(tree.path)/data", "--web.listen-address=\(address)",
      "--log.level=warn",
    ])
    try waitUntil("Prometheus is ready", limitSeconds: 60) {
      if process.status() != nil { throw Failure(try process.errors()) }
      return (try? HTTPConnection(address).get("/-/ready"))?.status == 200
    }
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
