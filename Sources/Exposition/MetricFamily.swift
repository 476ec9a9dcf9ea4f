package enum MetricType: String, Sendable {
  case counter, gauge, histogram, info
}

/// A metric family: its name, what a reader of METRICS.md finds about it, and its lines of HELP and
/// TYPE, rendered once.
///
/// A class, so that handing it on costs one count of references and not one for each of its texts.
package final class MetricFamily: Sendable {
  /// The name of its metrics: with `_total` for a counter and `_info` for an info.
  package let name: String
  package let type: MetricType
  /// A sentence, always the same, that names the kernel's field.
  package let help: String

  package let labels: [String]
  /// The kernel's field or file.
  package let source: String
  /// What one of it is: base pages, THPs, faults, seconds.
  package let unit: String
  /// The first kernel release that has it.
  package let since: String

  let textHeader: [UInt8]
  let openMetricsHeader: [UInt8]
  /// The header and the beginning of the line of a metric without labels.
  let textBeginning: [UInt8]
  let openMetricsBeginning: [UInt8]
  /// The fields of its protobuf message that come before its metrics.
  let protobufHeader: [UInt8]
  /// The only metric of a family without labels.
  let onlyMetric: Metric

  /// - Parameter name: where it ends in `_seconds` or `_bytes`, OpenMetrics has that as its UNIT.
  package init(
    _ name: String, _ type: MetricType, labels: [String] = [], source: String = "",
    unit: String = "",
    since: String = "any", help: String
  ) {
    self.name = name
    self.type = type
    self.help = help
    self.labels = labels
    self.source = source
    self.unit = unit
    self.since = since
    // The older text format has no info; there it is a gauge of value 1.
    let textType = type == .info ? .gauge : type
    textHeader = Array(
      "# HELP \(name) \(escaped(help, quotes: false))\n# TYPE \(name) \(textType.rawValue)\n".utf8)
    // OpenMetrics names a family without the suffix that its type gives to the metrics.
    let familyName =
      switch type {
      case .counter: name.droppingSuffix("_total")
      case .info: name.droppingSuffix("_info")
      case .gauge, .histogram: name
      }
    // OpenMetrics knows these as units of the name; the others are words for people.
    let nameUnit = ["seconds", "bytes"].first { name.hasSuffix("_\($0)") }
    let unitLine = nameUnit.map { "# UNIT \(familyName) \($0)\n" } ?? ""
    openMetricsHeader = Array(
      "# HELP \(familyName) \(escaped(help, quotes: true))\n# TYPE \(familyName) \(type.rawValue)\n\(unitLine)"
        .utf8)
    let line = Array("\(name) ".utf8)
    textBeginning = textHeader + line
    openMetricsBeginning = openMetricsHeader + line
    protobufHeader = Exposition.protobufHeader(name, textType, help: help, unit: nameUnit)
    onlyMetric = Metric(name)
  }
}

extension String {
  fileprivate func droppingSuffix(_ suffix: String) -> String {
    precondition(hasSuffix(suffix), "\(self) must end in \(suffix)")
    return String(dropLast(suffix.count))
  }
}
