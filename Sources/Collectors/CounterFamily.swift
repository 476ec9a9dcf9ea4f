internal import Exposition
internal import PageMigration

/// A family whose metrics are fields of a `vmstat` file.
struct CounterFamily: Sendable {
  let documentation: DocumentedFamily
  let label: String?
  let fields: [(labelValue: String, counter: MigrationCounter)]

  /// A family of one field: `pagemigration_` and `name`.
  init(
    _ name: String, _ counter: MigrationCounter, unit: String, since: String, help: String,
    labels: [String] = []
  ) {
    documentation = DocumentedFamily(
      "pagemigration_\(name)", .counter, labels: labels, source: counter.rawValue, unit: unit,
      since: since, help: "\(help) (\(counter.rawValue))")
    label = nil
    fields = [("", counter)]
  }

  /// A family with a field for each value of `label`.
  init(
    _ name: String, _ type: MetricType, by label: String,
    _ fields: KeyValuePairs<String, MigrationCounter>, unit: String, since: String, help: String,
    labels: [String] = []
  ) {
    let names = fields.map(\.value.rawValue).joined(separator: ", ")
    documentation = DocumentedFamily(
      "pagemigration_\(name)", type, labels: labels + [label], source: names, unit: unit,
      since: since, help: "\(help) (\(names))")
    self.label = label
    self.fields = fields.map { ($0.key, $0.value) }
  }

  /// The family's metrics, with the labels that a collector gives to all of its own.
  func series(labelPairs: [(name: String, value: String)] = []) -> CounterSeries {
    CounterSeries(
      family: documentation.family,
      metrics: fields.map { field in
        let own = label.map { [(name: $0, value: field.labelValue)] } ?? []
        return (
          Metric(documentation.family.name, labelPairs: labelPairs + own), field.counter.slot
        )
      },
      onlySlot: label == nil && labelPairs.isEmpty ? fields[0].counter.slot : nil)
  }
}

/// A family's metrics, ready to be written.
final class CounterSeries: Sendable {
  let family: MetricFamily
  let metrics: [(metric: Metric, slot: Int)]
  /// Nil where the metrics have labels.
  let onlySlot: Int?

  init(family: MetricFamily, metrics: [(metric: Metric, slot: Int)], onlySlot: Int?) {
    self.family = family
    self.metrics = metrics
    self.onlySlot = onlySlot
  }

  /// Writes the family with those metrics whose fields the snapshot has.
  func writeFamily(_ snapshot: CounterSnapshot, into encoder: inout Encoder) {
    if let onlySlot {
      if let value = snapshot[slot: onlySlot] { encoder.write(family, value) }
      return
    }
    encoder.begin(family)
    writeMetrics(snapshot, into: &encoder)
  }

  /// Writes the metrics whose fields the snapshot has.
  func writeMetrics(_ snapshot: CounterSnapshot, into encoder: inout Encoder) {
    for (metric, slot) in metrics {
      if let value = snapshot[slot: slot] { encoder.write(metric, value) }
    }
  }
}
