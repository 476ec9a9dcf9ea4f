"""The cgroup collector in a guest: workloads inside a cgroup, and checks against memory.stat."""

from bounds import ANY, between
from guests import said
from harness import exposition
from steps import Step

# Exported since the kernel counts migration per cgroup.
SINCE = (6, 12)
FIELDS = {
    "numa_pages_migrated": "cgroup_numa_pages_migrated_total",
    "numa_hint_faults": "cgroup_numa_hint_faults_total",
    "numa_pte_updates": "cgroup_numa_pte_updates_total",
    "pgpromote_success": "cgroup_pages_promoted_total",
    "pgdemote_kswapd": 'cgroup_pages_demoted_total{path="kswapd"}',
    "pgdemote_direct": 'cgroup_pages_demoted_total{path="direct"}',
    "pgdemote_khugepaged": 'cgroup_pages_demoted_total{path="khugepaged"}',
    "pgdemote_proactive": 'cgroup_pages_demoted_total{path="proactive"}',
}

# What the exporter is told in every guest, so that a thousand cgroups are followed.
FLAGS = ["--collector.cgroup.max=2000"]
MANY = 1000
SCRAPE_SECONDS = 10  # Prometheus gives up after so long
SCRAPES_AMID_CHANGES = 10


def counted(kernel):
    return kernel.version >= SINCE


# --- steps ---

TREE = """
echo +memory > /sys/fs/cgroup/cgroup.subtree_control
mkdir -p /sys/fs/cgroup/busy/inner /sys/fs/cgroup/still
echo +memory > /sys/fs/cgroup/busy/cgroup.subtree_control"""

# The workload's memory must belong to the cgroup from its first page on. The kernel brings its sums
# up to date every two seconds.
START_INSIDE = """
echo $$ > /sys/fs/cgroup/busy/inner/cgroup.procs
start balance 1000
echo $$ > /sys/fs/cgroup/cgroup.procs"""
BALANCE_AND_SETTLE = """
echo 1 > /proc/sys/kernel/numa_balancing; go; status=$?; echo 0 > /proc/sys/kernel/numa_balancing
sleep 3; return $status"""


def balance_inside(_):
    """The machine's counters as in `balance`; the cgroup's own and its parent's grow alike, and those
    of a cgroup that does nothing stay."""
    return {"numa_*": ANY, "pgmigrate_*": ANY, "reason/numa_misplaced": ANY, "cgroup/busy/*": ANY,
            "numa_pages_migrated": between(1000, 1600),
            "cgroup/busy/inner/numa_pages_migrated": between(1000, 1600),
            "cgroup/busy/numa_pages_migrated - cgroup/busy/inner/numa_pages_migrated": 0,
            "cgroup//numa_pages_migrated - cgroup/busy/numa_pages_migrated": between(0, 600)}


MAKE_MANY = f"""
mkdir /sys/fs/cgroup/many
echo +memory > /sys/fs/cgroup/many/cgroup.subtree_control 2>/dev/null
( cd /sys/fs/cgroup/many && mkdir $(seq {MANY}) )"""
REMOVE_MANY = f"( cd /sys/fs/cgroup/many && rmdir $(seq {MANY}) ); rmdir /sys/fs/cgroup/many"

COME_AND_GO = """
( cd /sys/fs/cgroup; while :; do mkdir passing passing/by; rmdir passing/by passing; done ) 2>/dev/null &
changing=$!"""
SCRAPE_AMID = f"""
i=0; while [ $i -lt {SCRAPES_AMID_CHANGES} ]; do
  wget -q -O - "http://$exporter_address/metrics" |
    grep 'scrape_collector_success{{collector="cgroup"}}' >> "$here/successes"
  i=$((i + 1))
done
kill $changing; wait $changing 2>/dev/null
rmdir /sys/fs/cgroup/passing/by /sys/fs/cgroup/passing 2>/dev/null; true"""

SELECT = """
print() { page-migration-exporter print --collector.cgroup "$@"; }
print --collector.cgroup.allow '/busy/**' > "$here/allowed"
print --collector.cgroup.allow '/busy/**' --collector.cgroup.deny '/busy/inner' > "$here/denied"
print --collector.cgroup.depth 1 > "$here/shallow"
print --collector.cgroup.max 2 > "$here/two" """


def amid_changes(result):
    """A cgroup that vanishes during a scrape is no failure."""
    lines = said(result.folder, "successes").splitlines()
    good = sum(line.endswith(" 1") for line in lines)
    return [result.row("scrapes that succeed", SCRAPES_AMID_CHANGES, good, good,
                       good == SCRAPES_AMID_CHANGES)]


def many(result):
    """All are followed, within the time Prometheus gives a scrape."""
    metrics, label = result.after.metrics, frozenset({("collector", "cgroup")})
    followed = int(metrics[("pagemigration_cgroups_followed", frozenset())])
    seconds = float(metrics[("pagemigration_scrape_collector_duration_seconds", label)])
    return [result.row("cgroups followed", f"≥ {MANY}", followed, "–", followed >= MANY),
            result.row("seconds of a scrape", f"≤ {SCRAPE_SECONDS}", f"{seconds:.2f}", "–",
                       seconds <= SCRAPE_SECONDS)]


def selected(result):
    """Which cgroups the patterns, the depth and the limit leave."""
    expected = {"allowed": ["/busy", "/busy/inner"], "denied": ["/busy"]}
    rows = []
    for name, cgroups in expected.items():
        got = _labels(said(result.folder, name))
        rows.append(result.row(name, " ".join(cgroups), " ".join(got), "–", got == cgroups))
    depths = {cgroup.strip("/").count("/") for cgroup in _labels(said(result.folder, "shallow"))}
    rows.append(result.row("levels below the first", "0", max(depths, default="none"), "–", depths == {0}))
    two = len(_labels(said(result.folder, "two")))
    rows.append(result.row("cgroups with a limit of 2", 2, two, "–", two == 2))
    return rows


STEPS = [
    Step("cgroup-balance", prepare=TREE + START_INSIDE, act=BALANCE_AND_SETTLE,
         expected=balance_inside, possible=counted),
    Step("cgroup-patterns", act=SELECT, possible=counted, checks=(selected,)),
    Step("cgroups-come-and-go", act=COME_AND_GO + SCRAPE_AMID, possible=counted,
         checks=(amid_changes,)),
    Step("cgroups-1000", prepare=MAKE_MANY, act="sleep 1", clean=REMOVE_MANY, possible=counted,
         checks=(many,)),
]


def _labels(text):
    return sorted({dict(labels)["cgroup"] for name, labels in exposition.parse(text)
                   if name == "pagemigration_cgroup_numa_hint_faults_total"})
