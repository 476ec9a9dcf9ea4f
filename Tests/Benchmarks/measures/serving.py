"""Throughput, latency and CPU time, side by side."""

import time
from contextlib import ExitStack
from glob import glob

from harness.servers import Exporter
from measures.load import PROMETHEUS_HEADERS, alternate, median, ratio
from measures.processes import collectd, node_exporter, reference

# What a default scrape reads and lists, for the reference that does as much.
SAME_FILES = [
    "/proc/vmstat", "/sys/devices/system/node", "/sys/devices/system/node/node[0-9]*/vmstat",
    "/sys/devices/system/node/has_cpu", "/sys/devices/system/node/has_memory",
    "/sys/devices/virtual/memory_tiering", "/sys/devices/virtual/memory_tiering/memory_tier*/nodelist",
    "/proc/sys/kernel/numa_balancing", "/proc/sys/kernel/numa_balancing_promote_rate_limit_MBps",
    "/sys/kernel/mm/numa/demotion_enabled", "/proc/sys/vm/compaction_proactiveness",
    "/sys/kernel/mm/transparent_hugepage/enabled", "/sys/kernel/mm/transparent_hugepage/defrag",
    "/proc/sys/vm/watermark_scale_factor", "/proc/sys/vm/min_free_kbytes", "/proc/sys/vm/defrag_mode", "/proc/self/statm",
]  # fmt: skip


VMSTAT_ALONE = [
    "--no-collector.node", "--no-collector.settings", "--no-collector.rates", "--no-collector.process",
]  # fmt: skip


def same_files():
    return [path for pattern in SAME_FILES for path in sorted(glob(pattern))]


PROTOBUF_HEADERS = {
    "Accept": "application/vnd.google.protobuf;proto=io.prometheus.client.MetricFamily;encoding=delimited",
    "Accept-Encoding": "gzip",
}


def serving(report, rounds, seconds, wait, against=None):
    """`against` is another build of the exporter."""
    with ExitStack() as running:
        start = running.enter_context
        full = start(Exporter())
        time.sleep(wait)  # Until its windows of a minute are full: they make its text longer.
        vmstat = start(Exporter(*VMSTAT_ALONE, name="this exporter, /proc/vmstat alone"))
        programs = [
            full,
            start(reference(len(full.get()), name="C reference, as many bytes")),
            start(reference(len(full.get()), *same_files(), name="C reference that reads as many files")),
            vmstat,
            start(reference(len(vmstat.get()), name="C reference, as many bytes as vmstat's")),
            start(node_exporter()),
            start(collectd()),
        ]
        same, node = programs[2], programs[5]
        others = [start(Exporter(program=against, name="the other build"))] if against else []
        programs += others
        report.section(
            "How many scrapes, how quickly, at what cost?",
            f"wrk with 4 connections kept alive, {rounds} rounds of {seconds} s each in turn; medians. "
            "The ratio is that of the line's throughput to this exporter's.",
        )
        _table(report, programs, rounds, seconds)

        programs = [full, *programs[5:]]
        report.section(
            "And as a Prometheus server asks?",
            "OpenMetrics and gzip where the server has them; collectd and the reference have neither.",
        )
        _table(report, programs, rounds, seconds, headers=PROMETHEUS_HEADERS)

        programs = [full, node]
        report.section("And in protobuf?", "With native histograms and start times, where the server has them; gzip.")
        _table(report, programs, rounds, seconds, headers=PROTOBUF_HEADERS)

        programs = [full, same, node, *others]
        report.section(
            "And one scraper alone?",
            "One connection, on which each request waits for the answer before: no answer is shared, as with Prometheus.",
        )
        _table(report, programs, rounds, seconds, connections=1)


def _table(report, programs, rounds, seconds, headers=None, **options):
    runs = alternate(programs, rounds, seconds, headers=headers, **options)
    rows = []
    for program in programs:
        run, ours = runs[program.name], runs[programs[0].name]
        rows.append([
            program.name, len(program.get(headers=headers)),
            f"{median(run, 'per_second'):.0f}", f"{ratio(run, ours, 'per_second'):.2f}",
            f"{median(run, 'p50_us'):.0f}", f"{median(run, 'p99_us'):.0f}",
            f"{median(run, 'cpu_us'):.1f}", f"{ratio(run, ours, 'cpu_us'):.2f}"])
    report.table(["", "bytes", "requests/s", "ratio", "p50 µs", "p99 µs", "CPU µs/scrape", "ratio"], rows)
