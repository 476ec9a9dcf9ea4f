internal import System
internal import Views

/// The numbers that more than one rule needs.
extension Evidence {
  /// Whether it is so in the whole window and in each of its halves: a burst is no storm. Unknown where
  /// less than a minute is known, unless no more was asked for: every start of a machine is a burst.
  func lasts(_ holds: (Evidence) throws(Unknown) -> Bool) throws(Unknown) -> Bool {
    guard known + History.step / 2 >= min(asked, .seconds(60)) else { throw Unknown("", .young) }
    guard try holds(self) else { return false }
    guard let (earlier, later) = halves else { return true }
    guard try holds(earlier) else { return false }
    return try holds(later)
  }

  /// `10 min`, or what is known of it.
  var span: String {
    let difference = asked > known ? asked - known : known - asked
    return difference <= History.step
      ? asked.spelledOut : Duration.seconds(known.inSeconds.rounded()).spelledOut
  }

  var pageSize: Double { get throws(Unknown) { try value("pagemigration_page_size_bytes") } }

  // Base pages per second.
  var migrated: Double { get throws(Unknown) { try rate("pagemigration_pages_migrated_total") } }
  var failed: Double { get throws(Unknown) { try rate("pagemigration_pages_failed_total") } }
  var promoted: Double { get throws(Unknown) { try rate("pagemigration_pages_promoted_total") } }
  var demoted: Double {
    get throws(Unknown) { try rate(allOf: "pagemigration_pages_demoted_total") }
  }

  /// Moved between nodes by NUMA balancing: what it promoted is counted with it.
  var balanced: Double {
    get throws(Unknown) {
      let moved = try rate("pagemigration_numa_pages_migrated_total")
      return max(0, moved - ((try? promoted) ?? 0))
    }
  }

  /// A setting that a command could give back: a whole number. Unknown where it is none.
  func setting(_ series: String) throws(Unknown) -> Int {
    let value = try value(series)
    guard (0...1e15).contains(value), value == value.rounded() else {
      throw Unknown(series, .absent)
    }
    return Int(value)
  }

  /// The part of the hint faults that met memory on their own node. Unknown without faults.
  var locality: Double? {
    get throws(Unknown) {
      let faults = try rate("pagemigration_numa_hint_faults_total")
      let local = try rate("pagemigration_numa_hint_faults_local_total")
      return faults > 0 ? min(1, local / faults) : nil
    }
  }

  /// The memory tiers that have memory, the fastest first; none where the nodes are not collected.
  var tiers: [Int] {
    get throws(Unknown) {
      let nodes = series(of: "pagemigration_node_info")
      if nodes.isEmpty, let gap = gap(in: "pagemigration_node_info") { throw gap }
      let withMemory = nodes.filter { $0["has_memory"] != "false" }
      return Set(withMemory.compactMap { $0["memory_tier"].flatMap { Int($0) } }).sorted()
    }
  }

  /// Nil where it is for another reason that a family has no series now.
  func gap(in family: String) -> Unknown? {
    let unknown = missing(anyOf: family)
    return if case .gap = unknown.reason { unknown } else { nil }
  }

  /// Base pages per second for one reason.
  func migrated(for reason: String) throws(Unknown) -> Double {
    try rate("pagemigration_reason_pages_migrated_total{reason=\"\(reason)\"}")
  }

  func failed(for reason: String) throws(Unknown) -> Double {
    try rate("pagemigration_reason_pages_failed_total{reason=\"\(reason)\"}")
  }

  /// The rates of a reason's failures by cause, the most frequent first; empty where they are not
  /// counted.
  ///
  /// - Parameter reason: nil for all.
  func causes(of reason: String? = nil) -> [(cause: String, rate: Double)] {
    var rates: [String: Double] = [:]
    for series in series(of: "pagemigration_cause_pages_failed_total")
    where reason == nil || series["reason"] == reason {
      guard let cause = series["cause"], let rate = try? rate(series.text), rate > 0 else {
        continue
      }
      rates[cause, default: 0] += rate
    }
    return rates.sorted { ($1.value, $0.key) < ($0.value, $1.key) }.map { ($0.key, $0.value) }
  }

  /// The chosen one of a setting that has a series for each choice.
  func choice(_ family: String, label: String) -> String? {
    series(of: family).first { (try? value($0.text)) == 1 }?[label]
  }

  /// The time that at least this part of a histogram's observations took no longer than, by the
  /// bounds of its buckets. Nil where there was none.
  ///
  /// - Parameter labels: those of the histogram but `le`, as the exposition writes them.
  func quantile(
    _ share: Double, of family: String, _ labels: String = ""
  ) throws(Unknown) -> Double? {
    let count = try increase(family + "_count" + (labels.isEmpty ? "" : "{\(labels)}"))
    guard count > 0 else { return nil }
    let start = family + "_bucket{" + (labels.isEmpty ? "" : labels + ",") + "le="
    var best = Double.infinity
    for series in series(of: family + "_bucket") where series.text.hasPrefix(start) {
      guard let bound = series["le"].flatMap(Double.init), bound < best else { continue }
      if try increase(series.text) >= share * count { best = bound }
    }
    return best
  }
}

/// Whole mebibytes, as settings have them, of whatever bytes were counted.
func mebibytes(_ bytes: Double) -> Int {
  let count = bytes / 1_048_576
  return (0...1e15).contains(count) ? Int(count) : 0
}

/// How rules write numbers.
extension Evidence {
  func pages(_ rate: Double) -> String {
    let bytes = (try? pageSize).map { " (\(Readable.bytes(rate * $0))/s)" } ?? ""
    return "\(Readable.number(rate)) pages/s\(bytes)"
  }

  /// `causes: pinned 91 %, locked 6 %, writeback 3 %`, or how to be told.
  func causesLine(of reason: String? = nil) -> String {
    let causes = causes(of: reason)
    let all = causes.reduce(0) { $0 + $1.rate }
    guard all > 0 else {
      let family = "pagemigration_cause_pages_failed_total"
      guard series(of: family).isEmpty else { return "causes: none was counted" }
      let why = gap(in: family)?.explanation ?? "--collector.causes counts them"
      return "causes: not known; \(why)"
    }
    return "causes: "
      + causes.prefix(4).map { "\($0.cause) \(Readable.percent($0.rate / all))" }
      .joined(separator: ", ")
  }
}
