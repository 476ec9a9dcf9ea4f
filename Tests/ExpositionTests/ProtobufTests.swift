import Exposition
import Histograms
import System
import Testing

@Suite struct `The encoder of protobuf` {
  let counter = MetricFamily("b_total", .counter, help: "Bees")

  @Test func `writes a counter with its labels and since when it counts`() {
    let bytes = encoded { encoder in
      encoder.countingSince = UnixTime(sinceEpoch: .milliseconds(300_500))
      encoder.begin(counter)
      encoder.write(counter.metric(["a": "x\"y"]), 3)
    }
    let fields: [[UInt8]] = [
      text(1, "b_total"), text(2, "Bees"), [0x18, 0],
      [0x22, 32], [0x0a, 8], text(1, "a"), text(2, "x\"y"),
      [0x1a, 20, 0x09], double(3),
      [0x1a, 9, 0x08, 0xac, 0x02, 0x10], [0x80, 0xca, 0xb5, 0xee, 0x01],
    ]
    #expect(bytes == message(Array(fields.joined())))
  }

  @Test func `writes a gauge without, and an info as one`() {
    let gauge = MetricFamily("a_bytes", .gauge, help: "A")
    let bytes = encoded { encoder in
      encoder.countingSince = UnixTime(sinceEpoch: .seconds(1))
      encoder.write(gauge, 1)
    }
    let fields: [[UInt8]] = [
      text(1, "a_bytes"), text(2, "A"), [0x18, 1], text(5, "bytes"),
      [0x22, 11, 0x12, 9, 0x09], double(1),
    ]
    #expect(bytes == message(Array(fields.joined())))
    let info = encoded { $0.write(MetricFamily("a_info", .info, help: "A"), 1) }
    let infoFields: [[UInt8]] = [
      text(1, "a_info"), text(2, "A"), [0x18, 1], [0x22, 11, 0x12, 9, 0x09], double(1),
    ]
    #expect(info == message(Array(infoFields.joined())))
  }

  @Test func `leaves no trace of a family without a metric, and takes back what it is told to`() {
    let bytes = encoded { encoder in
      encoder.begin(counter)
      encoder.begin(counter)
      let mark = encoder.mark()
      encoder.begin(counter)
      encoder.write(counter.metric(), 2)
      encoder.rollBack(to: mark)
    }
    #expect(bytes == [])
  }

  /// The reader of a stream finds each message by its length alone.
  @Test func `gives each family its length`() {
    let bytes = encoded { encoder in
      for _ in 0..<3 {
        encoder.begin(counter)
        for number in 0..<50 { encoder.write(counter.metric(["number": "\(number)"]), 1) }
      }
    }
    var (place, lengths): (Int, [Int]) = (0, [])
    while place < bytes.count {
      let length = (0..<4).reduce(0) { $0 | Int(bytes[place + $1] & 0x7f) << (7 * $1) }
      #expect(bytes[place + 3] < 0x80)
      lengths.append(length)
      place += 4 + length
    }
    #expect(place == bytes.count)
    #expect(lengths.count == 3 && Set(lengths).count == 1)
  }

  @Test func `writes a histogram's classic and native buckets, both of the same counts`() {
    let family = MetricFamily("h", .histogram, help: "H")
    let scale = HistogramScale(classic: [1.1], native: 0...1)
    #expect(scale.bounds.count == 10)  // 2^(0/8) to 2^(8/8), and 1.1
    var counts = [UInt64](repeating: 0, count: scale.bucketCount)
    counts[0] = 1  // The native zero bucket: up to 1
    counts[1] = 2  // Up to 2^(1/8)
    counts[2] = 3  // Up to 1.1, in the native bucket up to 2^(2/8)
    counts[3] = 4  // Above 1.1, in the same
    counts[6] = 5  // Up to 2^(5/8)
    counts[10] = 6  // Above 2
    let bytes = encoded { encoder in
      encoder.begin(family)
      encoder.write(HistogramMetrics(family, scale), counts: counts, sum: 2.0)
    }
    let histogram: [[UInt8]] = [
      [0x08, 21, 0x11], double(2),
      // Classic: up to 1.1, and all.
      [0x1a, 11, 0x08, 6, 0x11], double(1.1), [0x1a, 11, 0x08, 21, 0x11], double(.infinity),
      // Native: the schema, the zero bucket; from index 1 on two buckets, two further on one, and that
      // without a bound, 8193 - 6 further; in them 2, 7, 5 and 6.
      [0x28, 6, 0x31], double(1), [0x38, 1],
      [0x62, 4, 0x08, 2, 0x10, 2], [0x62, 4, 0x08, 4, 0x10, 1],
      [0x62, 5, 0x08, 0xf6, 0x7f, 0x10, 1],
      [0x68, 4, 0x68, 10, 0x68, 3, 0x68, 2],
    ]
    let fields: [[UInt8]] = [
      text(1, "h"), text(2, "H"), [0x18, 4],
      [0x22], message([0x3a] + message(Array(histogram.joined()))),
    ]
    #expect(bytes == message(Array(fields.joined())))
  }

