import TestSupport
import Testing

@Suite struct `The exposition of a machine` {
  @Test(arguments: Fixture.machines)
  func `is the golden one, byte for byte`(machine: Fixture) throws {
    let result = try Exporter.print(Exporter.flags(machine))
    #expect(result.status == .exit(0))
    #expect(result.errors == "")
    try Golden.expect(normalized(result.text), equals: "\(machine.path)/metrics.txt")
  }

  @Test func `is the golden one in OpenMetrics as well`() throws {
    let machine = Fixture("debian-7.2-two-tiers")
    let exporter = try ServingExporter(
      Exporter.flags(machine) + ["--web.disable-exporter-metrics", "--no-collector.rates"])
    let answer = try exporter.get(
      "/metrics", ["Accept: application/openmetrics-text;version=1.0.0"])
    #expect(
      answer.header("Content-Type")
        == "application/openmetrics-text; version=1.0.0; charset=utf-8")
    try Golden.expect(normalized(answer.text), equals: "\(machine.path)/metrics.openmetrics.txt")
  }

  @Test(.needs(.tool("promtool")), arguments: Fixture.machines + Fixture.hostile)
  func `gives promtool nothing to say`(fixture: Fixture) throws {
    let metrics = try Files.read(fixture.metricsPath)
    let lint = try Command.run(["promtool", "check", "metrics"], input: metrics)
    #expect(lint.status == .exit(0))
    #expect(lint.text + lint.errors == "")
  }

  @Test(.needs(.openMetricsParser))
  func `is understood by the strict parser of OpenMetrics`() throws {
    let golden = try Files.read(
      "\(Fixture("debian-7.2-two-tiers").path)/metrics.openmetrics.txt")
    #expect(try openMetricsFamilies(golden).count > 40)
    // The parser is strict indeed: it refuses the text without its end.
    #expect(throws: Failure.self) { try openMetricsFamilies(golden.dropLast(6)) }
  }
}

/// The exposition with what differs from build to build, run to run and machine to machine made
/// the same.
func normalized(_ exposition: String) -> String {
  exposition.split(separator: "\n", omittingEmptySubsequences: false).map { line in
    if line.hasPrefix("pagemigration_build_info{") {
      return "pagemigration_build_info{version=\"\",revision=\"\",swift_version=\"\","
        + "libmicrohttpd_version=\"\"} 1"
    }
    if line.hasPrefix("pagemigration_scrape_collector_duration_seconds{") {
      return line.prefix { $0 != " " } + " 0"
    }
    if line.hasPrefix("pagemigration_page_size_bytes ") {
      return "pagemigration_page_size_bytes 4096"
    }
    return String(line)
  }.joined(separator: "\n")
}

/// `name type` of each family, as prometheus_client's parser finds them.
func openMetricsFamilies(_ exposition: some Collection<UInt8>) throws -> [String] {
  let program = """
    import sys
    from prometheus_client.openmetrics.parser import text_string_to_metric_families
    for family in text_string_to_metric_families(sys.stdin.read()):
        print(family.name, family.type)
    """
  let result = try Command.run(["/usr/bin/python3", "-c", program], input: Array(exposition))
  guard result.status == .exit(0) else { throw Failure(result.errors) }
  return result.text.split(separator: "\n").map { String($0) }
}
