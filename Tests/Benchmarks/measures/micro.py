"""Parsing and encoding alone. Heap allocations stand with the instructions."""

from harness import ROOT
from harness.commands import run


def micro(report):
    run("swift", "build", "-c", "release", "--product", "micro-benchmarks", "-q", cwd=ROOT)
    report.section("How fast are parsing and encoding alone?", "Without the kernel and the server; the least of 50 runs.")
    rows = []
    for line in run(ROOT / ".build/release/micro-benchmarks").stdout.splitlines():
        name, lines, size, took = line.split("\t")
        nanoseconds = float(took)
        rows.append([name, lines, size, f"{nanoseconds / 1e3:.2f}", f"{nanoseconds / int(lines):.1f}",
                     f"{int(size) / nanoseconds:.2f}"])  # fmt: skip
    report.table(["", "lines", "bytes", "µs", "ns/line", "GB/s"], rows)
