"""One host: how much, in what bursts, why, at what cost, and does it fail?"""

from parts import *

MIGRATED, FAILED = rate("pagemigration_pages_migrated_total"), rate("pagemigration_pages_failed_total")
PAGE = "pagemigration_page_size_bytes{QUERY}"
TRIED = f"({FAILED} + {MIGRATED})"
ON_NODES = 'numa_node=~"$node"'
ONE_TIER = "This kernel has no such counter, or the node collector is off."
PROMOTED = f"sum({rate('pagemigration_node_pages_promoted_total', ON_NODES)})"
DEMOTED = f"sum({rate('pagemigration_node_pages_demoted_total', ON_NODES)})"


def host():
    board = new_dashboard(
        "pagemigration-host", "Page migration / Host",
        "Page migration of one host: rates and bursts, reasons, huge pages, compaction, NUMA balancing, memory tiers, pins.",
        [job(), instance(many=False), node(), unit_of_pages()])
    board.link(dashboard.DashboardLink("Live page").type(model.DashboardLinkType.LINK).icon("bolt")
               .url("http://${instance}/").target_blank(True).tooltip(
                   "The exporter's own page: each second of the last ten minutes, and what explain says"))
    add(board, "Now", *now())
    add(board, "How much, why, what it costs, does it fail?", *first_screen())
    for title, panels in (
            ("Bursts", bursts()), ("Reasons in detail", reasons()), ("Causes and waits", causes()),
            ("Device memory", devices()), ("Huge pages", huge_pages()),
            ("Compaction", compaction()), ("NUMA balancing: benefit and cost", balancing()),
            ("Memory tiers", tiers()), ("Pins, isolation and contiguous memory", pins()),
            ("Settings", settings()), ("Runbooks", [runbooks()])):
        add(board, title, *panels, collapsed=True)
    return board


def now():
    return [
        number("Pages moved", "Base pages per second (p/s). An idle host moves next to none.", PAGES,
               [query(MIGRATED, "moved")], runbook="PageMigrationStorm"),
        number("Memory moved", "The same in bytes per second. Above 1 GiB/s for ten minutes is a storm.", BYTES,
               [query(f"{MIGRATED} * {PAGE}", "moved")],
               steps(GREEN, (STORM / 4, YELLOW), (STORM, RED)), runbook="PageMigrationStorm"),
        number("Peak of 5 minutes", "The fastest single sampling interval of the last five minutes, which a scrape's mean hides. "
               "Far above the pages moved means short bursts.", PAGES,
               [query('pagemigration_pages_migrated_per_second_max{QUERY, window="5m"}', "highest")],
               no_value="not yet"),
        number("Failure share", "Failed pages of all that were tried. Near 0 is good; above half is bad only with "
               "many pages and failing compaction.", SHARE,
               [query(share(FAILED, TRIED), "failed", instant=True)],
               steps(GREEN, (0.1, YELLOW), (FAILED_SHARE, RED)), "none tried", "PageMigrationFailing", trend=False),
        number("Compaction stalls", "Allocations per second that wait for direct compaction. Good: 0. The alert fires above 10.",
               EVENTS, [query(rate("pagemigration_compaction_stalls_total"), "stalls")],
               steps(GREEN, (1, YELLOW), (STALLS, RED)), "This kernel has no compaction counters.",
               "PageMigrationCompactionStalls"),
        number("Alerts firing", "Page-migration alerts that fire for this host. 0 also where this project's alert "
               "rules are not loaded into Prometheus.", COUNT,
               [query('count(ALERTS{alertname=~"PageMigration.+", alertstate="firing", QUERY}) or vector(0)', "firing")],
               steps(GREEN, (1, RED)), trend=False),
    ]


def sampled(name):
    return [
        query(rate(f"pagemigration_{name}_total"), "mean between scrapes"),
        query(f'pagemigration_{name}_per_second{{QUERY, window="10s"}}', "mean of 10 s, sampled"),
        query(f'pagemigration_{name}_per_second_max{{QUERY, window="1m"}}', "highest of 1 min, sampled")]


