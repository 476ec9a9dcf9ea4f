internal import PageMigration
internal import System

/// Where the series of each family stand in a reading.
struct SeriesTable: Sendable {
  private var families: [Substring: [(series: Series, place: Int)]] = [:]

  init(_ places: [String: Int]) {
    for (text, place) in places {
      families[text.prefix { $0 != "{" }, default: []].append((Series(text: text), place))
    }
  }

  /// In no particular order.
  func series(of family: String) -> [(series: Series, place: Int)] { families[family[...]] ?? [] }

  /// Those that have no label, of all families.
  var withoutLabels: [(series: Series, place: Int)] {
    families.values.flatMap(\.self).filter { !$0.series.text.utf8.contains(UInt8(ascii: "{")) }
  }
}

extension Interval {
  /// The same of a counter that was read back from an exposition.
  static func increase(from old: Double, to new: Double) -> Double? {
    (0...Double(increaseMax)).contains(new - old) ? new - old : nil
  }
}

/// What grew between two readings.
struct Growth {
  private let table: SeriesTable
  private let earlier: History.Reading
  private let later: History.Reading

  /// - Parameter later: a reading after `earlier`.
  init(_ table: SeriesTable, from earlier: History.Reading, to later: History.Reading) {
    self.table = table
    self.earlier = earlier
    self.later = later
  }

  var end: MonotonicTime { later.time }
  var elapsed: Duration { later.time - earlier.time }

  /// Nil where one of the readings lacks it, it went back, or it jumped.
  private func increase(_ place: Int) -> Double? {
    guard let old = earlier[place], let new = later[place] else { return nil }
    return Interval.increase(from: old, to: new)
  }

  /// Per second, over all series of a family, or those that `isWanted`. Nil where none is known.
  func rate(_ family: String, where isWanted: (Series) -> Bool = { _ in true }) -> Double? {
    let increases = table.series(of: family).filter { isWanted($0.series) }
      .compactMap { increase($0.place) }
    return increases.isEmpty ? nil : increases.reduce(0, +) / elapsed.inSeconds
  }

  /// Per second, by the values of a label.
  func rates(_ family: String, by label: String) -> [String: Double] {
    var rates: [String: Double] = [:]
    for (series, place) in table.series(of: family) {
      guard let value = series[label], let increase = increase(place) else { continue }
      rates[value, default: 0] += increase / elapsed.inSeconds
    }
    return rates
  }

  /// What each bucket of a histogram alone counted, by rising bounds, over all series that
  /// `isWanted`. Empty where the family is not there.
  func buckets(_ family: String, where isWanted: (Series) -> Bool = { _ in true }) -> [UInt64] {
    var upTo: [Double: Double] = [:]
    for (series, place) in table.series(of: "\(family)_bucket") where isWanted(series) {
      let bound = series["le"] == "+Inf" ? .infinity : series["le"].flatMap(Double.init)
      guard let bound, let increase = increase(place) else { continue }
      upTo[bound, default: 0] += increase
    }
    var below = 0.0
    return upTo.sorted { $0.key < $1.key }.map { _, count in
      defer { below = count }
      return UInt64(exactly: (count - below).rounded()) ?? 0
    }
  }
}
