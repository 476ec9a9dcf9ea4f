"""The last step: a thread has to wait for its pages. What the exporter counts of that, against the thread's own stopwatch,
bpftrace on the same functions, and what its cgroup has."""

import json
import re

from harness.exposition import by_labels, parse
from steps import Step

BPFTRACE = "/usr/bin/bpftrace"
CGROUP = "/sys/fs/cgroup/busy"
HUGETLB_POOL = "/sys/devices/system/node/node0/hugepages/hugepages-2048kB/nr_hugepages"
# By the kind of page.
FUNCTIONS = {"base": "migration_entry_wait", "thp": "pmd_migration_entry_wait", "hugetlb": "migration_entry_wait_huge"}
# A return probe returns from the function when the exporter's programs are through, so bpftrace's time is never shorter.
# It is longer by what both programs take, some tenths of a millisecond on an emulated processor. A wait takes 4 to 50.
#
# The stopwatch shows how long the thread slept, and how long it was ready to run and something else did, of which the
# waits have a part: what follows a sleep. They have what the function itself runs as well.
LONGER = 0.1
# One thread of QEMU is both processors in turn. A turn of the other's may come in between.
TURN_SECONDS = 0.1
# Before 6.4 the thread sleeps also when the map of its process's memory is locked.
SLEPT_OTHERWISE_SECONDS = 0.05


def script():
    probes = (f"""
kprobe:{function} {{ @began[tid] = nsecs; }}
kretprobe:{function} /@began[tid]/ {{
  @count["{page}"] = count();
  @nanoseconds["{page}"] = sum(nsecs - @began[tid]);
  delete(@began[tid]);
}}""" for page, function in FUNCTIONS.items())
    return 'BEGIN { printf("ready\\n"); }' + "".join(probes)


def touched():
    """A workload in a cgroup of its own. Bpftrace begins before the first scrape and ends after the second."""
    return Step("touched", prepare=f"""
cat > /tmp/waits.bt <<'END'
{script()}
END
: > "$here/bpftrace"
bpftrace -f json /tmp/waits.bt > "$here/bpftrace" 2> "$here/bpftrace-errors" &
bpftrace=$!
until grep -q ready "$here/bpftrace"; do kill -0 $bpftrace || break; usleep 100000; done
echo 4 > {HUGETLB_POOL}
echo +memory > /sys/fs/cgroup/cgroup.subtree_control
mkdir {CGROUP}
echo $$ > {CGROUP}/cgroup.procs
start touched 500
echo $$ > /sys/fs/cgroup/cgroup.procs""", act="go", clean=f"""
kill -INT $bpftrace
wait $bpftrace
echo 0 > {HUGETLB_POOL}
rmdir {CGROUP}""")


def compare(folder):
    """Rows: step, what, wanted, found, whether it holds."""
    before, after = (_waits((folder / at / "metrics").read_text()) for at in ("before", "after"))
    said = (folder / "said").read_text()
    theirs = _maps((folder / "bpftrace").read_text())
    of_cgroup = {("busy", page): 0.0 for page in FUNCTIONS}
    for page in FUNCTIONS:
        count, seconds = (after[part, page] - before[part, page] for part in ("count", "sum"))
        yield folder.name, f"{page}: waits", "some", int(count), count > 0
        slept, queued = map(float, re.search(rf"{page}: slept (\S+) queued (\S+)", said).groups())
        low, high = slept - SLEPT_OTHERWISE_SECONDS, (slept + queued) * (1 + LONGER) + TURN_SECONDS
        yield (folder.name, f"{page}: seconds, by stopwatch", f"{low:.3f}…{high:.3f}", f"{seconds:.6f}",
               low <= seconds <= high)
        their_count = theirs["@count"].get(page, 0)
        yield folder.name, f"{page}: waits, by bpftrace", their_count, int(count), count == their_count
        their_seconds = theirs["@nanoseconds"].get(page, 0) / 1e9
        yield (folder.name, f"{page}: seconds, by bpftrace", f"{their_seconds:.6f}", f"{seconds:.6f}",
               seconds <= their_seconds <= seconds * (1 + LONGER) + TURN_SECONDS)
        of_cgroup["busy", page] = seconds
    for cgroup, kind in sorted({key[1:] for key in after if key[0] == "cgroup"}):
        seconds = after["cgroup", cgroup, kind] - before.get(("cgroup", cgroup, kind), 0)
        wanted = of_cgroup.get((cgroup.strip("/"), kind), 0)
        if wanted or seconds:
            yield (folder.name, f"{kind}: seconds in {cgroup}", f"{wanted:.6f}", f"{seconds:.6f}",
                   abs(seconds - wanted) < 1e-6)


def _waits(text):
    metrics = parse(text)
    found = {(part, page): value for part in ("count", "sum")
             for (page,), value in by_labels(metrics, f"pagemigration_wait_seconds_{part}", "page").items()}
    of_cgroups = by_labels(metrics, "pagemigration_cgroup_wait_seconds_total", "cgroup", "kind")
    return found | {("cgroup", *labels): value for labels, value in of_cgroups.items()}


def _maps(output):
    """What bpftrace prints of its maps when it ends: a line of JSON each."""
    maps = {"@count": {}, "@nanoseconds": {}}
    for line in output.splitlines():
        if line.startswith('{"type": "map"'):
            maps.update(json.loads(line)["data"])
    return maps
