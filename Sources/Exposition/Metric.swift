package import Histograms

/// One metric of a family: its name and labels, rendered once.
///
/// A class, so that handing it on costs one count of references and not one for each of its texts.
package final class Metric: Sendable {
  /// The line of text up to its value: the name, the labels and a space.
  let prefix: [UInt8]
  /// How many bytes of it are the name.
  let nameLength: Int
  /// The labels as fields of a protobuf message.
  let labelPairs: [UInt8]

  package convenience init(_ name: String, labels: KeyValuePairs<String, String> = [:]) {
    self.init(name, labelPairs: labels.map { ($0.key, $0.value) })
  }

  package init(_ name: String, labelPairs: [(name: String, value: String)]) {
    let inner = labelPairs.map { "\($0.name)=\"\(escaped($0.value, quotes: true))\"" }
      .joined(separator: ",")
    prefix = Array((inner.isEmpty ? "\(name) " : "\(name){\(inner)} ").utf8)
    nameLength = name.utf8.count
    self.labelPairs = protobufLabels(labelPairs)
  }
}

extension MetricFamily {
  /// A metric of this family.
  package func metric(_ labels: KeyValuePairs<String, String> = [:]) -> Metric {
    Metric(name, labels: labels)
  }
}

/// A histogram's metrics: its cumulative buckets, its sum and its count; and its native buckets.
package final class HistogramMetrics: Sendable {
  /// The beginnings of the buckets' lines, one behind the other, and where each ends.
  let bucketText: [UInt8]
  let bucketEnds: [Int]
  let sum: Metric
  let count: Metric
  let scale: HistogramScale
  /// Its labels without `le`, as fields of a protobuf message.
  let labelPairs: [UInt8]

  package init(
    _ family: MetricFamily, _ scale: HistogramScale,
    labelPairs: [(name: String, value: String)] = []
  ) {
    var (text, ends): ([UInt8], [Int]) = ([], [])
    for bound in scale.classicBounds.map(openMetricsNumber) + ["+Inf"] {
      text += Metric(family.name + "_bucket", labelPairs: labelPairs + [("le", bound)]).prefix
      ends.append(text.count)
    }
    (bucketText, bucketEnds) = (text, ends)
    sum = Metric(family.name + "_sum", labelPairs: labelPairs)
    count = Metric(family.name + "_count", labelPairs: labelPairs)
    self.scale = scale
    self.labelPairs = sum.labelPairs
  }
}

/// A bound as OpenMetrics spells floats: `0.0`, `0.000128`, `1e-06`, `100000.0`, `1e+06`.
func openMetricsNumber(_ value: Double) -> String {
  guard value >= 1e6, value == value.rounded(), value < 0x1p63 else { return "\(value)" }
  let digits = String(UInt64(value))
  let exponent = digits.utf8.count - 1
  var mantissa = digits
  while mantissa.hasSuffix("0") { mantissa.removeLast() }
  if mantissa.utf8.count > 1 {
    mantissa.insert(".", at: mantissa.index(after: mantissa.startIndex))
  }
  return "\(mantissa)e+\(exponent < 10 ? "0" : "")\(exponent)"
}

/// `text` with a backslash before each backslash, newline (as `\n`) and, where it says so, quote.
func escaped(_ text: String, quotes: Bool) -> String {
  // Next to none has any, and a program that starts asks for hundreds.
  let needsNone = text.utf8.allSatisfy {
    $0 != UInt8(ascii: "\\") && $0 != UInt8(ascii: "\n") && !(quotes && $0 == UInt8(ascii: "\""))
  }
  guard !needsNone else { return text }
  var result = ""
  for scalar in text.unicodeScalars {
    switch scalar {
    case "\\": result += "\\\\"
    case "\n": result += "\\n"
    case "\"" where quotes: result += "\\\""
    default: result.unicodeScalars.append(scalar)
    }
  }
  return result
}