def by_reason(metric):
    return query(f"sum by (reason) ({rate(metric)})", "{{reason}}")


def first_screen():
    return [
        graph("Memory moved", "How much, and since when: bytes per second between scrapes. The dashed line is the storm alert's 1 GiB/s, "
              "which is about this mean; peaks are in the row Bursts.", BYTES,
              [query(f"{MIGRATED} * {PAGE}", "moved")],
              line=STORM, runbook="PageMigrationStorm", colours={"moved": MOVED}, height=7),
        graph("Pages moved by reason", "Why the kernel moves pages. compaction makes room for large allocations, "
              "contig_range serves CMA and gigantic pages, numa_misplaced and demotion move between nodes.", PAGES,
              [by_reason("pagemigration_reason_pages_migrated_total")], stacked=True, no_value=REASONS_OFF,
              colours=REASON_COLOURS, height=7, either_unit=True),
        graph("Time spent in migration calls", "What it costs. Seconds per second, by reason: 100 % is one CPU that does nothing else, "
              "or one task that waits all the time.", SHARE,
              [by_reason("pagemigration_reason_call_duration_seconds_sum")], stacked=True, no_value=REASONS_OFF,
              runbook="PageMigrationCallsSlow", colours=REASON_COLOURS, height=7),
        graph("Failure share", "Does it fail? Failed pages of all that were tried; nothing where none was tried. The dashed line is "
              "the alert's half, which counts only with more than 100 failed pages a second and failing compaction.",
              SHARE, [query(share(FAILED, TRIED), "failed")], line=FAILED_SHARE, highest=1,
              no_value="No page was tried in this time.", runbook="PageMigrationFailing",
              colours={"failed": FAILED_COLOUR}, height=7),
    ]


def bursts():
    return [
        graph("Pages moved: mean and peak", "The scrape's mean beside the sampler's peak. A peak far above the mean is a burst "
              "that a scrape cannot see.", PAGES, sampled("pages_migrated"), runbook="PageMigrationStorm",
              colours={"mean between scrapes": MOVED, "mean of 10 s, sampled": "#1F60C4", "highest of 1 min, sampled": PEAK},
              unfilled="/^highest/", either_unit=True),
        graph("Pages failed: mean and peak", "Pages that could not be moved. A small steady floor is normal: each full "
              "compaction of an idle host fails a few dozen.", PAGES, sampled("pages_failed"),
              runbook="PageMigrationFailing",
              colours={"mean between scrapes": FAILED_COLOUR, "mean of 10 s, sampled": "#AD0317", "highest of 1 min, sampled": "#FFA6B0"},
              unfilled="/^highest/", either_unit=True),
        heat("Time spent at each speed: pages moved", "One count per sampling interval, by pages per second. An idle host fills only the lowest row; "
             "colour in the upper rows is time spent in a storm.", PAGES,
             "sum by (le) (increase(pagemigration_sampled_pages_migrated_per_second_bucket{QUERY}[$__rate_interval]))",
             SAMPLER_OFF),
        heat("Time spent at each speed: pages failed", "The same for failed pages. Good: only the lowest row.", PAGES,
             "sum by (le) (increase(pagemigration_sampled_pages_failed_per_second_bucket{QUERY}[$__rate_interval]))",
             SAMPLER_OFF),
    ]


