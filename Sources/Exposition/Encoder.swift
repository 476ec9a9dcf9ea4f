internal import System

/// Writes metric families as text, in the order in which they are given.
///
/// It writes into bytes that it was handed and hands them back, so that a steady scrape allocates
/// nothing. It does not check what it is given: names, labels and order are the caller's.
package struct Encoder: ~Copyable {
  package let format: ExpositionFormat
  private var bytes: [UInt8]
  /// Where the header of a family without a metric begins.
  private var emptyFamily: Int?

  /// - Parameter bytes: emptied, with its memory kept.
  package init(_ format: ExpositionFormat, reusing bytes: consuming [UInt8] = []) {
    self.format = format
    bytes.removeAll(keepingCapacity: true)
    self.bytes = bytes
  }

  /// Begins a family. One that is given no metric leaves no trace.
  package mutating func begin(_ family: MetricFamily) {
    dropEmptyFamily()
    emptyFamily = bytes.count
    append(format.isOpenMetrics ? family.openMetricsHeader : family.textHeader)
  }

  /// Writes a family that has a single metric, without labels.
  package mutating func write(_ family: MetricFamily, _ value: UInt64) {
    begin(familyOfOne: family)
    append(value)
    endLine()
  }

  /// The same for a time in seconds, exactly.
  package mutating func write(_ family: MetricFamily, _ duration: Duration) {
    begin(familyOfOne: family)
    append(duration)
    endLine()
  }

  package mutating func write(_ metric: borrowing Metric, _ value: UInt64) {
    append(metric.prefix)
    append(value)
    endLine()
  }

  /// Writes a time in seconds, exactly.
  package mutating func write(_ metric: borrowing Metric, _ duration: Duration) {
    append(metric.prefix)
    append(duration)
    endLine()
  }

  /// Writes a number of at least 0, to nine places after the point. What is no such number, or as
  /// large as 2^64, is not written: absent is not wrong.
  package mutating func write(_ metric: borrowing Metric, decimal value: Double) {
    guard value >= 0, value < 0x1p64 else { return }
    let whole = UInt64(value)
    let billionths = UInt64(((value - Double(whole)) * 1e9).rounded())
    append(metric.prefix)
    if billionths < UInt64(1e9) {
      append(whole: whole, billionths: billionths)
    } else {
      append(whole + 1)
    }
    endLine()
  }

  /// Writes a histogram. `counts` has the observations of each bucket alone, `+Inf` last.
  package mutating func write(
    _ histogram: borrowing HistogramMetrics, counts: [UInt64], sum: Double
  ) {
    let total = writeBuckets(histogram, counts)
    write(histogram.sum, decimal: sum)
    write(histogram.count, total)
  }

  /// The same for a histogram of times, whose sum is exact.
  package mutating func write(
    _ histogram: borrowing HistogramMetrics, counts: [UInt64], sum: Duration
  ) {
    let total = writeBuckets(histogram, counts)
    write(histogram.sum, sum)
    write(histogram.count, total)
  }

  /// A place to go back to with ``rollBack(to:)``.
  package mutating func mark() -> Int {
    dropEmptyFamily()
    return bytes.count
  }

  /// Forgets all that was written since the mark.
  package mutating func rollBack(to mark: Int) {
    emptyFamily = nil
    bytes.removeLast(bytes.count - mark)
  }

  /// The finished exposition.
  package consuming func finish() -> [UInt8] {
    dropEmptyFamily()
    if format.isOpenMetrics { append(Self.endOfFile) }
    return bytes
  }

  private static let endOfFile = Array("# EOF\n".utf8)

  private mutating func dropEmptyFamily() {
    guard let start = emptyFamily else { return }
    bytes.removeLast(bytes.count - start)
    emptyFamily = nil
  }

  private mutating func endLine() {
    bytes.append(UInt8(ascii: "\n"))
    emptyFamily = nil
  }

  private mutating func writeBuckets(
    _ histogram: borrowing HistogramMetrics, _ counts: [UInt64]
  ) -> UInt64 {
    var total: UInt64 = 0
    for (bucket, count) in zip(histogram.buckets, counts) {
      total &+= count
      write(bucket, total)
    }
    return total
  }

  private mutating func begin(familyOfOne family: MetricFamily) {
    dropEmptyFamily()
    append(format.isOpenMetrics ? family.openMetricsBeginning : family.textBeginning)
  }

  private mutating func append(_ duration: Duration) {
    let (seconds, billionths) = duration.wholeSecondsAndBillionths
    append(whole: seconds, billionths: billionths)
  }

  private mutating func append(whole: UInt64, billionths: UInt64) {
    append(whole)
    guard billionths > 0 else { return }
    bytes.append(UInt8(ascii: "."))
    var rest = billionths
    var unit = UInt64(1e8)
    while rest > 0 {
      bytes.append(UInt8(ascii: "0") &+ UInt8(truncatingIfNeeded: rest / unit))
      rest %= unit
      unit /= 10
    }
  }

  private mutating func append(_ text: borrowing [UInt8]) {
    bytes.append(contentsOf: copy text)
  }

  private mutating func append(_ value: UInt64) {
    guard value > 9 else {
      bytes.append(UInt8(ascii: "0") &+ UInt8(truncatingIfNeeded: value))
      return
    }
    var digits = InlineArray<20, UInt8>(repeating: 0)
    var first = 20
    var rest = value
    while rest > 0 {
      first -= 1
      digits[first] = UInt8(ascii: "0") &+ UInt8(truncatingIfNeeded: rest % 10)
      rest /= 10
    }
    bytes.append(addingCapacity: 20 - first) { output in
      for index in first..<20 { output.append(digits[index]) }
    }
  }
}
