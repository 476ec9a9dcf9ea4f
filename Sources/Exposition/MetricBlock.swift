/// Metrics that are always written together, in the order in which they are here: the machine's counters,
/// or the settings.
///
/// Their text lies in one piece, so that a line costs little more than its bytes: nobody asks a family or
/// a metric for its text, and nobody counts references to them.
package final class MetricBlock: Sendable {
  /// A family and those of its metrics that are in the block.
  package struct Part: Sendable {
    let family: MetricFamily
    let metrics: [Metric]

    package init(_ family: MetricFamily, _ metrics: [Metric]) {
      (self.family, self.metrics) = (family, metrics)
    }

    /// The only metric of a family without labels.
    package init(_ family: MetricFamily) { self.init(family, [family.onlyMetric]) }
  }

  let parts: [Part]
  let text: BlockText
  let openMetricsText: BlockText

  package init(_ parts: [Part]) {
    self.parts = parts
    text = BlockText(parts) { $0.textHeader }
    openMetricsText = BlockText(parts) { $0.openMetricsHeader }
  }

  /// How many metrics it has.
  package var count: Int { text.lines.count }
}

/// The text of a block in one format: each family's header and, behind it, the beginnings of its lines.
struct BlockText: Sendable {
  struct Line: Sendable {
    let header: Range<Int>
    let beginning: Range<Int>
  }

  let bytes: [UInt8]
  let lines: [Line]

  init(_ parts: [MetricBlock.Part], header: (MetricFamily) -> [UInt8]) {
    var (bytes, lines): ([UInt8], [Line]) = ([], [])
    func add(_ text: [UInt8]) -> Range<Int> {
      bytes += text
      return bytes.count - text.count..<bytes.count
    }
    for part in parts {
      let header = add(header(part.family))
      for metric in part.metrics {
        lines.append(Line(header: header, beginning: add(metric.prefix)))
      }
    }
    (self.bytes, self.lines) = (bytes, lines)
  }
}

extension Encoder {
  /// Writes the metrics of a block that have a value, and the families of these.
  ///
  /// - Parameter values: one for each metric, in their order. Nil where it is to be left out.
  package mutating func write(_ block: borrowing MetricBlock, _ values: [UInt64?]) {
    precondition(values.count == block.count)
    guard format != .protobuf, !writesCreated else { return writeParts(block, values) }
    closeFamily()
    bytes.append(format.isOpenMetrics ? block.openMetricsText : block.text, values.span)
  }

  /// The same for numbers that have a part behind the point. What ``write(_:decimal:)`` does not write is
  /// left out here, too.
  package mutating func write(_ block: borrowing MetricBlock, decimals values: [Double?]) {
    precondition(values.count == block.count)
    guard format != .protobuf, !writesCreated else { return writeParts(block, decimals: values) }
    closeFamily()
    bytes.append(format.isOpenMetrics ? block.openMetricsText : block.text, values.span)
  }

  private mutating func writeParts(_ block: borrowing MetricBlock, _ values: [UInt64?]) {
    var place = 0
    for part in block.parts {
      begin(part.family)
      for metric in part.metrics {
        if let value = values[place] { write(metric, value) }
        place += 1
      }
    }
  }

  private mutating func writeParts(_ block: borrowing MetricBlock, decimals values: [Double?]) {
    var place = 0
    for part in block.parts {
      begin(part.family)
      for metric in part.metrics {
        if let value = values[place] { write(metric, decimal: value) }
        place += 1
      }
    }
  }
}
