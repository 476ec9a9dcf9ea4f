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

  mutating func appendBuckets(
    _ histogram: borrowing HistogramMetrics, _ counts: [UInt64], _ exemplar: Exemplar? = nil
  ) -> UInt64 {
    let exemplarPlace = exemplar.map { histogram.scale.classicPlace(of: $0.value.inSeconds) }
    let (scale, text, ends) = (histogram.scale, histogram.bucketText, histogram.bucketEnds)
    var (total, begin, textBegin): (UInt64, Int, Int) = (0, 0, 0)
    for place in ends.indices {
      let end = scale.classicEnd(place)
      for count in counts[begin..<end] { total &+= count }
      let line = text.span.extracting(textBegin..<ends[place])
      if let exemplar, place == exemplarPlace {
        bytes.append(line)
        bytes.append(decimal: total)
        append(exemplar)
        bytes.append(UInt8(ascii: "\n"))
      } else {
        bytes.appendLine(line, total)
      }
      (begin, textBegin) = (end, ends[place])
    }
    emptyFamily = nil
    return total
  }

  private static let exemplarMark = Array(" # ".utf8)

  /// ` # {comm="java",pid="1234"} 0.25 1700000000.123`
  private mutating func append(_ exemplar: Exemplar) {
    bytes.append(Self.exemplarMark)
    bytes.append(exemplar.labels)
    bytes.append(UInt8(ascii: " "))
    bytes.append(Decimal(exemplar.value))
    bytes.append(UInt8(ascii: " "))
    bytes.append(Decimal(exemplar.time.sinceEpoch))
  }
}
