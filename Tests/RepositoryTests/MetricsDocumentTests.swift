import Collectors
import Exposition
import TestSupport
import Testing

@Suite struct `METRICS.md` {
  @Test func `has the table that is in the code`() throws {
    let document = try Document("METRICS.md")
    try document.expect(metricsTables(), between: "metrics")
  }

  @Test func `has every collector that there is a flag for`() throws {
    let flags = try ProgramHelp.read().serve.flags.map(\.name)
    let names = flags.filter { $0.hasPrefix("--collector.") }
      .map { $0.dropFirst("--collector.".count) }
      .filter { !$0.contains(".") }
    #expect(names.count >= 5)
    #expect(Set(everyCollector().map { $0.name[...] }) == Set(names))
  }

  @Test func `has every metric that the program gives here, by its type`() throws {
    let exporter = try ServingExporter()
    let document = try Repository.text("METRICS.md")
    let types = try exporter.get("/metrics").text.split(separator: "\n")
      .filter { $0.hasPrefix("# TYPE ") }.map { $0.split(separator: " ") }
    #expect(types.count > 40)
    for type in types {
      let rows = document.split(separator: "\n").filter { $0.hasPrefix("| `\(type[2])` |") }
      #expect(rows.count == 1, "\(type[2])")
      let expected = type[2].hasSuffix("_info") ? "info" : type[3]
      #expect(rows.first?.split(separator: "|")[1] == " \(expected) ", "\(type[2])")
    }
  }
}

/// A table for each collector, of what it documents.
private func metricsTables() -> String {
  let tables =
    everyCollector().map { ($0.name, $0.documentation) }
    + [("exporter", ExporterMetrics.documentation)]
  return tables.map { name, families in
    let head = """
      ### \(name)

      | metric | type | labels | kernel field or file | unit | since | meaning |
      |---|---|---|---|---|---|---|

      """
    return head + families.map(row).joined(separator: "\n")
  }.joined(separator: "\n\n")
}

private func row(_ family: MetricFamily) -> String {
  let source = family.source
  // The HELP text ends in the field, which has a column of its own here.
  let help =
    family.help.hasSuffix(" (\(source))")
    ? String(family.help.dropLast(source.count + 3)) : family.help
  let labels = family.labels.map { "`\($0)`" }.joined(separator: ", ")
  let cells = [
    "`\(family.name)`", family.type.rawValue, labels, source, family.unit, family.since,
    help.replacing("|", with: "\\|"),
  ]
  return "| \(cells.joined(separator: " | ")) |"
}
