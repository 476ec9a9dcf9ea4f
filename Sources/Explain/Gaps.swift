internal import System

/// Which readings lack what others have.
struct Gaps: Sendable {
  /// For each reading, the collectors that failed in it, of those that did not in all. Nil where it
  /// does not say how its collectors went.
  private let failed: [Set<String>?]
  private let table: SeriesTable
  private let readings: [History.Reading]

  init(_ table: SeriesTable, _ readings: [History.Reading]) {
    self.table = table
    self.readings = readings
    let successes = table.series(of: "pagemigration_scrape_collector_success").filter { _, place in
      readings.contains { ($0[place] ?? 0) > 0 }
    }
    failed = readings.map { reading in
      let told = successes.filter { reading[$0.place] != nil }
      guard !told.isEmpty else { return nil }
      return Set(told.filter { reading[$0.place] == 0 }.compactMap { $0.series["collector"] })
    }
  }

  /// Whether a series that a reading lacks could not be read, rather than was not there yet.
  func hides(_ series: String, in reading: Int) -> Bool {
    let family = series.prefix { $0 != "{" }
    // What the kernel counts without labels is there from the start; a label may come any time.
    guard family.endIndex < series.endIndex else { return true }
    guard failed[reading] != [] else { return false }
    return !table.series(of: String(family)).contains { readings[reading][$0.place] != nil }
  }

  /// The collectors that all of these readings lack, or else the family of the series.
  func name(of series: String, in lacking: [Int]) -> String {
    var common = lacking.first.flatMap { failed[$0] } ?? []
    for reading in lacking { common.formIntersection(failed[reading] ?? []) }
    return common.isEmpty
      ? String(series.prefix { $0 != "{" }) : common.sorted().joined(separator: " and ")
  }

  /// `vmstat was not read for 10 s, 2 min ago`, for each collector that left something out.
  var lines: [String] {
    let collectors = failed.reduce(into: Set<String>()) { $0.formUnion($1 ?? []) }
    let lines = collectors.sorted().compactMap { name in
      line(name, readings.indices.filter { isLacking(name, in: $0) })
    }
    // Counters may be missing in a file that could be read, and a reading may not say what failed.
    var (names, lacking): (Set<String>, [Int]) = ([], [])
    let single = table.withoutLabels
    for reading in readings.indices where failed[reading]?.isEmpty ?? true {
      let missing = single.filter { _, place in
        readings[reading][place] == nil && readings[..<reading].contains { $0[place] != nil }
      }
      guard !missing.isEmpty else { continue }
      names.formUnion(missing.map(\.series.text))
      lacking.append(reading)
    }
    let others = shortList(names).flatMap { line($0, lacking, isOne: names.count == 1) }
    return lines + [others, resetLine].compactMap(\.self)
  }

  /// `pagemigration_pages_migrated_total and 40 other series`. Nil where there are none.
  private func shortList(_ names: Set<String>) -> String? {
    names.min().map { $0 + (names.count == 1 ? "" : " and \(names.count - 1) other series") }
  }

  /// `pagemigration_pages_migrated_total and 40 other series went back 2 min ago`
  private var resetLine: String? {
    var (names, last): (Set<String>, Int?) = ([], nil)
    for (series, place) in table.withoutLabels where series.text.hasSuffix("_total") {
      var before: Double?
      for reading in readings.indices {
        guard let value = readings[reading][place] else { continue }
        if let before, value < before {
          names.insert(series.text)
          last = max(last ?? 0, reading)
        }
        before = value
      }
    }
    guard let list = shortList(names), let last, let now = readings.last?.time else { return nil }
    let ago = spelled(now - readings[last].time)
    return "\(list) went back \(ago) ago: what was counted then is not known"
  }

  /// Whether a collector failed in a reading, and left out what it had in another.
  private func isLacking(_ collector: String, in reading: Int) -> Bool {
    func works(_ index: Int) -> Bool { failed[index].map { !$0.contains(collector) } ?? false }
    guard failed[reading]?.contains(collector) ?? false,
      let other = readings[..<reading].indices.last(where: works)
        ?? readings[reading...].indices.first(where: works)
    else { return false }
    return readings[other].values.indices.contains {
      readings[other][$0] != nil && readings[reading][$0] == nil
    }
  }

  /// Nil where it lacks nothing.
  private func line(_ name: String, _ lacking: [Int], isOne: Bool = true) -> String? {
    var runs: [Range<Int>] = []
    for reading in lacking {
      if let last = runs.last, last.upperBound == reading {
        runs[runs.count - 1] = last.lowerBound..<reading + 1
      } else {
        runs.append(reading..<reading + 1)
      }
    }
    guard let last = runs.last, let now = readings.last?.time else { return nil }
    let lasts = last.upperBound == readings.count
    if runs.count == 1, lasts {
      return "\(name) \(isOne ? "has" : "have") not been read for \(spelled(length(of: last)))"
    }
    let was = "\(name) \(isOne ? "was" : "were") not read"
    let ago = "\(spelled(now - readings[last.lowerBound].time)) ago"
    guard runs.count > 1 else { return "\(was) for \(spelled(length(of: last))), \(ago)" }
    let all = spelled(runs.reduce(.zero) { $0 + length(of: $1) })
    return "\(was) \(runs.count) times, for \(all) in all, last \(lasts ? "just now" : ago)"
  }

  /// Until it was read again; up to now, since it was read last.
  private func length(of run: Range<Int>) -> Duration {
    run.upperBound < readings.count
      ? readings[run.upperBound].time - readings[run.lowerBound].time
      : readings[run.upperBound - 1].time - readings[max(0, run.lowerBound - 1)].time
  }

  private func spelled(_ time: Duration) -> String {
    Duration.seconds(time.inSeconds.rounded()).spelledOut
  }
}
