"""Many scrapers of a kernel with many CPUs: what sharing a reading of /proc/vmstat saves."""

import subprocess
from contextlib import contextmanager

from harness import FIXTURES, ROOT
from harness.servers import Exporter
from harness.trees import tree
from measures.load import put_under_load

MACHINE = "debian-6.12-two-nodes"
# What 512 CPUs cost the kernel: a millisecond for each 4 KiB of text, and there are two.
READING_SECONDS = 0.002


def many_cpus(report, seconds):
    report.section(
        "What if there are hundreds of CPUs, and many scrapers?",
        f"A simulation: /proc/vmstat is a FUSE file that takes {READING_SECONDS * 1000:.0f} ms to read, as with 512 CPUs. "
        "Each scraper asks again as soon as it has its answer.",
    )
    rows = []
    for scrapers in (1, 4, 16):
        for shared in ("0", "50ms"):
            with _slow_kernel() as (kernel, count), Exporter(
                *kernel.flags, "--collector.rates.interval=0", f"--collector.vmstat.shared-for={shared}",
            ) as program:
                before = count()
                load = put_under_load(program, seconds, connections=scrapers)
                rows.append([scrapers, shared, f"{load.per_second:.0f}", f"{load.p50_us / 1000:.1f}",
                             f"{(count() - before) / seconds:.0f}", f"{100 * READING_SECONDS * (count() - before) / seconds:.0f} %"])
    report.table(["scrapers", "shared for", "scrapes/s", "median ms", "readings/s", "of a CPU in the kernel"], rows)


@contextmanager
def _slow_kernel():
    """A copied machine whose vmstat is slow, and a function that tells how often it was read."""
    with tree(MACHINE) as kernel:
        mount, vmstat = kernel.folder / "mount", kernel.folder / "proc/vmstat"
        mount.mkdir()
        server = subprocess.Popen(
            [ROOT / "Tests/Faults/hanging-file", mount, FIXTURES / MACHINE / "proc/vmstat", str(READING_SECONDS)],
            stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True)
        try:
            server.stdout.readline()
            vmstat.unlink()
            vmstat.symlink_to(mount / "file")

            def count():
                print("count", file=server.stdin, flush=True)
                return int(server.stdout.readline())

            yield kernel, count
        finally:
            server.stdin.close()
            server.wait(10)
