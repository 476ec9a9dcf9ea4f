import Histograms
import Testing

@Suite struct `The buckets of a histogram` {
  let scale = HistogramScale(classic: [0, 1, 10, 1000], native: -8...12)

  @Test func `are cut at the bounds of both kinds, each once`() {
    #expect(scale.bounds == scale.bounds.sorted())
    // 1 is a native bound as well.
    #expect(scale.bounds.count == 20 * 8 + 1 + 3)
    for bound in [0, 1, 10, 1000, 0x1p-8, 0x1p12, 2.0.squareRoot()] {
      #expect(scale.bounds.contains(bound))
    }
  }

  @Test(arguments: [
    0, 0x1p-8, 0.5, 1, 1.000_000_1, 9.99, 10, 10.01, 999, 1000, 1001, 4096, 4097, 1e300,
  ])
  func `hold each value once, in the one of its kind`(value: Double) {
    var counts = [UInt64](repeating: 0, count: scale.bucketCount)
    counts[scale.bucket(of: value)] += 1
    var begin = 0
    var below = -1.0
    for (place, bound) in ([0, 1, 10, 1000, .infinity] as [Double]).enumerated() {
      let end = scale.classicEnd(place)
      #expect(counts[begin..<end].reduce(0, +) == (value > below && value <= bound ? 1 : 0))
      (begin, below) = (end, bound)
    }
    let filled = (0...scale.nativeBucketCount).filter { scale.nativeCount($0, of: counts) == 1 }
    #expect(filled.count == 1)
    switch filled[0] {
    case 0: #expect(value <= scale.zeroThreshold)
    case scale.nativeBucketCount:
      #expect(value > 4096 && scale.nativeIndex(filled[0]) == 1024 * 8 + 1)
    default:
      // The exponent times eight of its bound, which is at most an eighth of a doubling above.
      let bound = scale.bounds.first { $0 >= value && ![10, 1000].contains($0) }!
      let eighths = Double(scale.nativeIndex(filled[0]))
      var power = 1.0
      for _ in 0..<8 { power *= bound }
      var expected = 1.0
      for _ in 0..<Int(eighths.magnitude) { expected *= eighths < 0 ? 0.5 : 2 }
      #expect((power / expected - 1).magnitude < 1e-12)
    }
  }
}