def reasons():
    total = "pagemigration_numa_pages_migrated_total"
    numa = f"({rate(total)} or 0 * {MIGRATED})"
    demoted = f"(sum without (path) ({rate('pagemigration_pages_demoted_total')}) or 0 * {MIGRATED})"
    return [
        graph("Pages failed by reason", "Who fails. Compaction failing a little is normal; memory_hotplug and contig_range fail "
              "again and again on pinned pages.", PAGES,
              [by_reason("pagemigration_reason_pages_failed_total")], stacked=True, no_value=REASONS_OFF,
              runbook="PageMigrationFailing", colours=REASON_COLOURS, either_unit=True),
        heat("Duration of migration calls", "How many calls to migrate_pages() took how long. Most last micro- to milliseconds; "
             "colour above 131 ms is what the alert counts.", SECONDS,
             "sum by (le) (increase(pagemigration_reason_call_duration_seconds_bucket{QUERY}[$__rate_interval]))",
             REASONS_OFF, "PageMigrationCallsSlow"),
        graph("Duration by reason, 99th percentile", "99 of 100 calls are shorter. Gaps: no calls. The dashed line is 131 ms.",
              SECONDS, [query(slowest_call(), "{{reason}}")], line=0.131072, no_value=NO_CALLS,
              runbook="PageMigrationCallsSlow", colours=REASON_COLOURS),
        graph("Calls by mode", "async calls give up rather than wait; sync calls wait for locks and writeback, and stall "
              "their caller.", EVENTS,
              [query(f"sum by (mode) ({rate('pagemigration_reason_calls_total')})", "{{mode}}")], no_value=REASONS_OFF),
        graph("Where moved pages come from, without eBPF", "From /proc/vmstat alone: NUMA balancing, demotion, and the rest, which is compaction, contiguous "
              "allocation, hotplug, system calls and DAMON.", PAGES, [
                  query(numa, "NUMA balancing"), query(demoted, "demotion"),
                  query(f"clamp_min({MIGRATED} - {numa} - {demoted}, 0)", "compaction and the rest")],
              stacked=True, width=24, height=7, colours={
                  "NUMA balancing": REASON_COLOURS["numa_misplaced"], "demotion": REASON_COLOURS["demotion"],
                  "compaction and the rest": COMPACTION}, either_unit=True),
        graph("Which node's CPUs do the moving", "Pages moved, by the node of the CPU that moved them, wherever the pages were: where the "
              "time is spent.", PAGES,
              [query(f"sum by (numa_node) ({rate('pagemigration_cpu_node_pages_migrated_total')})", "node {{numa_node}}")],
              stacked=True, no_value="Counters are not read per CPU (--collector.vmstat.percpu).", width=24, height=7,
              either_unit=True),
    ]


def causes():
    off = "Causes are not traced (--collector.causes)."
    no_waits = "Waits are not traced (--collector.waits)."
    return [
        graph("Pages failed by cause", "Why they stayed. Pinned pages and a target without room can be cured; a page that a pipe or "
              "direct I/O refers to mostly moves at the next attempt.", PAGES,
              [query(f"sum by (cause) ({rate('pagemigration_cause_pages_failed_total')})", "{{cause}}")],
              stacked=True, no_value=off, runbook="PageMigrationFailuresCurable", colours=CAUSE_COLOURS, either_unit=True),
        graph("Pages failed by kind of memory", "What kind of memory does not move: anonymous memory, shared memory and tmpfs, files, hugetlb.",
              PAGES, [query(f"sum by (kind) ({rate('pagemigration_kind_pages_failed_total')})", "{{kind}}")],
              stacked=True, no_value=off, runbook="PageMigrationFailuresCurable", either_unit=True),
        graph("Threads held up", "How many threads wait, on average, for pages in transit, for NUMA balancing's scans, and in direct "
              "compaction. No counter of the kernel shows the first two.", COUNT, [
                  query(f"sum ({rate('pagemigration_wait_seconds_sum')})", "pages in transit"),
                  query(rate("pagemigration_numa_scan_seconds_sum"), "NUMA scans"),
                  query(rate("pagemigration_direct_compaction_seconds_sum"), "direct compaction")],
              stacked=True, no_value=no_waits),
        heat("How long threads wait for a page in transit", "Each wait, by its length. Most last microseconds; long ones are calls that move "
             "many pages at once.", SECONDS,
             "sum by (le) (increase(pagemigration_wait_seconds_bucket{QUERY}[$__rate_interval]))", no_waits),
        graph("Threads held up, by cgroup", "Whose threads wait: the ten cgroups that wait most. What is not followed is other.", COUNT,
              [query(f"topk(10, sum by (cgroup) ({rate('pagemigration_cgroup_wait_seconds_total')}))", "{{cgroup}}")],
              stacked=True, width=24, height=7,
              no_value="Not broken down by cgroup (--collector.waits with --collector.cgroup)."),
    ]


