internal import Histograms
internal import System

/// The two kinds of text.
extension Encoder {
  mutating func endLine(_ metric: borrowing Metric) {
    bytes.append(UInt8(ascii: "\n"))
    lineEnded(metric)
  }

  /// A line is written, whose newline stands there already.
  mutating func lineEnded(_ metric: borrowing Metric) {
    emptyFamily = nil
    if writesCreated, isCounter { appendCreated(metric, suffix: "_total") }
  }

  /// The line that says since when a metric counts: its own, with another suffix.
  mutating func appendCreated(_ metric: borrowing Metric, suffix: StaticString) {
    guard writesCreated, let countingSince else { return }
    let nameLength = metric.nameLength - suffix.utf8CodeUnitCount
    let prefix = metric.prefix
    bytes.append(prefix.span.extracting(..<nameLength))
    bytes.append(Self.createdSuffix)
    bytes.append(prefix.span.extracting(metric.nameLength...))
    bytes.append(Decimal(countingSince.sinceEpoch))
    bytes.append(UInt8(ascii: "\n"))
  }

  private static let createdSuffix = Array("_created".utf8)

  /// - Returns: how many observations there are in all.
  mutating func appendBuckets(
    _ histogram: borrowing HistogramMetrics, _ counts: [UInt64], _ exemplar: Exemplar? = nil
  ) -> UInt64 {
    emptyFamily = nil
    guard let exemplar else { return bytes.append(histogram, counts.span) }
    return bytes.append(
      histogram, counts.span, behind: histogram.scale.classicPlace(of: exemplar.value.inSeconds),
      exemplar.text)
  }
}

extension Double {
  /// `1.8446744073709552e+19`, `+Inf`, `NaN`: any number, as text has it.
  var expositionText: [UInt8] {
    Array((isNaN ? "NaN" : isFinite ? "\(self)" : self < 0 ? "-Inf" : "+Inf").utf8)
  }
}

extension Exemplar {
  /// ` # {comm="java",pid="1234"} 0.25 1700000000.123`
  fileprivate var text: [UInt8] {
    var text = Output()
    text.append(Array(" # ".utf8))
    text.append(labels)
    text.append(UInt8(ascii: " "))
    text.append(Decimal(value))
    text.append(UInt8(ascii: " "))
    text.append(Decimal(time.sinceEpoch))
    return text.finish()
  }
}
