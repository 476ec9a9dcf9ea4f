"""What counting migrations by reason adds to a compaction of all memory. Needs root."""

import json
import re
import statistics
import subprocess
import time
from contextlib import contextmanager, nullcontext
from pathlib import Path

from harness import ROOT
from harness.commands import run
from harness.migrations import COMPACT, GIGANTIC, vmstat
from harness.servers import Exporter

STATISTICS = Path("/proc/sys/kernel/bpf_stats_enabled")

# A compaction that moves fewer pages is mostly searching, which says nothing of the probe.
PAGES_MIN = 5_000


def probe(report, pairs):
    run("swift", "build", "-c", "release", "--product", "provoke", cwd=ROOT)
    try:
        without, with_probe, ratios = measure(pairs)
        nanoseconds, share = counted()
    except NothingToMove:
        # All that can be moved already lies at the upper end; that is the machine's history.
        return report.section("What does counting by reason (eBPF) cost?", "Compaction found too little to move on this machine.")
    report.section(
        "What does counting by reason (eBPF) cost?",
        "Kernel CPU time of a compaction of all memory per page that it moved or failed to, with and without the "
        f"probe, alternating; the median of {len(ratios)} pairs. The probe's own time is what the kernel counts of it.",
    )
    report.table(
        ["", ""],
        [
            ("ns per page without the probe, median", f"{without:.0f}"),
            ("ns per page with the probe, median", f"{with_probe:.0f}"),
            ("median ratio of the pairs", f"{statistics.median(ratios):.4f}"),
            ("quartiles of the ratio", " to ".join(f"{q:.3f}" for q in statistics.quantiles(ratios, n=4)[::2])),
            ("the probe's own time per call of migrate_pages()", f"{nanoseconds:.0f} ns"),
            ("the probe's own time per time of the compaction", f"{share:.2%}"),
        ],
    )


class NothingToMove(Exception):
    """Compaction found too little to move, however memory was taken before."""


def measure(pairs):
    """Medians without and with the probe, and each pair's ratio; the order changes from pair to pair."""
    without, with_probe = [], []
    for number in range(pairs):
        for probed in (number % 2 == 0, number % 2 == 1):
            with attached() if probed else nullcontext():
                (with_probe if probed else without).append(compaction())
    ratios = [after / before for before, after in zip(without, with_probe)]
    return statistics.median(without), statistics.median(with_probe), ratios


def counted(runs=5):
    """The probe's own nanoseconds per call, as the kernel counts them, and per nanosecond of compaction.

    Others may migrate at the same time, so both are taken per call and page, which they all share.
    """
    before, others = STATISTICS.read_text(), set(running_programs())
    try:
        STATISTICS.write_text("1")
        with attached() as exporter:
            per_page = statistics.median(compaction() for _ in range(runs))
            ours = [times for number, times in running_programs().items() if number not in others]
            metrics = exporter.get()
    finally:
        STATISTICS.write_text(before)

    def total(name):
        return sum(map(int, re.findall(rf"^pagemigration_reason_{name}_total\S* (\d+)$", metrics, re.M)))

    per_call = sum(nanoseconds / max(runs, 1) for nanoseconds, runs in ours)
    pages_per_call = (total("pages_migrated") + total("pages_failed")) / total("calls")
    return per_call, per_call / (per_page * pages_per_call)


def running_programs():
    """{number: (ns, runs)} of the eBPF programs in the kernel that have a name like ours."""
    return {
        program["id"]: (program.get("run_time_ns", 0), program.get("run_cnt", 0))
        for program in json.loads(run("bpftool", "-j", "prog", "show").stdout)
        if re.match(r"(start|end)_(raw|classic)", program.get("name", ""))
    }


def compaction():
    """CPU nanoseconds per page of a compaction that handled enough of them."""
    for attempt in range(40):
        with lying_low(400 + attempt % 8 * 200):
            pages, began = handled(), time.thread_time()
            COMPACT.write_text("1")
            took, pages = time.thread_time() - began, handled() - pages
        if pages >= PAGES_MIN:
            return took * 1e9 / pages
        shuffle()
    raise NothingToMove


def handled():
    """Pages that were migrated or failed to be."""
    counters = vmstat()
    return counters["pgmigrate_success"] + counters["pgmigrate_fail"]


def shuffle():
    """Has gigabytes low in the machine freed, for the next memory to lie in."""
    if GIGANTIC.exists():
        GIGANTIC.write_text("2")
        GIGANTIC.write_text("0")


@contextmanager
def lying_low(megabytes):
    argv = [ROOT / ".build/release/provoke", "low", str(megabytes)]
    with subprocess.Popen(argv, stdout=subprocess.PIPE) as process:
        process.stdout.readline()
        try:
            yield
        finally:
            process.kill()


@contextmanager
def attached():
    with Exporter("--collector.reasons", "--no-collector.rates") as exporter:
        exporter.wait_for_log("(counting migrations)", 1)
        yield exporter
