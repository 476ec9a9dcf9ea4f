"""What a guest reported of one instant: the kernel's files and the exporter's answer."""

from pathlib import Path

import cgroups
import counters
from harness import exposition

NODES = "sys/devices/system/node"
TIERS = "sys/devices/virtual/memory_tiering"


class KernelFiles:
    """One copy of the kernel's files, in the tree they came from."""

    def __init__(self, folder):
        self.folder = folder

    def text(self, path):
        """Nil where this kernel has no such file."""
        file = self.folder / path
        return file.read_text().strip() if file.exists() else None

    def counters(self):
        """Every counter of the contract this kernel has: `field`, `nodeN/field` and
        `cgroup/PATH/field`."""
        found = _fields(self.folder / "proc/vmstat", counters.MACHINE_COUNTERS)
        for node in self.nodes():
            fields = _fields(self.folder / f"{NODES}/node{node}/vmstat", counters.NODE_COUNTERS)
            found |= {f"node{node}/{field}": value for field, value in fields.items()}
        for cgroup, file in self._cgroups():
            fields = _fields(file, cgroups.FIELDS)
            found |= {f"cgroup{cgroup}/{field}": value for field, value in fields.items()}
        return found

    def _cgroups(self):
        """(path as the exporter writes it, memory.stat) of each cgroup that was copied."""
        root = self.folder / "cgroup"
        for file in root.rglob("memory.stat"):
            relative = file.parent.relative_to(root)
            yield ("/" if relative == Path(".") else f"/{relative}"), file

    def others(self):
        return _fields(self.folder / "proc/vmstat", counters.MACHINE_OTHERS)

    def nodes(self):
        return sorted(int(file.parent.name.removeprefix("node"))
                      for file in (self.folder / NODES).glob("node*/vmstat"))

    def node_set(self, name):
        """The nodes of a list file such as has_cpu."""
        return number_list(self.text(f"{NODES}/{name}") or "")

    def tier_of(self, node):
        """The number of the tier that holds a node, as text; nil where there are no tiers."""
        for file in (self.folder / TIERS).glob("memory_tier*/nodelist"):
            if node in number_list(file.read_text().strip()):
                return file.parent.name.removeprefix("memory_tier")
        return None


class Snapshot:
    """The kernel before and after one scrape, and the scrape between."""

    def __init__(self, folder):
        self.first = KernelFiles(folder / "first")
        self.second = KernelFiles(folder / "second")
        scraped = folder / "metrics"
        self.metrics = exposition.parse(scraped.read_text()) if scraped.exists() else None

    def exported(self):
        """What the exporter says, under the kernel's names: `field`, `nodeN/field`, `reason/NAME`,
        `cgroup/PATH/field`."""
        found = {}
        for field in counters.MACHINE_COUNTERS:
            self._take(found, field, counters.machine_metric(field))
        for node in self.second.nodes():
            for field in counters.NODE_COUNTERS:
                self._take(found, f"node{node}/{field}", counters.node_metric(field, node))
        for (name, labels), value in self.metrics.items():
            if name == counters.REASON_METRIC:
                found[f"reason/{dict(labels)['reason']}"] = int(value)
            elif name.startswith(counters.PREFIX + "cgroup_") and "/many" not in dict(labels)["cgroup"]:
                found[_cgroup_counter(name, dict(labels))] = int(value)
        return found

    def reasons(self):
        """{(reason, what): number} of the reasons collector; calls in any mode are calls."""
        found = {}
        for (name, labels), value in self.metrics.items():
            what = counters.REASON_METRICS.get(name)
            if what:
                key = dict(labels)["reason"], what
                found[key] = found.get(key, 0) + int(value)
        return found

    def _take(self, found, name, metric):
        if metric in self.metrics:
            found[name] = int(self.metrics[metric])


def _cgroup_counter(name, labels):
    cgroup = labels.pop("cgroup")
    fields = {counters.parse_metric(metric): field for field, metric in cgroups.FIELDS.items()}
    return f"cgroup{cgroup}/{fields[name, frozenset(labels.items())]}"


def _fields(file: Path, wanted):
    if not file.exists():
        return {}
    pairs = (line.split() for line in file.read_text().splitlines())
    return {name: int(value) for name, value in pairs if name in wanted}


def number_list(text):
    """"0-1,4" as {0, 1, 4}."""
    numbers = set()
    for part in filter(None, text.split(",")):
        first, _, last = part.partition("-")
        numbers |= set(range(int(first), int(last or first) + 1))
    return numbers
