package import System

/// Writes metric families in one of the formats, in the order in which they are given.
///
/// It writes into bytes that it was handed and hands them back, so that a steady scrape allocates
/// nothing. It does not check what it is given: names, labels and order are the caller's.
package struct Encoder: ~Copyable {
  package let format: ExpositionFormat
  /// Since when that counts which follows: nil where nobody knows. Protobuf has it with each counter
  /// and histogram; OpenMetrics has a line `_created` for each, where ``writesCreated`` is set.
  package var countingSince: UnixTime?
  let writesCreated: Bool
  var bytes: Output
  /// Whether what is being written counts.
  private(set) var isCounter = false
  /// Where the header of a family without a metric begins.
  var emptyFamily: Int?
  /// Where the family's message begins, in protobuf. Nil where none is open.
  private var message: Int?

  /// - Parameters:
  ///   - created: whether a counter or histogram of OpenMetrics has a line that says since when it
  ///     counts. A server that does not read it as that takes it for a metric more.
  ///   - bytes: written over, in the memory that they have.
  package init(
    _ format: ExpositionFormat, created: Bool = false, reusing bytes: consuming [UInt8] = []
  ) {
    self.format = format
    writesCreated = created && format.isOpenMetrics
    self.bytes = Output(reusing: consume bytes)
  }

  /// Begins a family. One that is given no metric leaves no trace.
  package mutating func begin(_ family: MetricFamily) {
    closeFamily()
    emptyFamily = bytes.count
    isCounter = family.type == .counter
    switch format {
    case .plainText, .plainTextUTF8: bytes.append(family.textHeader)
    case .openMetrics, .openMetricsDraft: bytes.append(family.openMetricsHeader)
    case .protobuf:
      message = bytes.beginMessage()
      bytes.append(family.protobufHeader)
    }
  }

  /// Writes a family that has a single metric, without labels.
  package mutating func write(_ family: MetricFamily, _ value: UInt64) {
    guard format != .protobuf else {
      begin(family)
      return appendSample(family.onlyMetric, Double(value))
    }
    closeFamily()
    isCounter = family.type == .counter
    if format.isOpenMetrics {
      bytes.appendLine(family.openMetricsBeginning, value)
    } else {
      bytes.appendLine(family.textBeginning, value)
    }
    lineEnded(family.onlyMetric)
  }

  /// The same for a time in seconds, exactly.
  package mutating func write(_ family: MetricFamily, _ duration: Duration) {
    guard format != .protobuf else {
      begin(family)
      return appendSample(family.onlyMetric, duration.inSeconds)
    }
    begin(familyOfOne: family)
    bytes.append(Decimal(duration))
    endLine(family.onlyMetric)
  }

  package mutating func write(_ metric: borrowing Metric, _ value: UInt64) {
    guard format != .protobuf else { return appendSample(metric, Double(value)) }
    bytes.appendLine(metric.prefix, value)
    lineEnded(metric)
  }

  /// Writes a time in seconds, exactly.
  package mutating func write(_ metric: borrowing Metric, _ duration: Duration) {
    guard format != .protobuf else { return appendSample(metric, duration.inSeconds) }
    bytes.append(metric.prefix)
    bytes.append(Decimal(duration))
    endLine(metric)
  }

  /// Writes a number of at least 0, in text to nine places after the point. What is no such number, or
  /// as large as 2^64, is not written: absent is not wrong.
  package mutating func write(_ metric: borrowing Metric, decimal value: Double) {
    guard let number = Decimal(value) else { return }
    guard format != .protobuf else { return appendSample(metric, value) }
    bytes.append(metric.prefix)
    bytes.append(number)
    endLine(metric)
  }

  /// Writes a histogram. `counts` has the observations of each bucket of its scale alone. A reader
  /// refuses one without its sum, so that is there whatever it is.
  package mutating func write(
    _ histogram: borrowing HistogramMetrics, counts: [UInt64], sum: Double
  ) {
    guard format != .protobuf else { return appendHistogram(histogram, counts, sum: sum) }
    let total = appendBuckets(histogram, counts)
    bytes.append(histogram.sum.prefix)
    if let number = Decimal(sum) { bytes.append(number) } else { bytes.append(sum.expositionText) }
    endLine(histogram.sum)
    write(histogram.count, total)
    appendCreated(histogram.count, suffix: "_count")
  }

  /// The same for a histogram of times, whose sum is exact.
  ///
  /// - Parameter exemplar: one of the times that it counts.
  package mutating func write(
    _ histogram: borrowing HistogramMetrics, counts: [UInt64], sum: Duration,
    exemplar: Exemplar? = nil
  ) {
    guard format != .protobuf else {
      return appendHistogram(histogram, counts, sum: sum.inSeconds, exemplar)
    }
    let total = appendBuckets(histogram, counts, format.isOpenMetrics ? exemplar : nil)
    write(histogram.sum, sum)
    write(histogram.count, total)
    appendCreated(histogram.count, suffix: "_count")
  }

  /// A place to go back to with ``rollBack(to:)``.
  package mutating func mark() -> Int {
    closeFamily()
    return bytes.count
  }

  /// Forgets all that was written since the mark.
  package mutating func rollBack(to mark: Int) {
    emptyFamily = nil
    message = nil
    bytes.removeAll(from: mark)
  }

  /// The finished exposition.
  package consuming func finish() -> [UInt8] {
    closeFamily()
    if format.isOpenMetrics { bytes.append(Self.endOfFile) }
    return bytes.finish()
  }

  private static let endOfFile = Array("# EOF\n".utf8)

  mutating func closeFamily() {
    if let start = emptyFamily {
      bytes.removeAll(from: start)
      emptyFamily = nil
    } else if let message {
      bytes.endMessage(message)
    }
    message = nil
  }

  mutating func begin(familyOfOne family: MetricFamily) {
    closeFamily()
    isCounter = family.type == .counter
    bytes.append(format.isOpenMetrics ? family.openMetricsBeginning : family.textBeginning)
  }
}
