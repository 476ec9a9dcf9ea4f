import System
import TestSupport
import Testing

@Suite struct `Protobuf` {
  static let accept =
    "Accept: application/vnd.google.protobuf;proto=io.prometheus.client.MetricFamily;encoding=delimited"

  @Test(.needs(.protobuf), arguments: Fixture.machines + Fixture.hostile)
  func `says what the text says, as another library reads both`(fixture: Fixture) throws {
    let tree = try fixture.isHostile ? fixture.wholeTree() : TemporaryTree(copyOf: fixture.path)
    // The sampler observes nothing between the two answers; where it fails, its first try may come there.
    let interval = fixture.isHostile ? "0" : "60s"
    let exporter = try ServingExporter(
      Exporter.flags(tree) + ["--collector.rates.interval=\(interval)"])
    let difference = try comparison(of: exporter)
    #expect(difference == "")
  }

  @Test(.needs(.protobuf))
  func `says of this machine since when it counts`() throws {
    let exporter = try ServingExporter(["--web.openmetrics-created"])
    let families = try comparison(of: exporter, "--list").split(separator: "\n")
      .map { $0.split(separator: " ") }
    #expect(families.count > 60)
    let starts = Dictionary(uniqueKeysWithValues: families.map { ($0[0], Int($0[3])!) })
    // /proc/stat has the boot's time in whole seconds, rounded down.
    let boot = try Int(
      Files.text("/proc/stat").split(separator: "\n").first { $0.hasPrefix("btime ") }!
        .split(separator: " ")[1])!
    let start = try #require(starts["pagemigration_pages_migrated_total"])
    #expect(abs(start - boot) <= 1)
    let own = try #require(starts["process_cpu_seconds_total"])
    #expect(own > boot && starts["pagemigration_page_size_bytes"] == 0)
    // OpenMetrics has the same, where it is asked for.
    let text = try exporter.get(
      "/metrics", ["Accept: application/openmetrics-text;version=1.0.0"]
    ).text
    #expect(text.contains("\npagemigration_pages_migrated_created \(start)"))
    #expect(text.contains("\npagemigration_sampled_pages_migrated_per_second_created "))
  }

  /// A container may have a time namespace, in which CLOCK_BOOTTIME is another's.
  @Test(.needs(.root), arguments: ["864000", "-100"])
  func `says when the machine booted, in a time namespace, too`(offset: String) throws {
    let accept = ["Accept: application/openmetrics-text;version=1.0.0"]
    func start(_ wrapper: [String]) throws -> Int {
      let exporter = try ServingExporter(["--web.openmetrics-created"], wrapper: wrapper)
      let text = try exporter.get("/metrics", accept).text
      let line = try #require(
        text.firstMatch(of: /\npagemigration_pages_migrated_created (\d+)/))
      let own = try #require(text.firstMatch(of: /\nprocess_start_time_seconds (\d+)/))
      #expect(abs(Int(own.1)! - Int(UnixTime.now.sinceEpoch.inSeconds)) < 60)
      return Int(line.1)!
    }
    let shifted = try start(["unshare", "--time", "--boottime", offset, "--fork", "--kill-child"])
    #expect(try abs(shifted - start([])) <= 1)
  }

  @Test func `is negotiated, and leaves the text to everybody else`() throws {
    let exporter = try ServingExporter(Exporter.flags(Fixture("debian-7.2-two-tiers")))
    let answer = try exporter.get("/metrics", [Self.accept])
    #expect(
      answer.header("Content-Type")
        == "application/vnd.google.protobuf; proto=io.prometheus.client.MetricFamily; encoding=delimited"
    )
    let packed = try exporter.get("/metrics", [Self.accept, "Accept-Encoding: gzip"])
    #expect(packed.header("Content-Encoding") == "gzip" && packed.body.count < answer.body.count)
  }

  @Test(.needs(.openMetricsParser))
  func `has a sister in OpenMetrics that the strict parser takes`() throws {
    let exporter = try ServingExporter(["--web.openmetrics-created"])
    let answer = try exporter.get(
      "/metrics", ["Accept: application/openmetrics-text;version=1.0.0"])
    #expect(answer.text.contains("_created"))
    #expect(try openMetricsFamilies(answer.body).count > 60)
  }

  /// What the comparison of the two answers prints.
  private func comparison(of exporter: ServingExporter, _ flags: String...) throws -> String {
    let files = try TemporaryTree()
    try Files.write("\(files.path)/text", exporter.get("/metrics").body)
    try Files.write("\(files.path)/protobuf", exporter.get("/metrics", [Self.accept]).body)
    let result = try Command.run(
      [
        "/usr/bin/python3", "\(Repository.root)/Tests/Protobuf/compare", "\(files.path)/text",
        "\(files.path)/protobuf",
      ] + flags)
    #expect(result.errors == "")
    return result.text
  }
}
