"""The contract under test: which metric shows which field of the kernel, and which kernel has it."""

import re

PREFIX = "pagemigration_"

# The kernel's field and its metric, with labels where it has any. /proc/vmstat, whole machine.
MACHINE_COUNTERS = {
    "pgmigrate_success": "pages_migrated_total",
    "pgmigrate_fail": "pages_failed_total",
    "thp_migration_success": "thp_migrated_total",
    "thp_migration_fail": "thp_failed_total",
    "thp_migration_split": "thp_split_total",
    "numa_pages_migrated": "numa_pages_migrated_total",
    "numa_hint_faults": "numa_hint_faults_total",
    "numa_hint_faults_local": "numa_hint_faults_local_total",
    "numa_pte_updates": "numa_pte_updates_total",
    "numa_huge_pte_updates": "numa_huge_pte_updates_total",
    "pgpromote_success": "pages_promoted_total",
    "pgpromote_candidate": "promotion_candidates_total",
    "pgpromote_candidate_nrl": "promotion_candidates_unlimited_total",
    "pgdemote_kswapd": 'pages_demoted_total{path="kswapd"}',
    "pgdemote_direct": 'pages_demoted_total{path="direct"}',
    "pgdemote_khugepaged": 'pages_demoted_total{path="khugepaged"}',
    "pgdemote_proactive": 'pages_demoted_total{path="proactive"}',
    "compact_stall": "compaction_stalls_total",
    "compact_fail": "compaction_failures_total",
    "compact_success": "compaction_successes_total",
    "compact_daemon_wake": "compaction_daemon_wakes_total",
    "compact_migrate_scanned": "compaction_migrate_scanned_pages_total",
    "compact_free_scanned": "compaction_free_scanned_pages_total",
    "compact_isolated": "compaction_isolated_pages_total",
    "compact_daemon_migrate_scanned": "compaction_daemon_migrate_scanned_pages_total",
    "compact_daemon_free_scanned": "compaction_daemon_free_scanned_pages_total",
    "balloon_migrate": "balloon_pages_migrated_total",
    "cma_alloc_success": "cma_allocations_total",
    "cma_alloc_fail": "cma_allocation_failures_total",
    "nr_foll_pin_acquired": "pins_acquired_total",
    "nr_foll_pin_released": "pins_released_total",
}

# Gauges, and counters that any workload may move by the way: what they are is checked, not what they become.
# (Free pages never stand still between two readings.)
MACHINE_OTHERS = {
    "nr_isolated_anon": 'isolated_pages{lru="anon"}',
    "nr_isolated_file": 'isolated_pages{lru="file"}',
    "thp_fault_alloc": "thp_fault_allocations_total",
    "thp_fault_fallback": "thp_fault_fallbacks_total",
    "thp_collapse_alloc": "thp_collapse_allocations_total",
    "thp_collapse_alloc_failed": "thp_collapse_failures_total",
    "thp_split_page": "thp_page_splits_total",
    "htlb_buddy_alloc_success": "hugetlb_allocations_total",
    "htlb_buddy_alloc_fail": "hugetlb_allocation_failures_total",
    "pswpin": "pages_swapped_in_total",
    "pswpout": "pages_swapped_out_total",
    "workingset_refault_anon": 'refaults_total{lru="anon"}',
    "workingset_refault_file": 'refaults_total{lru="file"}',
    "allocstall_dma": 'allocation_stalls_total{zone="dma"}',
    "allocstall_dma32": 'allocation_stalls_total{zone="dma32"}',
    "allocstall_normal": 'allocation_stalls_total{zone="normal"}',
    "allocstall_movable": 'allocation_stalls_total{zone="movable"}',
    "allocstall_device": 'allocation_stalls_total{zone="device"}',
}

# The same for /sys/devices/system/node/nodeN/vmstat; N stands for the node's number.
NODE_COUNTERS = {
    "pgpromote_success": 'node_pages_promoted_total{numa_node="N"}',
    "pgpromote_candidate": 'node_promotion_candidates_total{numa_node="N"}',
    "pgpromote_candidate_nrl": 'node_promotion_candidates_unlimited_total{numa_node="N"}',
    "pgdemote_kswapd": 'node_pages_demoted_total{numa_node="N",path="kswapd"}',
    "pgdemote_direct": 'node_pages_demoted_total{numa_node="N",path="direct"}',
    "pgdemote_khugepaged": 'node_pages_demoted_total{numa_node="N",path="khugepaged"}',
    "pgdemote_proactive": 'node_pages_demoted_total{numa_node="N",path="proactive"}',
}

# What the reasons collector, off by default, says of each reason; as guest/trace.sh sums it.
REASON_SUMS = ("calls", "pages_migrated", "pages_failed", "thp_migrated", "thp_failed", "thp_split")
REASON_METRICS = {f"{PREFIX}reason_{what}_total": what for what in REASON_SUMS}
REASON_METRICS[f"{PREFIX}reason_call_duration_seconds_count"] = "calls_timed"
REASON_METRIC = PREFIX + "reason_pages_migrated_total"

# The first version that has a field, for those that not all our kernels have (KERNEL.md). What a
# distribution ported back or a later stable release added shows here first.
MACHINE_SINCE = {
    "pgpromote_success": (5, 18), "pgpromote_candidate": (6, 1), "pgpromote_candidate_nrl": (6, 18),
    "pgdemote_kswapd": (5, 15), "pgdemote_direct": (5, 15), "pgdemote_khugepaged": (6, 2),
    "pgdemote_proactive": (6, 16),
}
NODE_SINCE = {**MACHINE_SINCE, "pgdemote_kswapd": (6, 8), "pgdemote_direct": (6, 8),
              "pgdemote_khugepaged": (6, 8)}
THP_FAILED_INCLUDES_SPLIT_SINCE = (5, 17)

# Configured in Debian's cloud kernels only lately: whether they have it is not a matter of version.
CONFIGURED = {"cma_alloc_success", "cma_alloc_fail"}


def parse_metric(name):
    """`m{a="x"}` as (m, frozenset of label pairs), which is how a scrape is keyed."""
    bare, _, labels = name.partition("{")
    return PREFIX + bare, frozenset(re.findall(r'(\w+)="([^"]*)"', labels))


def machine_metric(field):
    return parse_metric({**MACHINE_COUNTERS, **MACHINE_OTHERS}[field])


def node_metric(field, node):
    return parse_metric(NODE_COUNTERS[field].replace('"N"', f'"{node}"'))
