import Explain
import System
import TestSupport

/// Values of series at even times, in the notation of promtool's tests: `4096x60` stays,
/// `0+6600x60` grows with each step, `_` and `stale` are absent; several stand one behind the other.
struct RecordedSeries {
  let series: String
  private(set) var values: [Double?] = []

  /// - Parameter notation: the values; an unknown one is no failure of ours to hide.
  init(_ series: String, _ notation: Substring) throws {
    self.series = series
    for part in notation.split(separator: " ") {
      let pieces = part.split(separator: "x", omittingEmptySubsequences: false)
      let count = pieces.count == 2 ? Int(pieces[1]) : 0
      guard let count, pieces.count <= 2 else { throw Failure("'\(part)' is no value") }
      if ["_", "stale"].contains(pieces[0]) {
        values += Array(repeating: nil, count: max(1, count))
        continue
      }
      let numbers = pieces[0].split(separator: "+").map { Double($0) }
      guard let start = numbers[0], let step = numbers.count == 2 ? numbers[1] : 0 else {
        throw Failure("'\(part)' is no value")
      }
      for place in 0...count { values.append(start + Double(place) * step) }
    }
  }

  subscript(step: Int) -> Double? { values.indices.contains(step) ? values[step] : nil }
}

extension History {
  /// What was recorded, a reading each `interval` from ``Situation/start`` on.
  ///
  /// - Parameter base: series of the same host that stand still, where nothing else is recorded.
  init(
    of recorded: [RecordedSeries], over base: [String: Double] = [:], each interval: Duration,
    steps: Int
  ) {
    self.init()
    let isRecorded = Set(recorded.map(\.series))
    let still = base.filter { !isRecorded.contains($0.key) }.map { "\($0.key) \($0.value)\n" }
      .joined()
    for step in 0...steps {
      let lines = recorded.compactMap { series in series[step].map { "\(series.series) \($0)\n" } }
      add(Array((still + lines.joined()).utf8), at: Situation.start + interval * step)
    }
  }
}
