internal import System

/// What the rules look at: the exporter's metrics over a window, by their names.
///
/// What is not known throws ``Unknown``, so that no rule takes it for zero.
package struct Evidence: Sendable {
  private let places: [String: Int]
  private let readings: ArraySlice<History.Reading>
  /// The window that was asked for.
  let asked: Duration
  /// How long nothing could be read. Nil where that works.
  let stalled: Duration?
  /// As `uname -r` has it. Nil where it is not known.
  let kernelRelease: String?

  init(
    places: [String: Int], readings: [History.Reading], asked: Duration, stalled: Duration?,
    kernelRelease: String?
  ) {
    self.places = places
    self.readings = readings[...]
    self.asked = asked
    self.stalled = stalled
    self.kernelRelease = kernelRelease
  }

  /// The same evidence of a part of the window.
  private init(_ whole: Evidence, _ readings: ArraySlice<History.Reading>) {
    places = whole.places
    self.readings = readings
    asked = whole.asked
    stalled = whole.stalled
    kernelRelease = whole.kernelRelease
  }

  /// The time between the first reading and the last: nothing is known of any other.
  var known: Duration {
    guard let first = readings.first, let last = readings.last else { return .zero }
    return last.time - first.time
  }

  /// The earlier and the later half: what lasts is seen in both. Nil where there are no two.
  var halves: (Evidence, Evidence)? {
    guard readings.count >= 3 else { return nil }
    let middle = readings.startIndex + readings.count / 2
    return (Evidence(self, readings[...middle]), Evidence(self, readings[middle...]))
  }

  /// The value of the last reading.
  func value(_ series: String) throws(Unknown) -> Double {
    guard let value = readings.last.flatMap({ value(series, in: $0) }) else {
      throw Unknown(series, .absent)
    }
    return value
  }

  /// How much a counter grew in the window.
  func increase(_ series: String) throws(Unknown) -> Double {
    guard readings.count >= 2 else { throw Unknown(series, .young) }
    var (first, last): (Double?, Double?)
    for reading in readings {
      // A counter may begin within the window, as that of a reason that is met for the first time.
      guard let value = value(series, in: reading) else {
        if last != nil { throw Unknown(series, .absent) }
        continue
      }
      if let last, value < last { throw Unknown(series, .wentBack) }
      first = first ?? value
      last = value
    }
    guard let first, let last else { throw Unknown(series, .absent) }
    return last - first
  }

  /// Events per second of the window's true length.
  func rate(_ series: String) throws(Unknown) -> Double {
    try increase(series) / known.inSeconds
  }

  /// The rate over all series of a family that has labels.
  func rate(allOf family: String) throws(Unknown) -> Double {
    let series = self.series(of: family)
    guard !series.isEmpty else { throw Unknown(family, .absent) }
    var sum = 0.0
    for series in series { sum += try rate(series.text) }
    return sum
  }

  /// The series of a family that are there now, in the order of their text.
  func series(of family: String) -> [Series] {
    guard let last = readings.last else { return [] }
    return places.keys.filter {
      $0.hasPrefix(family + "{") && value($0, in: last) != nil
    }
    .sorted().map { Series(text: $0) }
  }

  private func value(_ series: String, in reading: History.Reading) -> Double? {
    places[series].flatMap { reading[$0] }
  }
}

/// A series with labels, as an exposition writes it.
struct Series {
  let text: String
  private let labels: [(name: Substring, value: Substring)]

  /// Values with a quote in them are none of ours.
  init(text: String) {
    self.text = text
    // family{one= | value | ,other= | value | }
    let pieces = text.utf8.split(separator: UInt8(ascii: "\""), omittingEmptySubsequences: false)
    labels = stride(from: 0, to: pieces.count - 1, by: 2).map { index in
      let begin = pieces[index].lastIndex { $0 == UInt8(ascii: "{") || $0 == UInt8(ascii: ",") }
      let name = begin.map { pieces[index][$0...].dropFirst().dropLast() } ?? pieces[index]
      return (Substring(name), Substring(pieces[index + 1]))
    }
  }

  subscript(label: String) -> String? {
    labels.first { $0.name == label }.map { String($0.value) }
  }
}

/// What a rule would have to know and the metrics do not say.
package struct Unknown: Error, Equatable {
  enum Reason: Equatable { case absent, young, wentBack }

  let series: String
  let reason: Reason

  init(_ series: String, _ reason: Reason) {
    self.series = series
    self.reason = reason
  }

  /// Why, and what would tell it.
  var explanation: String {
    let family = series.prefix { $0 != "{" }
    return switch reason {
    case .young: "the exporter has not run for long enough"
    case .wentBack: "\(family) went back"
    case .absent:
      if let flag = Self.flags.first(where: { family.hasPrefix($0.family) })?.flag {
        "\(flag) is off or has failed (the log says why)"
      } else {
        "there is no \(family) here"
      }
    }
  }

  private static let flags: [(family: String, flag: String)] = [
    ("pagemigration_reason_", "--collector.reasons"),
    ("pagemigration_cause_", "--collector.causes"),
    ("pagemigration_numa_scan_", "--collector.waits"),
    ("pagemigration_node_", "--collector.node"),
  ]
}
