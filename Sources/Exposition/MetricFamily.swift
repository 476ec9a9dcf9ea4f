package enum MetricType: String, Sendable {
  case counter, gauge, histogram, info
}

/// A metric family: a name, what it means, and its lines of HELP and TYPE, rendered once.
///
/// A class, so that handing it on costs one count of references and not one for each of its texts.
package final class MetricFamily: Sendable {
  /// The name of its metrics: with `_total` for a counter and `_info` for an info.
  package let name: String
  package let type: MetricType
  /// A sentence, always the same, that names the kernel's field.
  package let help: String

  let textHeader: [UInt8]
  let openMetricsHeader: [UInt8]
  /// The header and the beginning of the line of a metric without labels.
  let textBeginning: [UInt8]
  let openMetricsBeginning: [UInt8]

  /// - Parameter unit: OpenMetrics' UNIT, which the name must end in (before `_total`).
  package init(_ name: String, _ type: MetricType, unit: String? = nil, help: String) {
    self.name = name
    self.type = type
    self.help = help
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
    precondition(
      unit.map { familyName.hasSuffix("_\($0)") } ?? true, "\(name) must end in its unit")
    let unitLine = unit.map { "# UNIT \(familyName) \($0)\n" } ?? ""
    openMetricsHeader = Array(
      "# HELP \(familyName) \(escaped(help, quotes: true))\n# TYPE \(familyName) \(type.rawValue)\n\(unitLine)"
        .utf8)
    let line = Array("\(name) ".utf8)
    textBeginning = textHeader + line
    openMetricsBeginning = openMetricsHeader + line
  }
}

extension String {
  fileprivate func droppingSuffix(_ suffix: String) -> String {
    precondition(hasSuffix(suffix), "\(self) must end in \(suffix)")
    return String(dropLast(suffix.count))
  }
}
