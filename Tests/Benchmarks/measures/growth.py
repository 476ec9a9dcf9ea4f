"""What a scrape costs as the machine grows."""

import re
import shutil

from harness.servers import Exporter
from harness.trees import tree
from measures.scraping import cpu_per_scrape


def growth(report, scrapes):
    report.section(
        "What if the machine is larger?",
        "CPU time of a scrape of a copied tree, whose files are opened for each reading and cost no kernel its "
        "counting: what grows here is our own work and the opening of files.",
    )
    _rows(report, scrapes, "NUMA nodes", [1, 2, 4, 8, 16, 32, 64], _nodes)
    _rows(report, scrapes, "lines of /proc/vmstat", [100, 200, 400, 700, 1000], _vmstat_lines)
    flags = ["--collector.cgroup", "--collector.cgroup.max=2000"]
    _rows(report, scrapes // 10, "cgroups", [10, 100, 500, 1000, 2000], _cgroups, *flags)


def _rows(report, scrapes, what, sizes, grow, *flags):
    rows = []
    for size in sizes:
        with tree("debian-6.12-two-tiers") as kernel:
            grow(kernel.folder, size)
            with Exporter(*kernel.flags, f"--path.cgroupfs={kernel.folder}/cgroup", *flags) as program:
                took = cpu_per_scrape(program, scrapes)
                rows.append((size, len(program.get()), took))
    first, _, least = rows[0]
    report.table(
        [what, "bytes", "CPU µs/scrape", "CPU µs for each more"],
        [[size, length, f"{took:.1f}", f"{(took - least) / (size - first):.2f}" if size > first else ""]
         for size, length, took in rows],
    )  # fmt: skip


def _nodes(tree, count):
    nodes = tree / "sys/devices/system/node"
    vmstat = (nodes / "node0/vmstat").read_bytes()
    for number in range(count):
        (nodes / f"node{number}").mkdir(exist_ok=True)
        (nodes / f"node{number}/vmstat").write_bytes(vmstat)
    for number in range(count, 2):
        shutil.rmtree(nodes / f"node{number}")
    for name in ("has_cpu", "has_memory"):
        (nodes / name).write_text(f"0-{count - 1}\n")


def _vmstat_lines(tree, count):
    path = tree / "proc/vmstat"
    lines = path.read_text().splitlines()
    ours = [line for line in lines if re.match(r"pgmigrate_|thp_migration_|numa_|pgpromote_|pgdemote_", line)]
    others = [f"another_counter_{number} {number * 997}" for number in range(count - len(ours))]
    middle = len(others) // 2
    path.write_text("\n".join(others[:middle] + ours + others[middle:]) + "\n")


def _cgroups(tree, count):
    root = tree / "cgroup"
    stat = (root / "a/memory.stat").read_bytes()
    shutil.rmtree(root / "a")
    for number in range(count):
        folder = root / f"machine.slice/unit-{number}.service" if number % 2 else root / f"unit-{number}.service"
        folder.mkdir(parents=True)
        (folder / "memory.stat").write_bytes(stat)
    (root / "machine.slice").mkdir(exist_ok=True)
    (root / "machine.slice/memory.stat").write_bytes(stat)
