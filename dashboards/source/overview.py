"""The fleet: is something wrong, and on which hosts?"""

from parts import *

MIGRATED, FAILED = rate("pagemigration_pages_migrated_total"), rate("pagemigration_pages_failed_total")
MOVED_BYTES = f"{MIGRATED} * pagemigration_page_size_bytes{{QUERY}}"
TRIED = f"({FAILED} + {MIGRATED})"
TO_HOST = to_host("${__data.fields.Job}", "${__data.fields.Host}")


def overview():
    board = new_dashboard(
        "pagemigration-overview", "Page migration / Overview",
        "Page migration over all hosts: storms, failures, huge pages, and the hosts that do most of it.",
        [job(), instance(many=True)])
    add(board, "Now", *now())
    add(board, "Fleet", *fleet())
    add(board, "Hosts", *hosts())
    return board


def now():
    return [
        number("Exporters", "Exporters that answer, and those that do not. Good: none down.", COUNT, [
            query(f"sum({EXPORTERS_UP})", "up"),
            query(f"count({EXPORTERS_UP} == 0) or vector(0)", "down")],
            trend=False, runbook="PageMigrationExporterDown").override_by_name(
                "down", [model.DynamicConfigValue(id_val="thresholds", value={"mode": "absolute", "steps": [
                    {"value": None, "color": GREEN}, {"value": 1, "color": RED}]})]),
        number("Hosts in a storm",
               "Hosts that move more than 1 GiB of memory a second right now. Good: 0. The alert waits 10 minutes, "
               "so a short burst shows here and alerts nobody.", COUNT,
               [query(f"count({MOVED_BYTES} > {STORM:.0f}) or vector(0)", "hosts")],
               steps(GREEN, (1, RED)), runbook="PageMigrationStorm"),
        number("Memory moved", "Bytes per second that the kernels move, all hosts together. Idle hosts move "
               "next to nothing; what is usual depends on the fleet.", BYTES,
               [query(f"sum({MOVED_BYTES})", "moved")]),
        number("Failure share", "Pages that could not be moved, of all that were tried. Near 0 is good; above half "
               "is bad only together with failing compaction.", SHARE,
               [query(share(f"sum({FAILED})", f"sum({TRIED})"), "failed", instant=True)],
               steps(GREEN, (0.1, YELLOW), (FAILED_SHARE, RED)), "none tried", "PageMigrationFailing", trend=False),
        number("Huge pages lost", "Huge pages that could be neither moved nor split, of all that were tried, where more "
               "than one a second is tried. Good: below 5 %. The alert fires above 25 %.", SHARE,
               [query(f"sum({thp_lost()}) / (sum({thp_attempted()}) > 1)", "lost", instant=True)],
               steps(GREEN, (0.05, YELLOW), (LOST_SHARE, RED)), "none tried",
               "PageMigrationHugePagesLost", trend=False),
        number("Alerts firing", "Page-migration alerts that fire. 0 also where this project's alert rules are not "
               "loaded into Prometheus.", COUNT,
               [query('count(ALERTS{alertname=~"PageMigration.+", alertstate="firing", QUERY}) or vector(0)',
                      "firing")],
               steps(GREEN, (1, RED)), trend=False),
    ]


def fleet():
    return [
        graph("Pages moved and failed", "Base pages per second (p/s), all hosts together. Failures should stay far "
              "below the pages moved. A small steady floor of failures is normal.", PAGES, [
                  query(f"sum({MIGRATED})", "moved"),
                  query(f"sum({FAILED})", "failed")],
              colours={"moved": MOVED, "failed": FAILED_COLOUR}),
        graph("Memory moved, busiest hosts", "Bytes per second of the ten hosts that move most. The dashed line is the "
              "storm alert's 1 GiB/s.", BYTES,
              [query(f"topk(10, {MOVED_BYTES})", "{{instance}}")], line=STORM, runbook="PageMigrationStorm"),
        graph("Failure share, worst hosts", "Failed pages of all tried, the ten worst hosts that fail more than "
              "100 pages a second. High with few pages means nothing, so such hosts are left out.", SHARE,
              [query(f"topk(10, {share(FAILED, TRIED)} and {FAILED} > 100)", "{{instance}}")],
              line=FAILED_SHARE, highest=1, no_value="No host fails more than 100 pages per second.",
              runbook="PageMigrationFailing"),
        graph("Huge pages per second: what became of them", "Whole huge pages, not base pages, all hosts. Moved whole is good. Split is a loss: "
              "its parts move as small pages. Lost ones stay where they are. Counted by each host's kernel version.",
              COUNT, [
                  query(f"sum({rate('pagemigration_thp_migrated_total')})", "moved whole"),
                  query(f"sum({rate('pagemigration_thp_split_total')})", "split"),
                  query(f"sum({thp_lost()})", "lost")],
              stacked=True, runbook="PageMigrationHugePagesLost",
              colours={"moved whole": MOVED, "split": SPLIT, "lost": LOST},
              no_value="No host has huge-page migration counters (kernels before 5.9)."),
        graph("Pages moved by reason", "Why pages move, all hosts that run the reasons collector. Compaction makes room "
              "for large allocations; numa_misplaced and demotion move pages between nodes.", PAGES,
              [query("sum by (reason) (rate(pagemigration_reason_pages_migrated_total{QUERY}[$__rate_interval]))",
                     "{{reason}}")], stacked=True, no_value=REASONS_OFF, colours=REASON_COLOURS),
        graph("Duration of migration calls, 99th percentile", "99 of 100 calls to migrate_pages() are shorter, by "
              "reason. Below 10 ms is usual. The line is 131 ms, where the alert begins to count a call as slow.", SECONDS,
              [query(slowest_call(), "{{reason}}")], line=0.131072, no_value=NO_CALLS,
              runbook="PageMigrationCallsSlow", colours=REASON_COLOURS),
    ]


def hosts():
    links = {"Host": TO_HOST}
    return [
        rows_of("Hosts that move most", "The twenty busiest hosts now, and the highest sample of their last five minutes. Click a host to open it.", [
            table_query(f"topk(20, {MIGRATED})"),
            table_query(f"{MOVED_BYTES} and on (job, instance) topk(20, {MIGRATED})"),
            table_query('sum without (window) (pagemigration_pages_migrated_per_second_max{QUERY, window="5m"})'
                        f" and on (job, instance) topk(20, {MIGRATED})")],
            {"instance": ("Host", None), "job": ("Job", None), "Value #A": ("Pages", PAGES),
             "Value #B": ("Memory", BYTES), "Value #C": ("Peak, 5 min", PAGES)},
            sort="Pages", links=links, no_value="No exporter answers.", runbook="PageMigrationStorm"),
        rows_of("Hosts that fail most", "The twenty hosts with most failed pages now. A high share together with "
                "compaction stalls is what hurts; a high share alone often does not.", [
            table_query(f"topk(20, {FAILED})"),
            table_query(f"{share(FAILED, TRIED)} and on (job, instance) topk(20, {FAILED})"),
            table_query(f"{rate('pagemigration_compaction_stalls_total')} and on (job, instance) topk(20, {FAILED})")],
            {"instance": ("Host", None), "job": ("Job", None), "Value #A": ("Failed", PAGES),
             "Value #B": ("Share failed", SHARE), "Value #C": ("Compaction stalls", EVENTS)},
            sort="Failed", links=links, no_value="No exporter answers.", runbook="PageMigrationFailing"),
    ]
