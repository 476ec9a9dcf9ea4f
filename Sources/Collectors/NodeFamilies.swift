internal import Exposition
internal import PageMigration

/// The table of what a NUMA node's `vmstat` gives: those counters that the kernel keeps per node
/// (drivers/base/node.c, node_read_vmstat). pgmigrate_* and thp_migration_* are not among them.
let nodeFamilies: [CounterFamily] = [
  CounterFamily(
    "node_pages_promoted_total", .promoteSuccess, unit: "base pages", since: "5.18",
    help: "Base pages promoted to this node, the destination, from a slower memory tier",
    labels: ["numa_node"]),
  CounterFamily(
    "node_promotion_candidates_total", .promoteCandidate, unit: "base pages", since: "6.1",
    help: "Base pages hot enough to be promoted to this node, the destination",
    labels: ["numa_node"]),
  CounterFamily(
    "node_promotion_candidates_unlimited_total", .promoteCandidateNRL, unit: "base pages",
    since: "6.18",
    help: "Base pages promoted to this node, the destination, without the promotion rate limit",
    labels: ["numa_node"]),
  CounterFamily(
    "node_pages_demoted_total", .counter, by: "path",
    [
      "kswapd": .demoteKswapd, "direct": .demoteDirect, "khugepaged": .demoteKhugepaged,
      "proactive": .demoteProactive,
    ],
    unit: "base pages", since: "6.8, proactive 6.16",
    help: "Base pages demoted from this node, the source, to a slower memory tier",
    labels: ["numa_node"]),
]
