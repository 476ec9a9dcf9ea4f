import Exposition
import System
import Testing

@Suite struct `A block of metrics` {
  private static let counter = MetricFamily("b_total", .counter, help: "Counts bees (bee)")
  private static let gauge = MetricFamily("a_bytes", .gauge, help: "Weighs ants (ant)")
  private static let states = MetricFamily("s", .gauge, help: "Says which")
  private static let parts: [(family: MetricFamily, metrics: [Metric])] = [
    (counter, [counter.metric(["path": "direct"]), counter.metric(["path": "kswapd"])]),
    (gauge, [gauge.metric()]), (states, [states.metric(["of": "x"]), states.metric(["of": "y"])]),
  ]
  private static let block = MetricBlock(parts.map { MetricBlock.Part($0.family, $0.metrics) })

  @Test func `is written without what has no value, and without families that have none`() {
    let text = self.text { $0.write(Self.block, [nil, 18_446_744_073_709_551_615, nil, 10, 9]) }
    #expect(
      text == """
        # HELP b_total Counts bees (bee)
        # TYPE b_total counter
        b_total{path="kswapd"} 18446744073709551615
        # HELP s Says which
        # TYPE s gauge
        s{of="x"} 10
        s{of="y"} 9

        """)
    #expect(self.text { $0.write(Self.block, [nil, nil, nil, nil, nil]) } == "")
  }

  @Test(arguments: ExpositionFormat.allCases, [false, true])
  func `is what its metrics are one by one`(format: ExpositionFormat, created: Bool) {
    for pattern in 0..<32 {
      let values = (0..<5).map { pattern & 1 << $0 != 0 ? UInt64(pattern * 1000 + $0) : nil }
      let numbers = values.map { $0.map { Double($0) / 8 } }
      #expect(
        written(format, created: created) { $0.write(Self.block, values) }
          == written(format, created: created) { encoder in
            write(values, into: &encoder) { $0.write($1, $2) }
          })
      #expect(
        written(format, created: created) { $0.write(Self.block, decimals: numbers) }
          == written(format, created: created) { encoder in
            write(numbers, into: &encoder) { $0.write($1, decimal: $2) }
          })
    }
  }

  @Test func `leaves out what is no number of at least 0`() {
    let text = self.text { $0.write(Self.block, decimals: [-1, .nan, 0x1p64, 0.25, .infinity]) }
    #expect(text == "# HELP s Says which\n# TYPE s gauge\ns{of=\"x\"} 0.25\n")
  }

  private func write<Value>(
    _ values: [Value?], into encoder: inout Encoder,
    _ write: (inout Encoder, Metric, Value) -> Void
  ) {
    var rest = values[...]
    for (family, metrics) in Self.parts {
      encoder.begin(family)
      for metric in metrics { if let value = rest.removeFirst() { write(&encoder, metric, value) } }
    }
  }

  private func written(
    _ format: ExpositionFormat, created: Bool = false, _ write: (inout Encoder) -> Void
  ) -> [UInt8] {
    var encoder = Encoder(format, created: created)
    encoder.countingSince = UnixTime(sinceEpoch: .milliseconds(1_700_000_000_250))
    // Families around it, which begin and end as ever.
    encoder.begin(Self.gauge)
    write(&encoder)
    encoder.write(Self.gauge, 1)
    return encoder.finish()
  }

  private func text(_ write: (inout Encoder) -> Void) -> String {
    var encoder = Encoder(.plainText)
    write(&encoder)
    return String(decoding: encoder.finish(), as: UTF8.self)
  }
}