def devices():
    off = "Device memory is not traced (--collector.device)."
    return [
        graph("Pages moved to and from devices", "By drivers (HMM): GPUs mostly. The kernel counts none of it, and no panel above has it. As much "
              "to a device as back from it, all the time: memory that both sides use at once.", PAGES,
              [query(f"sum by (direction) ({rate('pagemigration_device_pages_migrated_total')})", "{{direction}}")],
              stacked=True, no_value=off, colours={"to_device": MOVED, "from_device": PEAK}, width=8, either_unit=True),
        graph("Pages that did not move, by stage", "not_collected: they could not be taken away from the process. no_target: the driver had no room. "
              "not_moved: something else held a reference.", PAGES,
              [query(f"sum by (direction, stage) ({rate('pagemigration_device_pages_failed_total')})",
                     "{{direction}} {{stage}}")], stacked=True, no_value=off, width=8, either_unit=True),
        heat("How long a move takes", "How long each range took to move, including the driver's copying.", SECONDS,
             "sum by (le) (increase(pagemigration_device_call_duration_seconds_bucket{QUERY}[$__rate_interval]))", off,
             width=8),
    ]


def huge_pages():
    none = "This kernel has no huge-page migration counters (before 5.9)."
    return [
        graph("Huge pages per second: what became of them", "Whole huge pages, not base pages. Moved whole is good. Split is a loss: the parts "
              "move as small pages. Lost ones stay where they are. From Linux 5.17 on the kernel's failures include the splits; this is taken into account.",
              COUNT, [
                  query(rate("pagemigration_thp_migrated_total"), "moved whole"),
                  query(rate("pagemigration_thp_split_total"), "split"),
                  query(thp_lost(), "lost")], stacked=True, no_value=none, runbook="PageMigrationHugePagesLost",
              colours={"moved whole": MOVED, "split": SPLIT, "lost": LOST}),
        graph("Huge pages: share split and lost", "Of all that were tried. Split above half: the destination has no free huge page, so memory is "
              "fragmented. Lost above 25 % (dashed): pinned or busy huge pages.", SHARE, [
                  query(share(rate("pagemigration_thp_split_total"), thp_attempted()), "split"),
                  query(share(thp_lost(), thp_attempted()), "lost")],
              line=LOST_SHARE, highest=1, no_value="No huge page was tried in this time.",
              runbook="PageMigrationHugePagesLost", colours={"split": SPLIT, "lost": LOST}),
    ]


def compaction():
    none = "This kernel has no compaction counters (CONFIG_COMPACTION is off)."
    return [
        graph("Direct compaction", "Allocations per second that stall for compaction, and how it ends. Good: none. Above "
              "10 stalls/s (dashed) tasks wait noticeably.", EVENTS, [
                  query(rate("pagemigration_compaction_stalls_total"), "stalls"),
                  query(rate("pagemigration_compaction_successes_total"), "successes"),
                  query(rate("pagemigration_compaction_failures_total"), "failures")],
              line=STALLS, no_value=none, runbook="PageMigrationCompactionStalls",
              colours={"stalls": COMPACTION, "successes": GREEN, "failures": FAILED_COLOUR}),
        graph("Compaction work", "Pages scanned and isolated per second. Isolated counts each move about twice, once "
              "at its source and once at its target.", PAGES, [
                  query(rate("pagemigration_compaction_migrate_scanned_pages_total"), "scanned for pages to move"),
                  query(rate("pagemigration_compaction_free_scanned_pages_total"), "scanned for free pages"),
                  query(rate("pagemigration_compaction_isolated_pages_total"), "isolated")],
              no_value=none, runbook="PageMigrationCompactionStalls", either_unit=True),
        graph("Scanned per isolated page", "How hard compaction searches. Below about 20 is easy; hundreds mean memory "
              "full of pages that cannot move.", COUNT,
              [query(share(f"({rate('pagemigration_compaction_migrate_scanned_pages_total')}"
                           f" + {rate('pagemigration_compaction_free_scanned_pages_total')})",
                           rate("pagemigration_compaction_isolated_pages_total")), "scanned per isolated")],
              no_value="Compaction isolated nothing in this time.", runbook="PageMigrationCompactionStalls"),
        graph("Background compaction: pages scanned", "kcompactd's part of the scanning. Work done here spares programs direct compaction.", PAGES, [
            query(rate("pagemigration_compaction_daemon_migrate_scanned_pages_total"), "scanned for pages to move"),
            query(rate("pagemigration_compaction_daemon_free_scanned_pages_total"), "scanned for free pages")],
              no_value=none, width=6, either_unit=True),
        graph("kcompactd woken", "Wake-ups per second.", EVENTS,
              [query(rate("pagemigration_compaction_daemon_wakes_total"), "wake-ups")],
              no_value=none, width=6, colours={"wake-ups": COMPACTION}),
    ]


