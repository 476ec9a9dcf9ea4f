internal import Exposition
internal import PageMigration

/// Whose counters a family has: the machine's (`/proc/vmstat`), each NUMA node's (its `vmstat`) or
/// each cgroup's (its `memory.stat`).
enum CounterScope {
  case machine, node, cgroup

  /// Which of them it is, of nodes and cgroups.
  var label: String? {
    switch self {
    case .machine: nil
    case .node: "numa_node"
    case .cgroup: "cgroup"
    }
  }
}

/// One line of the table of counters: a number that the kernel keeps, and what it is exported as.
struct CounterRow {
  /// What one family is, for one scope: `pagemigration_` and `name`.
  struct Export {
    let scope: CounterScope
    let name: String
    let since: String
    let help: String

    static func machine(_ name: String, since: String, _ help: String) -> Export {
      Export(scope: .machine, name: name, since: since, help: help)
    }

    static func node(_ name: String, since: String, _ help: String) -> Export {
      Export(scope: .node, name: "node_\(name)", since: since, help: help)
    }

    static func cgroup(_ name: String, since: String, _ help: String) -> Export {
      Export(
        scope: .cgroup, name: "cgroup_\(name)", since: since,
        help: help
          + "; those of the cgroups below are in it, so never add a cgroup to one above it")
    }
  }

  let type: MetricType
  let label: String?
  let fields: [(labelValue: String, counter: MigrationCounter)]
  let unit: String
  let exports: [Export]

  init(_ counter: MigrationCounter, _ unit: String, _ exports: Export...) {
    (type, label, self.unit, self.exports) = (.counter, nil, unit, exports)
    fields = [("", counter)]
  }

  /// What may fall, too.
  init(gauge counter: MigrationCounter, _ unit: String, _ exports: Export...) {
    (type, label, self.unit, self.exports) = (.gauge, nil, unit, exports)
    fields = [("", counter)]
  }

  /// A field for each value of `label`.
  init(
    _ type: MetricType = .counter, by label: String,
    _ fields: KeyValuePairs<String, MigrationCounter>, _ unit: String, _ exports: Export...
  ) {
    (self.type, self.label, self.unit, self.exports) = (type, label, unit, exports)
    self.fields = fields.map { ($0.key, $0.value) }
  }
}

/// A family whose metrics are fields of a file of counters.
struct CounterFamily: Sendable {
  let metricFamily: MetricFamily
  private let scope: CounterScope
  private let label: String?
  private let fields: [(labelValue: String, counter: MigrationCounter)]

  fileprivate init(_ row: CounterRow, _ export: CounterRow.Export) {
    let names = row.fields.map(\.counter.rawValue).joined(separator: ", ")
    metricFamily = MetricFamily(
      "pagemigration_\(export.name)", row.type,
      labels: [export.scope.label, row.label].compactMap { $0 }, source: names, unit: row.unit,
      since: export.since, help: "\(export.help) (\(names))")
    scope = export.scope
    label = row.label
    fields = row.fields
  }

  /// The families of a scope, in the order of the exposition.
  static func all(of scope: CounterScope) -> [CounterFamily] {
    counterRows.flatMap { row in
      row.exports.filter { $0.scope == scope }.map { CounterFamily(row, $0) }
    }
  }

  /// The family's metrics for one node or cgroup, or for the machine, each with its counter's slot.
  func metrics(of target: String?) -> [(metric: Metric, slot: Int)] {
    let which = scope.label.flatMap { label in target.map { [(name: label, value: $0)] } } ?? []
    return fields.map { field in
      let own = label.map { [(name: $0, value: field.labelValue)] } ?? []
      return (Metric(metricFamily.name, labelPairs: which + own), field.counter.slot)
    }
  }
}
