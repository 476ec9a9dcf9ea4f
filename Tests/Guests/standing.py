"""What must hold at any moment, whatever the workload: a scrape shows what the kernel's files say.

Each check gives what is wrong, as (what, expected, exported), and how much it compared.
"""

import cgroups
import counters

# Where the guests read the machine's counters CPU by CPU; elsewhere from the text.
PER_CPU_SERIES = ("6.1", "7.2")


def values(snapshot, _kernel):
    """A counter lies between the two readings of the kernel's own; mostly these are one number."""
    low = snapshot.first.counters() | snapshot.first.others()
    high = snapshot.second.counters() | snapshot.second.others()
    exported = snapshot.exported()
    has_cgroups = any(name.startswith("cgroup/") for name in exported)
    for field in counters.MACHINE_OTHERS:
        metric = counters.machine_metric(field)
        if metric in snapshot.metrics:
            exported[field] = int(snapshot.metrics[metric])
    wrong = [(name, f"{low[name]}…{high[name]}", exported.get(name, "absent"))
             for name in low if name in high and (has_cgroups or not name.startswith("cgroup/"))
             and not min(low[name], high[name]) <= exported.get(name, -1) <= max(low[name], high[name])]
    wrong += [(name, "absent", number) for name, number in exported.items()
              if name not in high and not name.startswith("reason/")]
    return wrong, len(low)


def processors(snapshot, kernel):
    """What the CPUs of all nodes moved is what the machine moved: both are of one reading."""
    wrong, is_due = [], kernel.series in PER_CPU_SERIES
    for what in ("migrated", "failed"):
        nodes = [int(value) for (name, _), value in snapshot.metrics.items()
                 if name == f"{counters.PREFIX}cpu_node_pages_{what}_total"]
        whole = int(snapshot.metrics[counters.parse_metric(f"pages_{what}_total")])
        if is_due != bool(nodes) or is_due and sum(nodes) != whole:
            wrong.append((f"pages {what} by the CPUs of nodes", whole, nodes))
    return wrong, 2 * is_due


def presence(snapshot, kernel):
    """A field is exported from the version on that KERNEL.md names, and absent before."""
    exported = snapshot.exported()
    due = {field: counters.MACHINE_SINCE.get(field) for field in counters.MACHINE_COUNTERS}
    for node in snapshot.second.nodes():
        due |= {f"node{node}/{field}": counters.NODE_SINCE.get(field) for field in counters.NODE_COUNTERS}
    wrong = [(name, _presence(kernel.version >= (since or (0, 0))), _presence(name in exported))
             for name, since in due.items() if name not in counters.CONFIGURED
             and (kernel.version >= (since or (0, 0))) != (name in exported)]
    count = len(due)
    includes = int(kernel.version >= counters.THP_FAILED_INCLUDES_SPLIT_SINCE)
    wrong += _differences(snapshot, {"thp_failed_includes_split": includes})
    return wrong, count + 1


def _presence(there):
    return "present" if there else "absent"


def nodes(snapshot, _kernel):
    """node_info: one for each node the kernel lists, with its tier, processors and memory."""
    own, exported = file_infos(snapshot), exported_infos(snapshot)
    wrong = [(f"node_info {node}", own.get(node, "absent"), exported.get(node, "absent"))
             for node in sorted(own | exported) if own.get(node) != exported.get(node)]
    return wrong, len(own)


def file_infos(snapshot):
    """{node: the labels its node_info must have}, of the kernel's files."""
    files = snapshot.second
    has_cpu, has_memory = files.node_set("has_cpu"), files.node_set("has_memory")
    return {str(node): {"memory_tier": files.tier_of(node) or "",
                        "has_cpu": str(node in has_cpu).lower(),
                        "has_memory": str(node in has_memory).lower()} for node in files.nodes()}


def exported_infos(snapshot):
    labels = (dict(labels) for name, labels in snapshot.metrics
              if name == counters.PREFIX + "node_info")
    return {label.pop("numa_node"): label for label in labels}


def changes(before, after):
    """{node: in words, what it was and has become}."""
    return {node: f"{describe(before.get(node))} → {describe(after.get(node))}"
            for node in before | after if before.get(node) != after.get(node)}


def describe(info):
    if info is None:
        return "gone"
    parts = [f"tier {info['memory_tier']}" if info["memory_tier"] else "no tier"]
    parts += [what for what in ("cpu", "memory") if info[f"has_{what}"] == "true"]
    return "+".join(parts)


def settings(snapshot, kernel):
    """The settings, the page sizes, and whether each collector succeeded."""
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
            collector = dict(labels)["collector"]
            # Where the kernel has no counters per cgroup, the collector that was asked for says so.
            works = collector != "cgroup" or kernel.version >= cgroups.SINCE
            expected[f'scrape_collector_success{{collector="{collector}"}}'] = int(works)
    return _differences(snapshot, expected), len(expected)


def _differences(snapshot, expected):
    """Of metrics by name; nil is one that must be absent."""
    wrong = []
    for name, value in expected.items():
        got = snapshot.metrics.get(counters.parse_metric(name))
        if got != (None if value is None else str(value)):
            wrong.append((name, "absent" if value is None else value, got or "absent"))
    return wrong


CHECKS = (values, processors, presence, nodes, settings)
