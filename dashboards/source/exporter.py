"""The exporter itself: does it answer, completely, in time, and at what price?"""

from parts import *

PER_COLLECTOR = "pagemigration_scrape_collector"


def exporter():
    board = new_dashboard(
        "pagemigration-exporter", "Page migration / Exporter",
        "Health and cost of the page-migration exporters themselves.", [job(), instance(many=True)])
    add(board, "Now", *now())
    add(board, "Collectors", *collectors())
    add(board, "Scrapes and requests", *scrapes())
    add(board, "Sampler", *sampler())
    add(board, "Process", *process())
    return board


def now():
    return [
        number("Exporters up", "Exporters that answer Prometheus.", COUNT,
               [query(f"sum({EXPORTERS_UP})", "up")], trend=False),
        number("Exporters down", "Exporters that do not. Good: 0.", COUNT,
               [query(f"count({EXPORTERS_UP} == 0) or vector(0)", "down")],
               steps(GREEN, (1, RED)), trend=False, runbook="PageMigrationExporterDown"),
        number("Collectors failing", "Collectors that failed in the last scrape, over all exporters. Good: 0.", COUNT,
               [query(f"count({PER_COLLECTOR}_success{{QUERY}} == 0) or vector(0)", "failing")],
               steps(GREEN, (1, RED)), trend=False, runbook="PageMigrationCollectorFailing"),
        number("Slowest scrape", "As Prometheus sees it, network included. Good: far below the scrape timeout.", SECONDS,
               [query("max(scrape_duration_seconds{QUERY})", "slowest")],
               steps(GREEN, (1, YELLOW), (5, RED))),
        number("Largest scrape", "Series of the largest answer. The budget is 250 with the default collectors on two nodes, "
               "600 with reasons; cgroups come on top.", COUNT,
               [query("max(scrape_samples_scraped{QUERY})", "series")],
               steps(GREEN, (600, YELLOW))),
        number("Most memory", "Resident memory of the largest exporter. Good: about 10 MiB, and flat; for the first 15 s about 17 MiB.", "bytes",
               [query("max(process_resident_memory_bytes{QUERY})", "resident")],
               steps(GREEN, (24 * 2**20, YELLOW), (64 * 2**20, RED))),
    ]


def collectors():
    return [
        states("Collectors, worst of all exporters", "A collector that fails costs only its own metrics.",
               [query(f"min by (collector) ({PER_COLLECTOR}_success{{QUERY}})", "{{collector}}")],
               values({0: ("fails", RED), 1: ("works", GREEN)})),
        graph("Time per collector", "Seconds of the slowest exporter, per collector. Usually well below a millisecond; "
              "cgroup grows with the cgroups followed.", SECONDS,
              [query(f"max by (collector) ({PER_COLLECTOR}_duration_seconds{{QUERY}})", "{{collector}}")]),
        rows_of("Failing collectors", "Which collector fails on which host.", [
            table_query(f"{PER_COLLECTOR}_success{{QUERY}} == 0")],
            {"instance": ("Host", None), "job": ("Job", None), "collector": ("Collector", None)},
            hidden=("Value", "__name__"), no_value="None fails.", runbook="PageMigrationCollectorFailing", height=7),
        rows_of("Versions", "How many exporters run which version.", [
            table_query("count by (version, revision, swift_version, libmicrohttpd_version) (pagemigration_build_info{QUERY})")],
            {"version": ("Version", None), "revision": ("Revision", None), "swift_version": ("Swift", None),
             "libmicrohttpd_version": ("libmicrohttpd", None), "Value": ("Exporters", COUNT)}, height=7),
    ]


def scrapes():
    return [
        graph("Scrape duration, slowest ten", "As Prometheus sees it. Rising on one host: its kernel is slow to answer, "
              "for instance during CPU hotplug.", SECONDS,
              [query("topk(10, scrape_duration_seconds{QUERY})", "{{instance}}")]),
        graph("Requests by status", "All answers of all exporters per second. 503: too many at once. 401 and 404: "
              "a client with a wrong password or path.", "reqps",
              [query("sum by (code) (rate(pagemigration_http_requests_total{QUERY}[$__rate_interval]))", "{{code}}")],
              stacked=True, no_value="Started with --web.disable-exporter-metrics."),
        graph("Requests in flight", "The highest of any exporter. The limit is --web.max-requests (40).", COUNT,
              [query("max(pagemigration_http_requests_in_flight{QUERY})", "under way")],
              no_value="Started with --web.disable-exporter-metrics."),
        graph("Series per scrape", "The smallest and the largest answer. A sudden drop: a collector or a kernel lost counters.",
              COUNT, [query("max(scrape_samples_scraped{QUERY})", "most"),
                      query("min(scrape_samples_scraped{QUERY})", "fewest")]),
    ]


def sampler():
    return [
        graph("Late samples, worst ten", "Share of samples that missed their time. Good: 0. The alert fires above 5 % "
              "(dashed): bursts may then be averaged away.", SHARE,
              [query("topk(10, rate(pagemigration_sampler_late_total{QUERY}[$__rate_interval])"
                     " * pagemigration_sampler_interval_seconds{QUERY})", "{{instance}}")],
              line=LATE_SHARE, no_value=SAMPLER_OFF, runbook="PageMigrationSamplerLate"),
        graph("Counters that went backwards", "Resets per second that the samplers saw. Anything above 0: a host was restored from "
              "a snapshot, or a 32-bit counter wrapped.", EVENTS,
              [query("sum(rate(pagemigration_sampler_resets_total{QUERY}[$__rate_interval]))", "resets")],
              no_value=SAMPLER_OFF),
    ]


def process():
    return [
        graph("CPU, busiest ten", "Share of one CPU. Usually below 0.1 %.", SHARE,
              [query("topk(10, rate(process_cpu_seconds_total{QUERY}[$__rate_interval]))", "{{instance}}")], width=8),
        graph("Resident memory, largest ten", "Should be flat, at about 10 MiB.", "bytes",
              [query("topk(10, process_resident_memory_bytes{QUERY})", "{{instance}}")], width=8),
        graph("Open files, most and the limit", "Should stay far below the limit.", COUNT, [
            query("max(process_open_fds{QUERY})", "open"),
            query("min(process_max_fds{QUERY})", "limit")], width=8),
        graph("Started", "Exporters that were started within the last hour. Steps at a roll-out; a steady number between "
              "roll-outs means restarts.", COUNT,
              [query("count(time() - process_start_time_seconds{QUERY} < 3600) or vector(0)", "exporters started in the last hour")], width=12, height=6),
        graph("Reasons attached for", "How long the oldest and the youngest eBPF program have been attached. The reason counters "
              "begin there.", SECONDS, [
                  query("max(time() - pagemigration_reasons_attached_timestamp_seconds{QUERY})", "oldest"),
                  query("min(time() - pagemigration_reasons_attached_timestamp_seconds{QUERY})", "youngest")],
              no_value=REASONS_OFF, width=12, height=6),
    ]
