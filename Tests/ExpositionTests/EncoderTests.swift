import Exposition
import Histograms
import Testing

@Suite struct `The encoder` {
  @Test func `writes families in the order in which they are given`() {
    let counter = MetricFamily("b_total", .counter, help: "Counts bees (bee)")
    let gauge = MetricFamily("a_bytes", .gauge, help: "Weighs ants (ant)")
    let text = encoded(.plainText) { encoder in
      encoder.begin(counter)
      encoder.write(counter.metric(["path": "direct"]), 3)
      encoder.write(counter.metric(["path": "kswapd", "numa_node": "0"]), 0)
      encoder.begin(gauge)
      encoder.write(gauge.metric(), 4096)
    }
    #expect(
      text == """
        # HELP b_total Counts bees (bee)
        # TYPE b_total counter
        b_total{path="direct"} 3
        b_total{path="kswapd",numa_node="0"} 0
        # HELP a_bytes Weighs ants (ant)
        # TYPE a_bytes gauge
        a_bytes 4096

        """)
  }

  @Test func `names a family of OpenMetrics without the suffix, and ends with # EOF`() {
    let counter = MetricFamily("b_total", .counter, help: "Counts bees (bee)")
    let info = MetricFamily("build_info", .info, help: "Says what it is")
    let gauge = MetricFamily("a_bytes", .gauge, help: "Weighs ants (ant)")
    for format in [ExpositionFormat.openMetrics, .openMetricsDraft] {
      let text = encoded(format) { encoder in
        encoder.begin(counter)
        encoder.write(counter.metric(), 3)
        encoder.begin(info)
        encoder.write(info.metric(["version": "1"]), 1)
        encoder.begin(gauge)
        encoder.write(gauge.metric(), 4096)
      }
      #expect(
        text == """
          # HELP b Counts bees (bee)
          # TYPE b counter
          b_total 3
          # HELP build Says what it is
          # TYPE build info
          build_info{version="1"} 1
          # HELP a_bytes Weighs ants (ant)
          # TYPE a_bytes gauge
          # UNIT a_bytes bytes
          a_bytes 4096
          # EOF

          """)
    }
  }

  @Test func `writes an info as a gauge where there is no info`() {
    let info = MetricFamily("build_info", .info, help: "Says what it is")
    for format in [ExpositionFormat.plainText, .plainTextUTF8] {
      let text = encoded(format) { encoder in
        encoder.begin(info)
        encoder.write(info.metric(["version": "1"]), 1)
      }
      #expect(
        text
          == "# HELP build_info Says what it is\n# TYPE build_info gauge\nbuild_info{version=\"1\"} 1\n"
      )
    }
  }

  @Test(
    arguments: [
      (0, "0"), (7, "7"), (9, "9"), (10, "10"), (99, "99"), (100, "100"),
      (9_007_199_254_740_993, "9007199254740993"),
      (10_000_000_000_000_000_000, "10000000000000000000"),
      (.max, "18446744073709551615"),
    ] as [(UInt64, String)])
  func `writes every digit of a count`(value: UInt64, expected: String) {
    #expect(number { $0.write($1, value) } == expected)
  }

  @Test(
    arguments: [
      (.zero, "0"), (.nanoseconds(1), "0.000000001"), (.seconds(1), "1"),
      (.milliseconds(1500), "1.5"), (.nanoseconds(20_482), "0.000020482"),
      (.nanoseconds(1_795_353_693_123_456_789), "1795353693.123456789"),
      (.nanoseconds(Int64.max), "9223372036.854775807"), (.seconds(-1), "0"),
      (.seconds(Int64.max), "9223372036854775807"),
    ] as [(Duration, String)])
  func `writes a time exactly`(duration: Duration, expected: String) {
    #expect(number { $0.write($1, duration) } == expected)
  }

  @Test(
    arguments: [
      (0, "0"), (1, "1"), (0.5, "0.5"), (0.1, "0.1"), (1.0 / 3, "0.333333333"),
      (0.999_999_999_9, "1"), (12.000_000_001, "12.000000001"),
      (9_007_199_254_740_992, "9007199254740992"), (1e18, "1000000000000000000"),
      (0.000_000_000_4, "0"),
    ] as [(Double, String)])
  func `writes a decimal number to nine places`(value: Double, expected: String) {
    #expect(number { $0.write($1, decimal: value) } == expected)
  }

  /// A rate of a copied tree may be anything: what cannot be written is absent, not wrong.
  @Test(arguments: [0x1p64, 1e300, .infinity, -1, -.infinity, .nan])
  func `writes no number that it cannot`(value: Double) {
    let text = encoded(.plainText) { encoder in
      let family = MetricFamily("a", .gauge, help: "h")
      encoder.begin(family)
      encoder.write(family.metric(), decimal: value)
    }
    #expect(text == "")
  }

  @Test(arguments: [
    ("plain", #"plain"#),
    (#"a"b"#, #"a\"b"#),
    (#"a\b"#, #"a\\b"#),
    ("a\nb", #"a\nb"#),
    (#"\n"#, #"\\n"#),
    ("é{},=# ", "é{},=# "),
    ("/sys/fs/cgroup/a b\t", "/sys/fs/cgroup/a b\t"),
    ("e\u{301}\u{1F680}", "e\u{301}\u{1F680}"),
  ])
  func `escapes a label's value`(value: String, expected: String) {
    let family = MetricFamily("a", .gauge, help: "h")
    for format in ExpositionFormat.allCases where format != .protobuf {
      let text = encoded(format) { encoder in
        encoder.begin(family)
        encoder.write(family.metric(["label": value]), 1)
      }
      #expect(text.split(separator: "\n")[2] == "a{label=\"\(expected)\"} 1")
    }
  }

  @Test func `escapes a HELP text, its quotes in OpenMetrics only`() {
    let family = MetricFamily("a", .gauge, help: "say \"a\\b\"\nand c")
    for (format, expected) in [
      (ExpositionFormat.plainText, #"# HELP a say "a\\b"\nand c"#),
      (.openMetrics, #"# HELP a say \"a\\b\"\nand c"#),
    ] {
      let text = encoded(format) { encoder in
        encoder.begin(family)
        encoder.write(family.metric(), 1)
      }
      #expect(text.split(separator: "\n")[0] == expected)
    }
  }

  @Test func `spells bounds as OpenMetrics does`() {
    let family = MetricFamily("h", .histogram, help: "Times")
    let bounds = [0, 1e-06, 0.000_128, 0.5, 16.777216, 1e5, 1e6, 1.5e7, 1e10]
    let scale = HistogramScale(classic: bounds, native: 0...1)
    let histogram = HistogramMetrics(family, scale)
    let text = encoded(.plainText) { encoder in
      encoder.begin(family)
      encoder.write(
        histogram, counts: [UInt64](repeating: 0, count: scale.bucketCount),
        sum: Duration.zero)
    }
    let spelled = text.split(separator: "\n").filter { $0.contains("le=") }
      .map { $0.split(separator: "\"")[1] }
    #expect(
      spelled == [
        "0.0", "1e-06", "0.000128", "0.5", "16.777216", "100000.0", "1e+06", "1.5e+07", "1e+10",
        "+Inf",
      ])
  }

  @Test func `writes a histogram with cumulative buckets`() {
    let family = MetricFamily("h", .histogram, help: "Times")
    let scale = HistogramScale(classic: [0.5, 1], native: -1...0)
    let histogram = HistogramMetrics(family, scale, labelPairs: [("reason", "compaction")])
    // One up to 0.5 itself, none above up to 1, two beyond.
    let counts = [1] + [UInt64](repeating: 0, count: scale.bucketCount - 2) + [2]
    let text = encoded(.plainText) { encoder in
      encoder.begin(family)
      encoder.write(histogram, counts: counts, sum: Duration.milliseconds(4250))
    }
    #expect(
      text == """
        # HELP h Times
        # TYPE h histogram
        h_bucket{reason="compaction",le="0.5"} 1
        h_bucket{reason="compaction",le="1.0"} 1
        h_bucket{reason="compaction",le="+Inf"} 3
        h_sum{reason="compaction"} 4.25
        h_count{reason="compaction"} 3

        """)
  }

  /// A histogram without its sum makes a reader refuse all of the scrape.
  @Test(
    arguments: [
      (0.5, "0.5"), (1e18, "1000000000000000000"), (0x1p64, "1.8446744073709552e+19"),
      (1e300, "1e+300"), (.infinity, "+Inf"), (.nan, "NaN"),
    ] as [(Double, String)])
  func `writes the sum of a histogram, whatever it is`(sum: Double, expected: String) {
    let family = MetricFamily("h", .histogram, help: "Rates")
    let scale = HistogramScale(classic: [1], native: 0...1)
    let histogram = HistogramMetrics(family, scale)
    let counts = [UInt64](repeating: 0, count: scale.bucketCount)
    for format in [ExpositionFormat.plainText, .openMetrics] {
      let text = encoded(format) { encoder in
        encoder.begin(family)
        encoder.write(histogram, counts: counts, sum: sum)
      }
      #expect(text.contains("\nh_sum \(expected)\nh_count 0\n"), "\(text)")
    }
  }

  @Test func `leaves no trace of a family without a metric`() {
    let (one, two) = (
      MetricFamily("one", .gauge, help: "1"), MetricFamily("two", .gauge, help: "2")
    )
    let text = encoded(.plainText) { encoder in
      encoder.begin(one)
      encoder.begin(two)
      encoder.write(two.metric(), 2)
      encoder.begin(one)
    }
    #expect(text == "# HELP two 2\n# TYPE two gauge\ntwo 2\n")
    #expect(encoded(.openMetrics) { $0.begin(one) } == "# EOF\n")
  }

  @Test func `takes back what was written since a mark`() {
    let (one, two) = (
      MetricFamily("one", .gauge, help: "1"), MetricFamily("two", .gauge, help: "2")
    )
    let text = encoded(.plainText) { encoder in
      encoder.begin(one)
      encoder.write(one.metric(), 1)
      encoder.begin(two)
      let mark = encoder.mark()
      encoder.begin(two)
      encoder.write(two.metric(), 2)
      encoder.begin(two)
      encoder.rollBack(to: mark)
    }
    #expect(text == "# HELP one 1\n# TYPE one gauge\none 1\n")
  }

  @Test func `writes into the memory that it is given`() {
    let family = MetricFamily("a", .gauge, help: "h")
    var bytes = [UInt8](repeating: 0xff, count: 4096)
    let before = bytes.withUnsafeBytes { $0.baseAddress }
    for value in 1...3 as ClosedRange<UInt64> {
      var old: [UInt8] = []
      swap(&old, &bytes)
      var encoder = Encoder(.plainText, reusing: consume old)
      encoder.begin(family)
      encoder.write(family.metric(), value)
      bytes = encoder.finish()
      #expect(String(decoding: bytes, as: UTF8.self) == "# HELP a h\n# TYPE a gauge\na \(value)\n")
    }
    #expect(bytes.withUnsafeBytes { $0.baseAddress } == before)
  }
}

private func encoded(_ format: ExpositionFormat, _ write: (inout Encoder) -> Void) -> String {
  var encoder = Encoder(format)
  write(&encoder)
  return String(decoding: encoder.finish(), as: UTF8.self)
}

/// The value that `write` gives to the metric `a`.
private func number(_ write: (inout Encoder, Metric) -> Void) -> String {
  let family = MetricFamily("a", .gauge, help: "h")
  let text = encoded(.plainText) { encoder in
    encoder.begin(family)
    write(&encoder, family.metric())
  }
  return String(text.split(separator: "\n")[2].dropFirst("a ".count))
}
