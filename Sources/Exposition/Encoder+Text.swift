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
    bytes.append(contentsOf: metric.prefix[..<nameLength])
    append(Self.createdSuffix)
    bytes.append(contentsOf: metric.prefix[metric.nameLength...])
    append(countingSince.sinceEpoch)
    bytes.append(UInt8(ascii: "\n"))
  }

  private static let createdSuffix = Array("_created".utf8)

  mutating func appendBuckets(
    _ histogram: borrowing HistogramMetrics, _ counts: [UInt64], _ exemplar: Exemplar? = nil
  ) -> UInt64 {
    let exemplarPlace = exemplar.map { histogram.scale.classicPlace(of: $0.value.inSeconds) }
    var total: UInt64 = 0
    var begin = 0
    for (place, bucket) in histogram.buckets.enumerated() {
      let end = histogram.scale.classicEnd(place)
      for count in counts[begin..<end] { total &+= count }
      if let exemplar, place == exemplarPlace {
        append(bucket.prefix)
        append(total)
        append(exemplar)
        endLine(bucket)
      } else {
        write(bucket, total)
      }
      begin = end
    }
    return total
  }

  /// ` # {comm="java",pid="1234"} 0.25 1700000000.123`
  private mutating func append(_ exemplar: Exemplar) {
    bytes.append(contentsOf: " # ".utf8)
    append(exemplar.labels)
    bytes.append(UInt8(ascii: " "))
    append(exemplar.value)
    bytes.append(UInt8(ascii: " "))
    append(exemplar.time.sinceEpoch)
  }

  mutating func append(_ duration: Duration) {
    let (seconds, billionths) = duration.wholeSecondsAndBillionths
    append(whole: seconds, billionths: billionths)
  }

  mutating func append(decimal value: Double) {
    let whole = UInt64(value)
    let billionths = UInt64(((value - Double(whole)) * 1e9).rounded())
    if billionths < UInt64(1e9) {
      append(whole: whole, billionths: billionths)
    } else {
      append(whole + 1)
    }
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

  mutating func append(_ value: UInt64) {
    bytes.append(addingCapacity: maximumDigits) { $0.append(decimal: value) }
  }

  /// A metric's line. Room is made for all of it at once.
  mutating func appendLine(_ prefix: [UInt8], _ value: UInt64) {
    bytes.append(addingCapacity: prefix.count + maximumDigits + 1) { line in
      line.append(copying: prefix.span)
      line.append(decimal: value)
      line.append(UInt8(ascii: "\n"))
    }
  }
}

/// Of a number of 64 bits.
private let maximumDigits = 20

extension OutputSpan where Element == UInt8 {
  mutating func append(copying bytes: Span<UInt8>) {
    precondition(bytes.count <= freeCapacity)
    // The bytes lie within the room that is left: checked above.
    unsafe withUnsafeMutableBufferPointer { room, count in
      unsafe bytes.withUnsafeBufferPointer { bytes in
        guard let first = bytes.baseAddress else { return }
        unsafe (room.baseAddress! + count).initialize(from: first, count: bytes.count)
        count += bytes.count
      }
    }
  }

  fileprivate mutating func append(decimal value: UInt64) {
    guard value > 9 else { return append(UInt8(ascii: "0") &+ UInt8(truncatingIfNeeded: value)) }
    var digits = InlineArray<20, UInt8>(repeating: 0)
    var first = 20
    var rest = value
    while rest > 0 {
      first -= 1
      digits[first] = UInt8(ascii: "0") &+ UInt8(truncatingIfNeeded: rest % 10)
      rest /= 10
    }
    for index in first..<20 { append(digits[index]) }
  }
}
