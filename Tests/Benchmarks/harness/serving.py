"""Rows (a), (b) and (c): throughput, latency and CPU time, side by side."""

from contextlib import ExitStack

from harness.load import PROMETHEUS_HEADERS, alternate, median, ratio
from harness.processes import collectd, exporter, node_exporter, reference

# The files that a default scrape reads besides /proc/vmstat, for the reference that reads as much.
SAME_FILES = [
    "/proc/vmstat", "/sys/devices/system/node/node0/vmstat", "/sys/devices/system/node/has_cpu",
    "/sys/devices/system/node/has_memory", "/proc/sys/kernel/numa_balancing",
    "/sys/kernel/mm/numa/demotion_enabled", "/proc/sys/vm/compaction_proactiveness",
    "/sys/kernel/mm/transparent_hugepage/enabled", "/proc/self/statm",
]  # fmt: skip


def serving(report, rounds, seconds):
    with ExitStack() as running:
        start = running.enter_context
        full = start(exporter(name="this exporter"))
        vmstat = start(exporter(name="this exporter, ?collect[]=vmstat", query="?collect[]=vmstat"))
        programs = [
            full,
            start(reference(len(full.get()), name="C reference, as many bytes")),
            start(reference(len(full.get()), *SAME_FILES, name="C reference that reads as many files")),
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
