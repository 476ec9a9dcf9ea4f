"""Rows (a), (b) and (c): throughput, latency and CPU time, side by side."""

import time
from contextlib import ExitStack
from glob import glob

from harness.load import PROMETHEUS_HEADERS, alternate, median, ratio
from harness.processes import collectd, exporter, node_exporter, reference

# What a default scrape reads and lists, for the reference that does as much.
SAME_FILES = [
    "/proc/vmstat", "/sys/devices/system/node", "/sys/devices/system/node/node[0-9]*/vmstat",
    "/sys/devices/system/node/has_cpu", "/sys/devices/system/node/has_memory",
    "/sys/devices/virtual/memory_tiering", "/sys/devices/virtual/memory_tiering/memory_tier*/nodelist",
    "/proc/sys/kernel/numa_balancing", "/proc/sys/kernel/numa_balancing_promote_rate_limit_MBps",
    "/sys/kernel/mm/numa/demotion_enabled", "/proc/sys/vm/compaction_proactiveness",
    "/sys/kernel/mm/transparent_hugepage/enabled", "/proc/self/statm",
]  # fmt: skip


VMSTAT_ALONE = [
    "--no-collector.node", "--no-collector.settings", "--no-collector.rates", "--no-collector.process",
]  # fmt: skip


def same_files():
    return [path for pattern in SAME_FILES for path in sorted(glob(pattern))]


def serving(report, rounds, seconds, wait):
    with ExitStack() as running:
        start = running.enter_context
        full = start(exporter(name="this exporter"))
        time.sleep(wait)  # Until its windows of a minute are full: they make its text longer.
        vmstat = start(exporter(*VMSTAT_ALONE, name="this exporter, /proc/vmstat alone"))
        programs = [
            full,
            start(reference(len(full.get()), name="C reference, as many bytes")),
            start(reference(len(full.get()), *same_files(), name="C reference that reads as many files")),
            vmstat,
            start(reference(len(vmstat.get()), name="C reference, as many bytes as vmstat's")),
            start(node_exporter()),
            start(collectd()),
        ]
        plain = alternate(programs, rounds, seconds)
        report.section(
            "(a), (c) Throughput, latency and CPU time of `/metrics`",
            f"wrk with 4 connections kept alive, {rounds} rounds of {seconds} s each in turn; medians. "
            "The ratio is that of the line's throughput to this exporter's.",
        )
        _table(report, programs, plain)

        programs = [full, programs[5], programs[6]]
        report.section(
            "(b) The same with the headers of a Prometheus server",
            "OpenMetrics and gzip where the server has them; collectd and the reference have neither.",
        )
        _table(report, programs, alternate(programs, rounds, seconds, headers=PROMETHEUS_HEADERS),
               headers=PROMETHEUS_HEADERS)  # fmt: skip


def _table(report, programs, runs, headers=None):
    ours = runs[programs[0].name]
    report.table(
        ["", "bytes", "requests/s", "ratio", "p50 µs", "p99 µs", "CPU µs/scrape", "ratio"],
        [
            [
                program.name,
                len(program.get(headers)),
                f"{median(runs[program.name], 'per_second'):.0f}",
                f"{ratio(runs[program.name], ours, 'per_second'):.2f}",
                f"{median(runs[program.name], 'p50_us'):.0f}",
                f"{median(runs[program.name], 'p99_us'):.0f}",
                f"{median(runs[program.name], 'cpu_us'):.1f}",
                f"{ratio(runs[program.name], ours, 'cpu_us'):.2f}",
            ]
            for program in programs
        ],
    )
