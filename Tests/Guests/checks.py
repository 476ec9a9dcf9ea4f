"""Compares what a guest reported: the exporter with the kernel, and both with what was expected."""

import counters
import trace
from bounds import ANY, covers, evaluate, exactly
from report import Row
from snapshots import Snapshot

NOTHING = "–"


class StepResult:
    """One step's folder: snapshots before and after, and the kernel's trace between."""

    def __init__(self, folder, step, kernel):
        self.step, self.kernel, self.folder = step, kernel, folder
        self.failed = _text(folder / "failed")
        self.before, self.after = Snapshot(folder / "before"), Snapshot(folder / "after")
        self.traced = trace.parse(_text(folder / "trace"))

    def rows(self):
        if self.failed:
            failure = self.failed.replace("\n", "; ")
            return [self.row("(the step itself)", "done", NOTHING, failure, False)]
        rows = [*self._effects(), *self._reasons(), *self._standing()]
        return rows + [row for check in self.step.checks for row in check(self)]

    def row(self, counter, expected, exported, own, holds):
        return Row(self.kernel.short_release, self.step.name, counter, str(expected), str(exported),
                   str(own), holds)

    def _effects(self):
        """A row for each expectation; one for each counter that moved and had no leave to; and one
        for all that rightly stayed as they were."""
        own = growth(self.before.second.counters(), self.after.first.counters())
        own |= {f"reason/{reason}": sums["pages_migrated"] for reason, sums in self.traced.items()}
        exported = {}
        if self.after.metrics is not None:
            exported = growth(self.before.exported(), self.after.exported())
        expected = {key: exactly(bound) for key, bound in self.step.expected(self.kernel).items()}
        rows = [self._effect(key, bound, own, exported) for key, bound in expected.items()
                if bound != ANY]
        # The root cgroup has whatever the machine has.
        unnamed = [name for name in own | exported if not name.startswith("cgroup//")
                   and not any(covers(key, name) for key in expected)]
        strays = [name for name in unnamed if own.get(name, 0) or exported.get(name, 0)]
        rows += [self._effect(name, exactly(0), own, exported) for name in strays]
        still = len(unnamed) - len(strays)
        rows.append(self.row(f"{still} other counters", 0, 0 if exported else NOTHING, 0, True))
        return rows

    def _effect(self, key, bound, own, exported):
        theirs = evaluate(key, own)
        # An exporter without the reasons collector has nothing to say about them.
        mute = not exported or "reason/" in key and not any("reason/" in name for name in exported)
        ours = NOTHING if mute else evaluate(key, exported)
        return self.row(key, bound, ours, theirs, bound.holds(theirs) and (mute or bound.holds(ours)))

    def _reasons(self):
        """Every number of the reasons collector against the sum of the kernel's own events."""
        if self.after.metrics is None or not self.after.reasons():
            return []
        grown = growth(self.before.reasons(), self.after.reasons())
        wrong, traced = [], trace.flat(self.traced)
        for key in sorted(grown | traced):
            if grown.get(key, "absent") != traced.get(key, 0):
                wrong.append(self.row(" ".join(key), traced.get(key, 0), grown.get(key, "absent"),
                                      traced.get(key, 0), False))
        right = len(grown | traced) - len(wrong)
        return [*wrong, self.row("reasons as traced", right, right, right, True)]

    def _standing(self):
        """Whatever the workload: both scrapes show what the kernel's files say at that moment."""
        rows, compared = [], 0
        for moment, snapshot in (("before", self.before), ("after", self.after)):
            if snapshot.metrics is None:
                continue
            for check in (values, presence, nodes, settings):
                wrong, count = check(snapshot, self.kernel)
                compared += count
                rows += [self.row(f"{moment}: {what}", expected, got, expected, False)
                         for what, expected, got in wrong]
        right = compared - len(rows)
        if right:
            rows += self._changed_nodes()
            rows.append(self.row("metrics as the files say", compared, right, compared, True))
        return rows

    def _changed_nodes(self):
        """What a node is, where a step changes it: shown, as the kernel and the exporter say it."""
        own = [{node: describe(info) for node, info in file_infos(snapshot.second).items()}
               for snapshot in (self.before, self.after)]
        exported = [{node: describe(info) for node, info in exported_infos(snapshot).items()}
                    for snapshot in (self.before, self.after)]
        changes = [{node: f"{then.get(node, 'gone')} → {now.get(node, 'gone')}"
                    for node in then | now if then.get(node) != now.get(node)}
                   for then, now in (own, exported)]
        return [self.row(f"node {node}", "(as the kernel says)", changes[1].get(node, NOTHING),
                         change, change == changes[1].get(node))
                for node, change in changes[0].items()]


def growth(before, after):
    """What each counter grew by. A node that is gone, or new, has no growth."""
    return {name: after[name] - before[name] for name in after if name in before}


