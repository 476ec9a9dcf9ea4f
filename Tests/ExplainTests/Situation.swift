import Explain
import System

/// Ten minutes of a host with two memory tiers, as its exporter's metrics tell them: all is quiet but
/// for what a case sets.
struct Situation {
  /// Series that grow, per second.
  var rates: [String: Double] = [:]
  /// Series that stay.
  var values: [String: Double] = [:]
  var kernel = "6.12.1"
  /// What is not there, by the beginning of the series.
  var without: [String] = []
  var length = 600

  /// The exporter's answer so many seconds after the start.
  func exposition(at second: Int) -> [UInt8] {
    var series = Self.quiet.merging(values) { $1 }
    for (name, rate) in rates { series[name, default: 1000] += rate * Double(second) }
    let lines = series.filter { name, _ in !without.contains { name.hasPrefix($0) } }
      .map { "\($0) \($1)\n" }
    return Array(lines.joined().utf8)
  }

  func history() -> History {
    var history = History()
    for second in stride(from: 0, through: length, by: 10) {
      history.add(exposition(at: second), at: Self.start + .seconds(second))
    }
    return history
  }

  func report(
    over window: Duration = .seconds(600), _ thresholds: Thresholds = Thresholds()
  ) -> Report {
    let now = Self.start + .seconds(length)
    return Report(
      history().evidence(over: window, until: now, kernelRelease: kernel), thresholds,
      hostName: "host")
  }

  static let start = MonotonicTime(sinceBoot: .seconds(1000))

  static let quiet: [String: Double] = {
    var series: [String: Double] = [
      "pagemigration_page_size_bytes": 4096,
      "pagemigration_thp_failed_includes_split": 1,
      "pagemigration_numa_balancing_mode": 3,
      "pagemigration_demotion_enabled": 1,
      "pagemigration_promotion_rate_limit_bytes_per_second": 68_719_476_736,
      "pagemigration_compaction_proactiveness": 20,
      "pagemigration_watermark_scale_factor": 10,
      "pagemigration_thp_size_bytes": 2_097_152,
      "pagemigration_free_pages": 1_000_000,
      "pagemigration_free_block_pages": 900_000,
      "pagemigration_thp_policy{policy=\"madvise\"}": 1,
      "pagemigration_thp_policy{policy=\"always\"}": 0,
      "pagemigration_thp_defrag{policy=\"madvise\"}": 1,
      "pagemigration_thp_defrag{policy=\"always\"}": 0,
    ]
    for counter in [
      "pages_migrated", "pages_failed", "thp_migrated", "thp_failed", "thp_split",
      "numa_pages_migrated", "numa_hint_faults", "numa_hint_faults_local", "pages_promoted",
      "pages_demoted{path=\"kswapd\"}", "pages_demoted{path=\"direct\"}", "compaction_stalls",
      "compaction_successes", "compaction_failures", "compaction_isolated_pages",
      "compaction_daemon_migrate_scanned_pages", "cma_allocation_failures", "pins_acquired",
      "pins_released", "thp_fault_allocations", "thp_fault_fallbacks", "pages_swapped_out",
      "hugetlb_allocations", "hugetlb_allocation_failures",
    ] {
      series[total(counter)] = 1000
    }
    for (node, tier) in [(0, 4), (1, 450)] {
      let node = "numa_node=\"\(node)\""
      series["pagemigration_node_promotion_candidates_total{\(node)}"] = 1000
      series["pagemigration_node_free_pages{\(node)}"] = 500_000
      series["pagemigration_node_free_block_pages{\(node)}"] = 450_000
      series["pagemigration_node_memory_bytes{\(node)}"] = 4e9
      series[
        "pagemigration_node_info{\(node),memory_tier=\"\(tier)\",has_cpu=\"true\",has_memory=\"true\"}"
      ] = 1
    }
    for reason in [
      "compaction", "memory_failure", "memory_hotplug", "syscall_or_cpuset", "mempolicy_mbind",
      "numa_misplaced", "contig_range", "longterm_pin", "demotion",
    ] {
      series[reasonTotal("migrated", reason)] = 1000
      series[reasonTotal("failed", reason)] = 1000
      for end in ["count", "sum"] {
        series["pagemigration_reason_call_duration_seconds_\(end){reason=\"\(reason)\"}"] = 10
      }
      for bound in ["0.065536", "0.131072", "0.262144", "+Inf"] {
        series[bucket(reason, bound)] = 10
      }
      for cause in ["pinned", "locked", "no_target", "unknown"] {
        series[causeTotal(reason, cause)] = 1000
      }
    }
    series["pagemigration_numa_scan_seconds_count"] = 10
    for bound in ["0.008192", "0.016384", "+Inf"] {
      series["pagemigration_numa_scan_seconds_bucket{le=\"\(bound)\"}"] = 10
    }
    return series
  }()

  static func total(_ counter: String) -> String {
    guard let brace = counter.firstIndex(of: "{") else { return "pagemigration_\(counter)_total" }
    return "pagemigration_\(counter[..<brace])_total\(counter[brace...])"
  }

  static func reasonTotal(_ outcome: String, _ reason: String) -> String {
    "pagemigration_reason_pages_\(outcome)_total{reason=\"\(reason)\"}"
  }

  static func causeTotal(_ reason: String, _ cause: String) -> String {
    "pagemigration_cause_pages_failed_total{reason=\"\(reason)\",cause=\"\(cause)\"}"
  }

  static func bucket(_ reason: String, _ bound: String) -> String {
    "pagemigration_reason_call_duration_seconds_bucket{reason=\"\(reason)\",le=\"\(bound)\"}"
  }
}
