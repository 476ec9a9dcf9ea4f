internal import Histograms
internal import System

/// Messages of io.prometheus.client. Their numbers are doubles: of a count above 2^53 the text formats
/// alone have every digit.
extension Encoder {
  /// A counter or a gauge.
  mutating func appendSample(_ metric: borrowing Metric, _ value: Double) {
    let start = isCounter ? startTimestampSize : 0
    let valueSize = 9 + (start > 0 ? 2 + start : 0)
    bytes.appendTag(Field.MetricFamily.metric, .lengthDelimited)
    bytes.appendVarint(UInt64(metric.labelPairs.count + 2 + valueSize))
    bytes.append(metric.labelPairs)
    bytes.appendTag(isCounter ? Field.Metric.counter : Field.Metric.gauge, .lengthDelimited)
    bytes.appendVarint(UInt64(valueSize))
    bytes.appendField(Field.value, value)
    if start > 0 { appendStartTimestamp(Field.Counter.startTimestamp) }
    emptyFamily = nil
  }

  mutating func appendHistogram(
    _ histogram: borrowing HistogramMetrics, _ counts: [UInt64], sum: Double,
    _ exemplar: Exemplar? = nil
  ) {
    bytes.appendTag(Field.MetricFamily.metric, .lengthDelimited)
    let metric = bytes.beginMessage()
    bytes.append(histogram.labelPairs)
    bytes.appendTag(Field.Metric.histogram, .lengthDelimited)
    let message = bytes.beginMessage()
    bytes.appendField(Field.Histogram.count, counts.reduce(0, &+))
    bytes.appendField(Field.Histogram.sum, sum)
    appendClassicBuckets(histogram, counts, exemplar)
    appendNativeBuckets(histogram.scale, counts)
    if startTimestampSize > 0 { appendStartTimestamp(Field.Histogram.startTimestamp) }
    if let exemplar { append(Field.Histogram.exemplars, exemplar) }
    bytes.endMessage(message)
    bytes.endMessage(metric)
    emptyFamily = nil
  }

  private mutating func appendClassicBuckets(
    _ histogram: borrowing HistogramMetrics, _ counts: [UInt64], _ exemplar: Exemplar?
  ) {
    let exemplarPlace = exemplar.map { histogram.scale.classicPlace(of: $0.value.inSeconds) }
    let bounds = histogram.scale.classicBounds
    var (total, begin): (UInt64, Int) = (0, 0)
    for place in 0...bounds.count {
      let end = histogram.scale.classicEnd(place)
      for count in counts[begin..<end] { total &+= count }
      begin = end
      bytes.appendTag(Field.Histogram.bucket, .lengthDelimited)
      let exemplar = place == exemplarPlace ? exemplar : nil
      let exemplarSize = exemplar.map { 2 + $0.protobufSize } ?? 0
      bytes.appendVarint(UInt64(1 + varintSize(total) + 9 + exemplarSize))
      bytes.appendField(Field.Bucket.cumulativeCount, total)
      bytes.appendField(Field.Bucket.upperBound, place < bounds.count ? bounds[place] : .infinity)
      if let exemplar { append(Field.Bucket.exemplar, exemplar) }
    }
  }

  private mutating func append(_ field: UInt8, _ exemplar: Exemplar) {
    bytes.appendTag(field, .lengthDelimited)
    bytes.appendVarint(UInt64(exemplar.protobufSize))
    bytes.append(exemplar.labelPairs)
    bytes.appendField(Field.Exemplar.value, exemplar.value.inSeconds)
    appendTimestamp(Field.Exemplar.timestamp, exemplar.time)
  }

  /// The same counts in the buckets of a native histogram. Empty ones are left out: a span is a row of
  /// buckets, and begins so many behind the end of that before; each count is told as how much more it is
  /// than the last.
  private mutating func appendNativeBuckets(_ scale: HistogramScale, _ counts: [UInt64]) {
    bytes.appendField(Field.Histogram.schema, zigzag(HistogramScale.schema))
    bytes.appendField(Field.Histogram.zeroThreshold, scale.zeroThreshold)
    bytes.appendField(Field.Histogram.zeroCount, scale.nativeCount(0, of: counts))
    var (place, end) = (1, 0)
    while place <= scale.nativeBucketCount {
      let (begin, first) = (place, scale.nativeIndex(place))
      while place <= scale.nativeBucketCount, scale.nativeCount(place, of: counts) > 0,
        scale.nativeIndex(place) == first + (place - begin)
      {
        place += 1
      }
      guard place > begin else {
        place += 1
        continue
      }
      appendSpan(offset: first - end, length: place - begin)
      end = first + (place - begin)
    }
    var last: UInt64 = 0
    for place in 1...scale.nativeBucketCount {
      let count = scale.nativeCount(place, of: counts)
      guard count > 0 else { continue }
      bytes.appendField(
        Field.Histogram.positiveDelta, zigzag(Int(truncatingIfNeeded: count &- last)))
      last = count
    }
  }

  private mutating func appendSpan(offset: Int, length: Int) {
    let (offset, length) = (zigzag(offset), UInt64(length))
    bytes.appendTag(Field.Histogram.positiveSpan, .lengthDelimited)
    bytes.appendVarint(UInt64(2 + varintSize(offset) + varintSize(length)))
    bytes.appendField(Field.BucketSpan.offset, offset)
    bytes.appendField(Field.BucketSpan.length, length)
  }

  /// In bytes; 0 where it is not known since when is counted.
  private var startTimestampSize: Int {
    countingSince.map(timestampSize) ?? 0
  }

  private mutating func appendStartTimestamp(_ field: UInt8) {
    if let countingSince { appendTimestamp(field, countingSince) }
  }

  private mutating func appendTimestamp(_ field: UInt8, _ time: UnixTime) {
    let (seconds, nanoseconds) = time.sinceEpoch.wholeSecondsAndBillionths
    bytes.appendTag(field, .lengthDelimited)
    bytes.appendVarint(UInt64(timestampSize(time)))
    bytes.appendField(Field.Timestamp.seconds, seconds)
    bytes.appendField(Field.Timestamp.nanos, nanoseconds)
  }
}

/// In bytes, without its tag and its length.
private func timestampSize(_ time: UnixTime) -> Int {
  let (seconds, nanoseconds) = time.sinceEpoch.wholeSecondsAndBillionths
  return 2 + varintSize(seconds) + varintSize(nanoseconds)
}

extension Exemplar {
  /// The same. It is below 128, since labels have 128 characters at most and ours far less.
  fileprivate var protobufSize: Int { labelPairs.count + 9 + 2 + timestampSize(time) }
}
