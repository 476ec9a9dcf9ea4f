internal import Exposition
internal import PageMigration

/// The counters of the machine, or of all nodes, which are written at once.
struct CounterBlock {
  private let block: MetricBlock
  /// Which slots each target's metrics have.
  private let places: [[CounterSnapshot.Place]]
  private var values: [UInt64?]

  /// - Parameter targets: the values of the scope's label. Nil for the machine.
  init(_ families: [CounterFamily], targets: [String?]) {
    var parts: [MetricBlock.Part] = []
    var places = targets.map { _ in [CounterSnapshot.Place]() }
    var count = 0
    for family in families {
      var metrics: [Metric] = []
      for (target, name) in targets.enumerated() {
        for (metric, slot) in family.metrics(of: name) {
          metrics.append(metric)
          places[target].append(CounterSnapshot.Place(slot: slot, index: count))
          count += 1
        }
      }
      parts.append(MetricBlock.Part(family.metricFamily, metrics))
    }
    block = MetricBlock(parts)
    self.places = places
    values = Array(repeating: nil, count: count)
  }

  /// Takes over the counters that the target at this place has now.
  mutating func take(_ snapshot: CounterSnapshot, ofTarget place: Int = 0) {
    snapshot.write(places[place], to: &values)
  }

  /// Writes all families, with those metrics whose fields the snapshots had.
  func write(into encoder: inout Encoder) { encoder.write(block, values) }
}
