import Explain
import Testing

/// A rule, what makes it speak, and what is just not enough.
struct RuleCase: CustomTestStringConvertible, Sendable {
  let rule: String
  let fires: [String: Double]
  let below: [String: Double]
  /// What stays in both.
  let values: [String: Double]
  /// What stays, and is just not enough.
  let valuesBelow: [String: Double]?
  let kernel: String

  init(
    _ rule: String, fires: [String: Double], below: [String: Double],
    _ values: [String: Double] = [:],
    valuesBelow: [String: Double]? = nil, kernel: String = "6.12.1"
  ) {
    self.rule = rule
    self.fires = fires
    self.below = below
    self.values = values
    self.valuesBelow = valuesBelow
    self.kernel = kernel
  }

  var testDescription: String { rule }

  private static func total(_ counter: String) -> String { Situation.total(counter) }

  private static let migrated = total("pages_migrated")
  private static let failed = total("pages_failed")
  private static let calls =
    "pagemigration_reason_call_duration_seconds_count{reason=\"compaction\"}"
  private static let scans = "pagemigration_numa_scan_seconds"

  private static func scans(_ quick: Double) -> [String: Double] {
    [
      "\(scans)_count": 100, "\(scans)_bucket{le=\"0.008192\"}": quick,
      "\(scans)_bucket{le=\"0.016384\"}": 100, "\(scans)_bucket{le=\"+Inf\"}": 100,
    ]
  }

  private static func numa(_ pages: Double, local: Double) -> [String: Double] {
    [
      total("numa_pages_migrated"): pages, total("numa_hint_faults"): 5000,
      total("numa_hint_faults_local"): local,
    ]
  }

  private static func circling(up: Double, down: Double) -> [String: Double] {
    [
      total("pages_promoted"): up, total("numa_pages_migrated"): up,
      total("pages_demoted{path=\"kswapd\"}"): down,
    ]
  }

  static let all = [
    RuleCase("storm", fires: [migrated: 262_145], below: [migrated: 262_144]),
    RuleCase(
      "two_movers",
      fires: [
        Situation.reasonTotal("migrated", "syscall_or_cpuset"): 900,
        Situation.reasonTotal("migrated", "mempolicy_mbind"): 101,
      ], below: [Situation.reasonTotal("migrated", "syscall_or_cpuset"): 1000]),
    RuleCase(
      "calls_slow", fires: [calls: 1000, Situation.bucket("compaction", "0.131072"): 989],
      below: [calls: 1000, Situation.bucket("compaction", "0.131072"): 991]),
    RuleCase(
      "pinned",
      fires: [
        migrated: 100, failed: 101, Situation.causeTotal("compaction", "pinned"): 90,
        Situation.causeTotal("compaction", "locked"): 11,
      ],
      below: [
        migrated: 102, failed: 101, Situation.causeTotal("compaction", "pinned"): 50,
        Situation.causeTotal("compaction", "locked"): 51,
      ]),
    RuleCase(
      "offline_never_ends",
      fires: [
        Situation.reasonTotal("failed", "memory_hotplug"): 50,
        Situation.reasonTotal("migrated", "memory_hotplug"): 0.4,
      ],
      below: [
        Situation.reasonTotal("failed", "memory_hotplug"): 50,
        Situation.reasonTotal("migrated", "memory_hotplug"): 0.5,
      ]),
    RuleCase(
      "contiguous_refused",
      fires: [
        Situation.reasonTotal("failed", "contig_range"): 31,
        Situation.reasonTotal("migrated", "contig_range"): 69,
      ],
      below: [
        Situation.reasonTotal("failed", "contig_range"): 30,
        Situation.reasonTotal("migrated", "contig_range"): 70,
      ]),
    RuleCase(
      "bad_memory", fires: [Situation.reasonTotal("migrated", "memory_failure"): 0.01], below: [:]),
    RuleCase(
      "pinning_slow", fires: [Situation.reasonTotal("failed", "longterm_pin"): 0.1],
      below: [Situation.reasonTotal("migrated", "longterm_pin"): 1000]),
    RuleCase(
      "huge_pages_lost",
      fires: [total("thp_migrated"): 7, total("thp_failed"): 4, total("thp_split"): 1],
      below: [total("thp_migrated"): 7, total("thp_failed"): 3, total("thp_split"): 1]),
    RuleCase(
      "compaction_stalls",
      fires: [total("compaction_stalls"): 11, total("compaction_successes"): 5],
      below: [total("compaction_stalls"): 10]),
    RuleCase(
      "kcompactd_in_circles",
      fires: [
        total("compaction_daemon_migrate_scanned_pages"): 1_000_001,
        total("compaction_isolated_pages"): 10_000,
      ],
      below: [
        total("compaction_daemon_migrate_scanned_pages"): 1_000_001,
        total("compaction_isolated_pages"): 10_001,
      ]),
    RuleCase(
      "fragmented",
      fires: [total("thp_fault_allocations"): 69, total("thp_fault_fallbacks"): 31],
      below: [total("thp_fault_allocations"): 70, total("thp_fault_fallbacks"): 30],
      ["pagemigration_free_block_pages": 190_000]),
    RuleCase(
      "numa_storm", fires: numa(25_601, local: 3999), below: numa(25_600, local: 3999)),
    RuleCase("numa_idle_cost", fires: numa(9, local: 4900), below: numa(9, local: 4899)),
    RuleCase("numa_scan_stalls", fires: scans(98), below: scans(99.5)),
    RuleCase(
      "ping_pong", fires: circling(up: 2560, down: 5120), below: circling(up: 2560, down: 5122)),
    RuleCase(
      "promotion_throttled",
      fires: ["pagemigration_node_promotion_candidates_total{numa_node=\"0\"}": 23_041],
      below: ["pagemigration_node_promotion_candidates_total{numa_node=\"0\"}": 23_039],
      ["pagemigration_promotion_rate_limit_bytes_per_second": 104_857_600]),
    RuleCase(
      "demotion_off", fires: [total("pages_swapped_out"): 1], below: [:],
      ["pagemigration_demotion_enabled": 0]),
    RuleCase(
      "lower_tier_full",
      fires: [total("pages_swapped_out"): 1000, total("pages_demoted{path=\"kswapd\"}"): 99],
      below: [total("pages_swapped_out"): 1000, total("pages_demoted{path=\"kswapd\"}"): 100],
      ["pagemigration_node_free_pages{numa_node=\"1\"}": 19_000]),
    RuleCase(
      "threads_demote",
      fires: [
        total("pages_demoted{path=\"direct\"}"): 257, total("pages_demoted{path=\"kswapd\"}"): 1000,
      ],
      below: [
        total("pages_demoted{path=\"direct\"}"): 257, total("pages_demoted{path=\"kswapd\"}"): 1028,
      ]),
    RuleCase(
      "counts_folios_as_thps", fires: [total("thp_migrated"): 1.01],
      below: [total("thp_migrated"): 1],
      kernel: "6.1.0-56-amd64"),
    RuleCase(
      "demotions_not_counted", fires: [Situation.reasonTotal("migrated", "demotion"): 10],
      below: [
        Situation.reasonTotal("migrated", "demotion"): 10,
        total("pages_demoted{path=\"kswapd\"}"): 10,
      ]),
  ]
}
