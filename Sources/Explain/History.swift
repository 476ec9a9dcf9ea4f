package import System

/// What an exporter's metrics were at some instants, oldest first, in memory that does not grow.
package struct History: Sendable {
  /// Between two readings, so that any window is right to within half of it.
  package static let step = Duration.seconds(10)
  /// How far back it goes.
  package static let span = Duration.seconds(600)
  /// How far back people may ask to look.
  package static let windows = step...span
  /// The age from which on a reading says nothing of now: the kernel, or reading it, has stalled.
  static let staleAge = step * 3
  /// Series that are kept; more are passed over. A host with eight nodes and all collectors has 900.
  static let seriesMax = 4096

  struct Reading: Sendable {
    let time: MonotonicTime
    /// By the series' places; NaN where it was not there.
    let values: [Double]

    /// Nil where the reading does not have it.
    subscript(place: Int) -> Double? {
      guard place < values.count, !values[place].isNaN else { return nil }
      return values[place]
    }
  }

  private let readingsMax = Int(Self.span.inSeconds / Self.step.inSeconds) + 1
  /// Where each series stands in a reading.
  private(set) var places: [String: Int] = [:]
  private(set) var readings: [Reading] = []

  package init() {}

  /// - Parameter exposition: text 0.0.4. A reading that is not later than the last is passed over.
  package mutating func add(_ exposition: [UInt8], at time: MonotonicTime) {
    guard readings.last.map({ time > $0.time }) ?? true else { return }
    var values = [Double](repeating: .nan, count: places.count)
    ExpositionText.forEachSample(exposition) { series, value in
      if let place = places[series] {
        values[place] = value
      } else if places.count < Self.seriesMax {
        places[series] = values.count
        values.append(value)
      }
    }
    if readings.count == readingsMax { readings.removeFirst() }
    readings.append(Reading(time: time, values: values))
  }

  /// What the readings take, about.
  package var bytes: Int { readings.reduce(0) { $0 + $1.values.count } * MemoryLayout<Double>.size }

  /// What is known of the time before `now`.
  ///
  /// - Parameter window: how far back from the last reading to look.
  package func evidence(
    over window: Duration, until now: MonotonicTime, kernelRelease: String?
  ) -> Evidence {
    let stalled = readings.last.map { now - $0.time }.flatMap { $0 > Self.staleAge ? $0 : nil }
    // Back from the last reading: counted from now, a window would be up to a step shorter than asked for.
    let seen = readings.filter { readings.last!.time - $0.time <= window + Self.step / 2 }
    return Evidence(
      places: places, readings: stalled == nil ? seen : [], asked: window, stalled: stalled,
      kernelRelease: kernelRelease)
  }
}