def balancing():
    none = "This kernel has no NUMA balancing counters."
    faults, local = rate("pagemigration_numa_hint_faults_total"), rate("pagemigration_numa_hint_faults_local_total")
    return [
        graph("Benefit: share of local hint faults", "How often a task finds its memory on its own node. Rising towards 100 % is what balancing is for. "
              "Flat while pages move: it only costs. The alert fires below 80 % (dashed) with 100 MiB/s moved.", SHARE,
              [query(share(local, faults), "local")], line=LOCAL_SHARE, highest=1,
              no_value="No hint faults: one node, or NUMA balancing is off (see Settings).",
              runbook="PageMigrationNUMABalancing", colours={"local": GREEN}),
        graph("Cost: pages marked and moved", "Pages marked to fault and pages moved, per second. All 0 on a one-node host.",
              PAGES, [
                  query(rate("pagemigration_numa_pte_updates_total"), "marked to fault"),
                  query(rate("pagemigration_numa_pages_migrated_total"), "moved")],
              no_value=none, width=6, colours={"moved": MOVED}, either_unit=True),
        graph("Cost: hint faults", "Faults per second that tasks take so that the kernel sees where they run.", EVENTS,
              [query(faults, "hint faults"), query(local, "of them local")], no_value=none, width=6),
        graph("Pages moved per remote fault", "What a remote fault leads to. Near 0 with many faults: balancing looks and "
              "decides to leave the memory. In the hundreds: huge pages move.", COUNT,
              [query(share(rate("pagemigration_numa_pages_migrated_total"), f"({faults} - {local})"), "pages per remote fault")],
              no_value="No remote hint faults in this time."),
        graph("Huge page-table updates", "PMD entries made to fault per second. Each covers a whole huge page.", EVENTS,
              [query(rate("pagemigration_numa_huge_pte_updates_total"), "huge entries")], no_value=none),
    ]


def tiers():
    by_node = lambda metric: f"sum by (numa_node) ({rate(metric, ON_NODES)})"
    return [
        graph("Promotion and demotion by node", "Upwards: promoted pages, by the node they go to. Downwards: demoted pages, by the node they "
              "leave. 0 on a host with one memory tier. Counts lag up to a second.", PAGES, [
                  query(by_node("pagemigration_node_pages_promoted_total"), "promoted to node {{numa_node}}"),
                  query(by_node("pagemigration_node_pages_demoted_total"), "demoted from node {{numa_node}}")],
              no_value=ONE_TIER, below_zero="/^demoted/", either_unit=True),
        graph("Ping-pong", "The lesser of promotion and demotion: memory that goes up and comes down again. Good: near 0. The "
              "alert fires above 64 MiB/s (dashed).", BYTES, [
                  query(f"({PROMOTED} <= {DEMOTED} or {DEMOTED} < {PROMOTED}) * scalar(max({PAGE}))", "up and down again")],
              line=PING_PONG, no_value=ONE_TIER, runbook="PageMigrationPingPong", colours={"up and down again": REASON_COLOURS["demotion"]}),
        graph("Demotion by path", "Who demotes. kswapd is the quiet way; direct means that allocations wait for it.", PAGES,
              [query(f"sum by (path) ({rate('pagemigration_node_pages_demoted_total', ON_NODES)})", "{{path}}")],
              stacked=True, no_value=ONE_TIER, either_unit=True),
        graph("Promotion: candidates and moves", "Pages hot enough to promote, and those promoted. Candidates far above "
              "promotions: the rate limit holds them back.", PAGES, [
                  query(f"sum({rate('pagemigration_node_promotion_candidates_total', ON_NODES)})", "candidates"),
                  query(f"sum({rate('pagemigration_node_promotion_candidates_unlimited_total', ON_NODES)})",
                        "not rate-limited"),
                  query(PROMOTED, "promoted")], no_value=ONE_TIER, either_unit=True),
    ]