  @Test func `has an exemplar with its bucket and with the histogram, as OpenMetrics has`() {
    let family = MetricFamily("h_seconds", .histogram, help: "H")
    let scale = HistogramScale(classic: [0.5, 1], native: 0...0)
    let exemplar = Exemplar(
      ["comm": "a\"b", "pid": "7"], value: .milliseconds(750),
      time: UnixTime(sinceEpoch: .microseconds(1_500_999)))
    func bytes(_ format: ExpositionFormat) -> [UInt8] {
      var encoder = Encoder(format)
      encoder.begin(family)
      encoder.write(
        HistogramMetrics(family, scale), counts: [0, 1, 0], sum: .milliseconds(750),
        exemplar: exemplar)
      return encoder.finish()
    }
    let openMetrics = String(decoding: bytes(.openMetrics), as: UTF8.self)
    #expect(
      openMetrics.split(separator: "\n").filter { $0.contains(" # {") } == [
        #"h_seconds_bucket{le="1.0"} 1 # {comm="a\"b",pid="7"} 0.75 1.5"#
      ])
    #expect(!String(decoding: bytes(.plainText), as: UTF8.self).contains(" # {"))
    let fields: [[UInt8]] = [
      [0x0a, 11], text(1, "comm"), text(2, "a\"b"), [0x0a, 8], text(1, "pid"), text(2, "7"),
      [0x11], double(0.75), [0x1a, 8, 0x08, 1, 0x10, 0x80, 0xca, 0xb5, 0xee, 0x01],
    ]
    let message = Array(fields.joined())
    let protobuf = bytes(.protobuf)
    for tag in [[0x1a], [0x82, 0x01]] as [[UInt8]] {
      let wanted = tag + [UInt8(message.count)] + message
      #expect(protobuf.indices.contains { protobuf[$0...].starts(with: wanted) })
    }
  }

  /// A field that is text.
  private func text(_ number: UInt8, _ value: String) -> [UInt8] {
    [number << 3 | 2, UInt8(value.utf8.count)] + Array(value.utf8)
  }

  private func double(_ value: Double) -> [UInt8] {
    (0..<8).map { UInt8(truncatingIfNeeded: value.bitPattern >> (8 * UInt64($0))) }
  }

  private func encoded(_ write: (inout Encoder) -> Void) -> [UInt8] {
    var encoder = Encoder(.protobuf)
    write(&encoder)
    return encoder.finish()
  }

  /// Behind its length, which has four bytes.
  private func message(_ bytes: [UInt8]) -> [UInt8] {
    [UInt8(bytes.count & 0x7f) | 0x80, 0x80, 0x80, 0] + bytes
  }
}

@Suite struct `Since when something counts` {
  @Test func `is said in OpenMetrics behind each counter and histogram, where it is asked for`() {
    let (counter, gauge, histogram) = (
      MetricFamily("b_total", .counter, help: "B"), MetricFamily("g", .gauge, help: "G"),
      MetricFamily("h", .histogram, help: "H")
    )
    func text(_ format: ExpositionFormat, created: Bool, since: UnixTime?) -> [Substring] {
      var encoder = Encoder(format, created: created)
      encoder.countingSince = since
      encoder.write(counter, 7)
      encoder.begin(counter)
      encoder.write(counter.metric(["x": "1"]), 3)
      encoder.write(gauge, 2)
      encoder.begin(histogram)
      let scale = HistogramScale(classic: [1], native: 0...0)
      encoder.write(
        HistogramMetrics(histogram, scale, labelPairs: [("x", "1")]), counts: [1, 0],
        sum: Duration.seconds(1))
      return String(decoding: encoder.finish(), as: UTF8.self).split(separator: "\n")
        .filter { $0.contains("_created") }
    }
    let since = UnixTime(sinceEpoch: .milliseconds(1_700_000_000_250))
    #expect(
      text(.openMetrics, created: true, since: since) == [
        "b_created 1700000000.25", "b_created{x=\"1\"} 1700000000.25",
        "h_created{x=\"1\"} 1700000000.25",
      ])
    #expect(text(.openMetrics, created: true, since: nil) == [])
    #expect(text(.openMetrics, created: false, since: since) == [])
    #expect(text(.plainText, created: true, since: since) == [])
  }
}
