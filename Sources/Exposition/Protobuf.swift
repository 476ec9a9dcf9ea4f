/// The wire format of protobuf, as far as io.prometheus.client.MetricFamily needs it
/// (https://protobuf.dev/programming-guides/encoding). The field numbers are those of
/// https://github.com/prometheus/client_model/blob/master/io/prometheus/client/metrics.proto
enum Field {
  enum MetricFamily {
    static let name: UInt8 = 1
    static let help: UInt8 = 2
    static let type: UInt8 = 3
    static let metric: UInt8 = 4
    static let unit: UInt8 = 5
  }
  enum Metric {
    static let label: UInt8 = 1
    static let gauge: UInt8 = 2
    static let counter: UInt8 = 3
    static let histogram: UInt8 = 7
  }
  enum LabelPair {
    static let name: UInt8 = 1
    static let value: UInt8 = 2
  }
  /// The same in a gauge and in a counter.
  static let value: UInt8 = 1
  enum Counter {
    static let startTimestamp: UInt8 = 3
  }
  enum Histogram {
    static let count: UInt8 = 1
    static let sum: UInt8 = 2
    static let bucket: UInt8 = 3
    static let schema: UInt8 = 5
    static let zeroThreshold: UInt8 = 6
    static let zeroCount: UInt8 = 7
    static let positiveSpan: UInt8 = 12
    static let positiveDelta: UInt8 = 13
    static let startTimestamp: UInt8 = 15
    static let exemplars: UInt8 = 16
  }
  enum Bucket {
    static let cumulativeCount: UInt8 = 1
    static let upperBound: UInt8 = 2
    static let exemplar: UInt8 = 3
  }
  enum Exemplar {
    static let value: UInt8 = 2
    static let timestamp: UInt8 = 3
  }
  enum BucketSpan {
    static let offset: UInt8 = 1
    static let length: UInt8 = 2
  }
  enum Timestamp {
    static let seconds: UInt8 = 1
    static let nanos: UInt8 = 2
  }
}

/// How the value of a field is written.
enum WireType: UInt8 {
  case varint = 0
  case fixed64 = 1
  case lengthDelimited = 2
}

extension Output {
  /// What stands before a field's value.
  mutating func appendTag(_ field: UInt8, _ type: WireType) {
    appendVarint(UInt64(field) << 3 | UInt64(type.rawValue))
  }

  mutating func appendVarint(_ value: UInt64) {
    var rest = value
    while rest > 0x7f {
      append(UInt8(truncatingIfNeeded: rest) | 0x80)
      rest >>= 7
    }
    append(UInt8(truncatingIfNeeded: rest))
  }

  mutating func appendField(_ field: UInt8, _ value: UInt64) {
    appendTag(field, .varint)
    appendVarint(value)
  }

  mutating func appendField(_ field: UInt8, _ value: Double) {
    appendTag(field, .fixed64)
    var rest = value.bitPattern
    for _ in 0..<8 {
      append(UInt8(truncatingIfNeeded: rest))
      rest >>= 8
    }
  }

  mutating func appendField(_ field: UInt8, _ text: String) {
    appendTag(field, .lengthDelimited)
    appendVarint(UInt64(text.utf8.count))
    for byte in text.utf8 { append(byte) }
  }

  /// So many bytes a length takes that is not known before what it is the length of: a varint may have
  /// more bytes than it needs.
  private static var lengthSize: Int { 4 }

  /// Leaves room for the length of a message that begins here.
  ///
  /// - Returns: where it is, for ``endMessage(_:)``.
  mutating func beginMessage() -> Int {
    for _ in 0..<Self.lengthSize { append(0) }
    return count
  }

  /// Writes the length of the message that ends here.
  mutating func endMessage(_ start: Int) {
    var rest = count - start
    precondition(rest < 1 << 28, "a message has four bytes for its length")
    for place in start - Self.lengthSize..<start - 1 {
      replace(at: place, by: UInt8(truncatingIfNeeded: rest) | 0x80)
      rest >>= 7
    }
    replace(at: start - 1, by: UInt8(truncatingIfNeeded: rest))
  }
}

/// A number with a sign as one without: 0, -1, 1, -2 … become 0, 1, 2, 3 …
func zigzag(_ value: Int) -> UInt64 { UInt64(bitPattern: Int64(value << 1 ^ value >> 63)) }

/// How many bytes a varint has.
func varintSize(_ value: UInt64) -> Int {
  (70 - max(value, 1).leadingZeroBitCount) / 7
}

func protobufHeader(_ name: String, _ type: MetricType, help: String, unit: String?) -> [UInt8] {
  // An info is a gauge: the enumeration has none.
  let number: UInt64 =
    switch type {
    case .counter: 0
    case .gauge, .info: 1
    case .histogram: 4
    }
  var fields = Output()
  fields.appendField(Field.MetricFamily.name, name)
  fields.appendField(Field.MetricFamily.help, help)
  fields.appendField(Field.MetricFamily.type, number)
  if let unit { fields.appendField(Field.MetricFamily.unit, unit) }
  return fields.finish()
}

func protobufLabels(_ labels: [(name: String, value: String)]) -> [UInt8] {
  var fields = Output()
  for label in labels {
    var pair = Output()
    pair.appendField(Field.LabelPair.name, label.name)
    pair.appendField(Field.LabelPair.value, label.value)
    fields.appendTag(Field.Metric.label, .lengthDelimited)
    fields.appendVarint(UInt64(pair.count))
    fields.append(pair.finish())
  }
  return fields.finish()
}