# Each check gives what is wrong as (what, expected, exported), and how much it compared.

def values(snapshot, _kernel):
    """A counter lies between the two readings of the kernel's own; mostly these are one number."""
    low = snapshot.first.counters() | snapshot.first.gauges()
    high = snapshot.second.counters() | snapshot.second.gauges()
    exported = snapshot.exported()
    has_cgroups = any(name.startswith("cgroup/") for name in exported)
    for field in counters.MACHINE_GAUGES:
        exported[field] = int(snapshot.metrics.get(counters.machine_metric(field), -1))
    wrong = [(name, f"{low[name]}…{high[name]}", exported.get(name, "absent"))
             for name in low if name in high and (has_cgroups or not name.startswith("cgroup/"))
             and not min(low[name], high[name]) <= exported.get(name, -1) <= max(low[name], high[name])]
    wrong += [(name, "absent", number) for name, number in exported.items()
              if name not in high and not name.startswith("reason/")]
    return wrong, len(low)


def presence(snapshot, kernel):
    """A field is exported from the version on that KERNEL.md names, and absent before."""
    wrong, count = [], 0
    exported = snapshot.exported()
    for table, prefixes in ((counters.MACHINE_COUNTERS, [""]),
                            (counters.NODE_COUNTERS, [f"node{n}/" for n in snapshot.second.nodes()])):
        since = counters.NODE_SINCE if prefixes != [""] else counters.MACHINE_SINCE
        for field in table:
            if field in counters.CONFIGURED:
                continue
            due = kernel.version >= since.get(field, (0, 0))
            for prefix in prefixes:
                count += 1
                if (prefix + field in exported) != due:
                    wrong.append((prefix + field, "present" if due else "absent",
                                  "absent" if due else "present"))
    includes = int(kernel.version >= counters.THP_FAILED_INCLUDES_SPLIT_SINCE)
    wrong += _differences(snapshot, {"thp_failed_includes_split": includes})
    return wrong, count + 1


def nodes(snapshot, _kernel):
    """node_info: one for each node the kernel lists, with its tier, processors and memory."""
    own, exported = file_infos(snapshot.second), exported_infos(snapshot)
    wrong = [(f"node_info {node}", own.get(node, "absent"), exported.get(node, "absent"))
             for node in sorted(own | exported) if own.get(node) != exported.get(node)]
    return wrong, len(own)


def file_infos(files):
    """{node: the labels its node_info must have}, of the kernel's files."""
    has_cpu, has_memory = files.node_set("has_cpu"), files.node_set("has_memory")
    return {str(node): {"memory_tier": files.tier_of(node) or "",
                        "has_cpu": str(node in has_cpu).lower(),
                        "has_memory": str(node in has_memory).lower()} for node in files.nodes()}


def exported_infos(snapshot):
    labels = (dict(labels) for name, labels in snapshot.metrics
              if name == counters.PREFIX + "node_info")
    return {label.pop("numa_node"): label for label in labels}


def describe(info):
    parts = [f"tier {info['memory_tier']}" if info["memory_tier"] else "no tier"]
    parts += [what for what in ("cpu", "memory") if info[f"has_{what}"] == "true"]
    return "+".join(parts)


def settings(snapshot, _kernel):
    """The settings, the page sizes, and that every collector succeeded."""
    text = snapshot.second.text
    flags = {"true": 1, "1": 1, "false": 0, "0": 0, None: None}
    limit = text("proc/sys/kernel/numa_balancing_promote_rate_limit_MBps")
    thp = "sys/kernel/mm/transparent_hugepage"
    expected = {
        "numa_balancing_mode": text("proc/sys/kernel/numa_balancing"),
        "demotion_enabled": flags[text("sys/kernel/mm/numa/demotion_enabled")],
        "promotion_rate_limit_bytes_per_second": limit and int(limit) << 20,
        "compaction_proactiveness": text("proc/sys/vm/compaction_proactiveness"),
        "thp_size_bytes": text(f"{thp}/hpage_pmd_size"),
        "page_size_bytes": 4096,
    }
    for policy in ("always", "madvise", "never"):
        chosen = int(f"[{policy}]" in (text(f"{thp}/enabled") or ""))
        expected[f'thp_policy{{policy="{policy}"}}'] = chosen
    for name, labels in snapshot.metrics:
        if name == counters.PREFIX + "scrape_collector_success":
            expected[f'scrape_collector_success{{collector="{dict(labels)["collector"]}"}}'] = 1
    return _differences(snapshot, expected), len(expected)


def _differences(snapshot, expected):
    """Of metrics by name; nil is one that must be absent."""
    wrong = []
    for name, value in expected.items():
        got = snapshot.metrics.get(counters.parse_metric(name))
        if got != (None if value is None else str(value)):
            wrong.append((name, "absent" if value is None else value, got or "absent"))
    return wrong


def _text(file):
    return file.read_text().strip() if file.exists() else ""

