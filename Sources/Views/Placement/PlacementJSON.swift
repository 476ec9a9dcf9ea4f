internal import KernelText
internal import PageMigration

extension PlacementReport {
  /// The same as JSON. Its schema is a promise, written down in REFERENCE.md; what is not known is null.
  package var json: JSON {
    .object([
      ("schema", .integer(1)),
      ("processes", .array(processes.map(object))),
      (
        "failures",
        .array(
          failures.map {
            .object([("pid", .integer(UInt64($0.pid))), ("reason", .string($0.reason))])
          })
      ),
    ])
  }

  private func object(_ process: PlacementReader.Process) -> JSON {
    let placement = process.placement
    return .object([
      ("pid", .integer(UInt64(process.pid))),
      ("command", .string(process.command)),
      ("bytes", .integer(placement.bytes)),
      ("thp_bytes", placement.thpBytes.map { .integer($0) } ?? .null),
      ("nodes", array { placement.bytes(onNode: $0) }),
      (
        "policies",
        .array(
          placement.bytesUnderPolicy.sorted { ($1.value, $0.key) < ($0.value, $1.key) }.map {
            .object([("policy", .string($0.key)), ("bytes", .integer($0.value))])
          })
      ),
      ("numa_balancing", process.balancing.map(object) ?? .null),
      (
        "memory",
        .array(
          placement.rows.map { row in
            .object([
              ("kind", .string(row.kind.rawValue)),
              ("page_size_bytes", .integer(row.pageSize)),
              ("bytes", .integer(row.bytes)),
              ("thp_bytes", row.thpBytes.map { .integer($0) } ?? .null),
              ("nodes", array { row.bytesOnNode[$0] ?? 0 }),
            ])
          })
      ),
    ])
  }

  private func object(_ told: BalancingStatistics) -> JSON {
    .object([
      ("threads", .integer(UInt64(told.threads))), ("pages_migrated", .integer(told.pagesMigrated)),
      ("hint_faults", .integer(told.faults)),
      (
        "preferred_nodes",
        .array(
          told.threadsPreferring.sorted { $0.key < $1.key }.map {
            .object([("node", .integer(UInt64($0.key))), ("threads", .integer(UInt64($0.value)))])
          })
      ),
    ])
  }

  /// Every node that is shown, with its bytes.
  private func array(_ bytes: (Int) -> UInt64) -> JSON {
    .array(
      nodes.map { node in
        .object([
          ("node", .integer(UInt64(node))),
          ("memory_tier", tiers[node].map { .integer(UInt64($0)) } ?? .null),
          ("bytes", .integer(bytes(node))),
        ])
      })
  }
}