def pins():
    held = "(pagemigration_pins_acquired_total{QUERY} - pagemigration_pins_released_total{QUERY})"
    return [
        graph("Pages pinned", "Pins held now, about: acquired minus released since boot. A pinned page cannot move. A high or "
              "growing number explains failures.", COUNT, [query(held, "pins held")],
              no_value="This kernel has no pin counters (before 5.6).", runbook="PageMigrationFailing", width=6),
        graph("Pages isolated now", "Pages taken off their LRU list, for migration or reclaim, at the moment of the scrape. "
              "Stays above 0: a long migration or reclaim.", COUNT,
              [query("pagemigration_isolated_pages{QUERY}", "{{lru}}")], width=6),
        graph("Contiguous memory", "CMA allocations per second, and their failures, which should be 0.", EVENTS, [
            query(rate("pagemigration_cma_allocations_total"), "CMA allocations"),
            query(rate("pagemigration_cma_allocation_failures_total"), "CMA failures")],
              no_value="This kernel has no CMA counters.", width=6,
              runbook="PageMigrationFailing", colours={"CMA failures": FAILED_COLOUR}),
        graph("Balloon pages moved", "Pages of the balloon that were moved, a part of all pages moved.", PAGES,
              [query(rate("pagemigration_balloon_pages_migrated_total"), "moved")],
              no_value="This kernel has no balloon counter.", width=6, colours={"moved": MOVED}, either_unit=True),
    ]


def settings():
    off_on = values({0: ("off", "#6e7079"), 1: ("on", BLUE)})
    return [
        states("Settings over time", "How the kernel is configured. A change here often explains a change above. NUMA "
               "balancing: 1 normal, 2 memory tiering, 3 both.", [
                   query("pagemigration_numa_balancing_mode{QUERY}", "NUMA balancing mode"),
                   query("pagemigration_demotion_enabled{QUERY}", "demotion"),
                   query("pagemigration_compaction_proactiveness{QUERY}", "compaction proactiveness"),
                   query("pagemigration_promotion_rate_limit_bytes_per_second{QUERY}", "promotion limit")],
               no_value="The settings collector is off.", width=10).override_by_name(
                   "promotion limit", [model.DynamicConfigValue(id_val="unit", value=BYTES)]),
        states("Huge-page policy", "transparent_hugepage/enabled: 1 marks the one in force.",
               [query("pagemigration_thp_policy{QUERY}", "{{policy}}")], off_on,
               "This kernel has no transparent huge pages.", width=6),
        rows_of("NUMA nodes", "Each node's memory tier, and whether it has CPUs and memory. No tier: the kernel has no "
                "memory tiers, or only one.", [
                    table_query(f"pagemigration_node_info{{QUERY, {ON_NODES}}}")],
                {"numa_node": ("Node", None), "memory_tier": ("Tier", None), "has_cpu": ("CPUs", None),
                 "has_memory": ("Memory", None)}, hidden=("Value", "__name__", "job", "instance"),
                width=8, height=8, no_value="The node collector is off or this kernel has no NUMA."),
    ]


def runbooks():
    pages = sorted(path.stem for path in (ROOT / "deploy/runbooks").glob("PageMigration*.md"))
    return words(" · ".join(f"[{page}]({RUNBOOKS}{page}.md)" for page in pages), height=3,
                 title="What to do, alert by alert")
