"""What a run found, as Markdown."""

import os
import platform
import re
from pathlib import Path

from harness import EXPORTER
from measures.processes import version_of


class Report:
    def __init__(self, path):
        self.path = path
        self.text = ""

    def section(self, title, why=""):
        self._add(f"\n## {title}\n" + (f"\n{why}\n" if why else ""))

    def table(self, header, rows):
        cells = [list(map(str, header))] + [list(map(str, row)) for row in rows]
        widths = [max(len(row[i]) for row in cells) for i in range(len(header))]
        # The first column is text, the others are numbers.
        rule = [("-" * w if i == 0 else "-" * (w - 1) + ":") for i, w in enumerate(widths)]
        lines = [cells[0], rule, *cells[1:]]
        shape = "\n".join(
            "| " + " | ".join(c.ljust(w) if i == 0 else c.rjust(w) for i, (c, w) in enumerate(zip(l, widths))) + " |"
            for l in lines
        )
        self._add(f"\n{shape}\n")

    def note(self, text):
        self._add(f"\n{text}\n")

    def _add(self, text):
        print(text, end="", flush=True)
        self.text += text
        self.path.parent.mkdir(parents=True, exist_ok=True)
        self.path.write_text(self.text.lstrip())


def machine():
    """The machine's description: the numbers mean little without it."""
    cpu = re.search(r"^model name\s*:\s*(.*)$", Path("/proc/cpuinfo").read_text(), re.M)
    memory = int(re.search(r"MemTotal:\s+(\d+)", Path("/proc/meminfo").read_text())[1])
    vmstat = Path("/proc/vmstat").read_bytes()
    nodes = list(Path("/sys/devices/system/node").glob("node[0-9]*"))
    load = os.getloadavg()[0]
    return [
        ("CPU", f"{os.cpu_count()} × {cpu[1] if cpu else platform.machine()}"),
        ("memory", f"{memory / 2**20:.1f} GiB on {len(nodes)} NUMA node{'s' * (len(nodes) != 1)}"),
        ("kernel", f"Linux {platform.release()}"),
        ("/proc/vmstat", f"{vmstat.count(10)} lines, {len(vmstat)} bytes"),
        ("load before the run", f"{load:.1f} of {os.cpu_count()} CPUs were busy with other work"),
        ("exporter", version_of(EXPORTER, "--version")),
        ("binary", f"{EXPORTER.stat().st_size / 1e6:.1f} MB"),
        ("node_exporter", version_of("prometheus-node-exporter", "--version")),
        ("collectd", version_of("dpkg-query", "-W", "-f", "${Version}", "collectd-core")),
    ]
