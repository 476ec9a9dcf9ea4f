internal import PageMigration
internal import System

/// What the rules look at: the exporter's metrics over a window, by their names.
///
/// What is not known throws ``Unknown``, so that no rule takes it for zero.
package struct Evidence: Sendable {
  private let places: [String: Int]
  private let table: SeriesTable
  /// Of the whole window.
  private let readings: [History.Reading]
  /// Those that are looked at.
  private let part: Range<Int>
  private let gaps: Gaps
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
    table = SeriesTable(places)
    self.readings = readings
    part = readings.indices
    gaps = Gaps(table, readings)
    self.asked = asked
    self.stalled = stalled
    self.kernelRelease = kernelRelease
  }

  /// The same evidence of a part of the window.
  private init(_ whole: Evidence, _ part: Range<Int>) {
    places = whole.places
    table = whole.table
    readings = whole.readings
    self.part = part
    gaps = whole.gaps
    asked = whole.asked
    stalled = whole.stalled
    kernelRelease = whole.kernelRelease
  }

  /// The time between the first reading and the last: nothing is known of any other.
  var known: Duration {
    guard let first = part.first, let last = part.last else { return .zero }
    return time(from: first, to: last)
  }

  /// The earlier and the later half: what lasts is seen in both. Nil where there are no two.
  var halves: (Evidence, Evidence)? {
    guard part.count >= 3 else { return nil }
    let middle = part.lowerBound + part.count / 2
    return (Evidence(self, part.lowerBound..<middle + 1), Evidence(self, middle..<part.upperBound))
  }

  /// `vmstat was not read for 10 s, 2 min ago`, for each collector that left something out.
  var gapLines: [String] { gaps.lines }

  /// The value of the last reading, or of that before a gap.
  func value(_ series: String) throws(Unknown) -> Double {
    guard let place = places[series], let last = part.last(where: { has(place, $0) }) else {
      throw missing(series)
    }
    try checkEnd(of: series, last)
    return readings[last].values[place]
  }

  /// How much a counter grew in the window.
  func increase(_ series: String) throws(Unknown) -> Double { try growth(of: series).increase }

  /// Events per second of the time in which the counter could be read.
  func rate(_ series: String) throws(Unknown) -> Double {
    let (increase, time) = try growth(of: series)
    return increase / time.inSeconds
  }

  /// A reading without the counter is a gap: what it grew by is known as soon as it is read again. Where it
  /// went back or jumped, only that step is not known. At least half of the time must be known.
  private func growth(of series: String) throws(Unknown) -> (increase: Double, time: Duration) {
    guard part.count >= 2 else { throw Unknown(series, .young) }
    guard let place = places[series] else { throw missing(series) }
    let seen = part.filter { has(place, $0) }
    guard let first = seen.first, let last = seen.last else {
      guard isYetToBegin(series, place) else { throw missing(series) }
      return (0, known)
    }
    var (increase, lost, reason) = (0.0, Duration.zero, Unknown.Reason?.none)
    for (earlier, later) in zip(seen, seen.dropFirst()) {
      let (old, new) = (readings[earlier].values[place], readings[later].values[place])
      if let growth = Interval.increase(from: old, to: new) {
        increase += growth
      } else {
        lost += time(from: earlier, to: later)
        reason = new < old ? .wentBack : .jumped
      }
    }
    try checkEnd(of: series, last)
    // A counter may begin within the window, as that of a reason that is met for the first time.
    var begin = first
    while begin > part.lowerBound, !gaps.hides(series, in: begin - 1) { begin -= 1 }
    let time = time(from: begin, to: last) - lost
    guard time > .zero, time * 2 >= known else {
      throw reason.map { Unknown(series, $0) } ?? missing(series)
    }
    return (increase, time)
  }

  /// Whether all of these readings would have it, and a later one is the first that does.
  private func isYetToBegin(_ series: String, _ place: Int) -> Bool {
    readings[part.upperBound...].indices.contains { has(place, $0) }
      && !readings[..<part.lowerBound].indices.contains { has(place, $0) }
      && !part.contains { gaps.hides(series, in: $0) }
  }

  /// What is not read for long says nothing of now, and what is gone nothing at all.
  ///
  /// - Parameter last: the last reading that has it.
  private func checkEnd(of series: String, _ last: Int) throws(Unknown) {
    guard part.upperBound == readings.count else { return }
    for reading in part[(last + 1)...] where !gaps.hides(series, in: reading) {
      throw Unknown(series, .absent)
    }
    let age = time(from: last, to: readings.count - 1)
    guard age <= History.staleAge else { throw missing(series) }
  }

  /// Absent is what no reading of the whole window has.
  private func missing(_ series: String) -> Unknown {
    guard let place = places[series], readings.contains(where: { $0[place] != nil }) else {
      return Unknown(series, .absent)
    }
    let lacking = part.filter { !has(place, $0) && gaps.hides(series, in: $0) }
    return Unknown(series, lacking.isEmpty ? .absent : .gap(of: gaps.name(of: series, in: lacking)))
  }

  private func has(_ place: Int, _ reading: Int) -> Bool { readings[reading][place] != nil }

  private func time(from earlier: Int, to later: Int) -> Duration {
    readings[later].time - readings[earlier].time
  }

  /// The rate over all series of a family that has labels.
  func rate(allOf family: String) throws(Unknown) -> Double {
    let series = self.series(of: family)
    guard !series.isEmpty else { throw missing(anyOf: family) }
    var sum = 0.0
    for series in series { sum += try rate(series.text) }
    return sum
  }

  /// Why a family has no series now.
  func missing(anyOf family: String) -> Unknown {
    let unknown = table.series(of: family).lazy.map { missing($0.series.text) }
    return unknown.first { $0.reason != .absent } ?? Unknown(family, .absent)
  }

  /// The series of a family that are there now, or were before a gap, in the order of their text.
  func series(of family: String) -> [Series] {
    let all = table.series(of: family).filter { $0.series.text.utf8.count > family.utf8.count }
    guard let last = part.last(where: { reading in all.contains { has($0.place, reading) } }) else {
      return []
    }
    return all.filter { series, place in
      has(place, last) && (try? checkEnd(of: series.text, last)) != nil
    }
    .map(\.series).sorted { $0.text < $1.text }
  }
}

/// A series with labels, as an exposition writes it.
struct Series: Sendable {
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
  enum Reason: Equatable {
    case absent, young, wentBack, jumped
    /// The collector, or the family, that could not be read for too long.
    case gap(of: String)
  }

  let series: String
  let reason: Reason

  init(_ series: String, _ reason: Reason) {
    self.series = series
    self.reason = reason
  }

  /// Whether it is unknown although it was read.
  var wasRead: Bool { reason == .wentBack || reason == .jumped }

  /// Whether it is known here at other times.
  var isPassing: Bool {
    if case .gap = reason { return true }
    return wasRead
  }

  /// Why, and what would tell it.
  var explanation: String {
    let family = series.prefix { $0 != "{" }
    return switch reason {
    case .young: "the exporter has not run for long enough"
    case .wentBack: "\(family) went back"
    case .jumped: "\(family) jumped by more than a machine can do"
    case .gap(let name): "\(name) was not read for too long"
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
