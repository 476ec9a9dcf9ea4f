"""The placement command in a guest, held against numa_maps and against move_pages(2)."""

import json
import re

from steps import Step

PAGE, HUGE_PAGE = 4096, 2 << 20
OTHER_PAGES = 64  # anonymous memory of libc's, which the workload does not count

START_PLACED = """
for node in 0 1; do
  echo 1 > /sys/devices/system/node/node$node/hugepages/hugepages-2048kB/nr_hugepages
done
start placed 100"""

RUN = """
page-migration-exporter placement --json $started > "$here/placement.json"
page-migration-exporter placement $started > "$here/table"
copy_files "$here" /proc/$started/numa_maps; mv "$here/proc/$started/numa_maps" "$here/"
for process in 2 4000000; do
  page-migration-exporter placement $process > /dev/null 2>> "$here/refused" &&
    echo "accepted $process" >> "$here/refused"
done
echo nobody:x:65534:65534::/:/bin/sh > /etc/passwd
su -s /bin/sh nobody -c "page-migration-exporter placement $started" > /dev/null 2>> "$here/refused"
go"""


def agrees(result):
    """Bytes by kind and node are those of numa_maps; THPs and hugetlb pages are what the workload
    took; anonymous memory is where move_pages(2) finds it."""
    process, = json.loads((result.folder / "placement.json").read_text())["processes"]
    exported = {(memory["kind"], node["node"]): node["bytes"]
                for memory in process["memory"] for node in memory["nodes"]}
    own = _numa_maps((result.folder / "numa_maps").read_text())
    rows = [_pair(result, f"{kind} on node {node}", own.get((kind, node), 0),
                  _sum(exported, kind, node))
            for kind in ("anon", "heap", "stack", "mapped", "hugetlb") for node in (0, 1)]
    rows.append(_pair(result, "bytes in THPs", 4 * HUGE_PAGE, process["thp_bytes"]))
    return rows + _found_by_move_pages(result, exported) + _refusals(result)


def _found_by_move_pages(result, exported):
    found = re.search(r"pages (\d+) (\d+)", (result.folder / "said").read_text())
    rows = []
    for node, pages in enumerate(map(int, found.groups())):
        low, high = pages * PAGE, (pages + OTHER_PAGES) * PAGE
        got = exported["anon", node] + exported["heap", node]
        rows.append(result.row(f"anon and heap on node {node}, by move_pages", f"{low}…{high}", got,
                               low, low <= got <= high))
    return rows


def _refusals(result):
    """A kernel thread, a process that does not exist, one of another user: a line of words each."""
    lines = (result.folder / "refused").read_text().splitlines()
    good = [line for line in lines if line.startswith("page-migration-exporter: process ")]
    return [result.row("refusals in words", 3, len(good), "–", len(good) == len(lines) == 3)]


def _pair(result, what, own, exported):
    return result.row(what, own, exported, own, exported == own)


def _sum(exported, kind, node):
    """Files and shared memory are not told apart in numa_maps."""
    kinds = ("file", "shmem") if kind == "mapped" else (kind,)
    return sum(exported.get((kind, node), 0) for kind in kinds)


def _numa_maps(text):
    """{(kind, node): bytes}."""
    found = {}
    for line in text.splitlines():
        words = line.split()
        kind = ("hugetlb" if "huge" in words else "heap" if "heap" in words else "stack"
                if "stack" in words else "mapped" if any(w.startswith("file=") for w in words) else "anon")
        for node, pages in re.findall(r" N(\d+)=(\d+)", line):
            size = HUGE_PAGE if kind == "hugetlb" else PAGE
            found[kind, int(node)] = found.get((kind, int(node)), 0) + int(pages) * size
    return found


STEPS = [
    Step("placement", prepare=START_PLACED, act=RUN, clean="echo 0 > /proc/sys/vm/nr_hugepages",
         checks=(agrees,)),
]
