internal import Exposition
internal import PageMigration

/// The counters of one of many that come and go: a cgroup's last snapshot and its metrics.
struct CounterTarget {
  var snapshot = CounterSnapshot()
  private let families: [[(metric: Metric, slot: Int)]]

  /// - Parameter target: the value of the scope's label.
  init(_ families: [CounterFamily], target: String) {
    self.families = families.map { $0.metrics(of: target) }
  }

  /// Whether the snapshot has none of the families' fields.
  var isEmpty: Bool {
    families.allSatisfy { $0.allSatisfy { snapshot[slot: $0.slot] == nil } }
  }

  /// Writes the metrics of the family at `place`, which has been begun, with those whose fields the
  /// snapshot has.
  func writeMetrics(ofFamilyAt place: Int, into encoder: inout Encoder) {
    for (metric, slot) in families[place] {
      if let value = snapshot[slot: slot] { encoder.write(metric, value) }
    }
  }
}
