"""Every workload, with the effect it must have on every exported counter of every kernel.

What `expected` does not name must not move at all. Where the kernel leaves a number open, the bound
says so, and differences (`pgmigrate_success - numa_pages_migrated`) are exact all the same.
"""

import cgroups
import counters
import placement
import rates
from bounds import ANY, at_least, between
from steps import Step, program

BALANCING = "/proc/sys/kernel/numa_balancing"
THP = 512  # base pages of a huge page on x86-64


def balancing(mode):
    """NUMA balancing only while the workload runs: else it would move pages of others, too."""
    return f"echo {mode} > {BALANCING}; go; status=$?; echo 0 > {BALANCING}; return $status"


def includes_split(kernel):
    return kernel.version >= counters.THP_FAILED_INCLUDES_SPLIT_SINCE


# --- pages moved because a program asks ---

def move_base(_):
    return {"pgmigrate_success": 1000, "reason/syscall_or_cpuset": 1000}


def move_huge(_):
    return {"pgmigrate_success": 8 * THP, "thp_migration_success": 8,
            "reason/syscall_or_cpuset": 8 * THP}


def move_held(_):
    return {"pgmigrate_success": 48, "pgmigrate_fail": 16, "reason/syscall_or_cpuset": 48}


def move_huge_held(kernel):
    """Two of four cannot move. Before 5.17 such a THP was one failed page, since then 512."""
    return {"pgmigrate_success": 2 * THP, "thp_migration_success": 2, "thp_migration_fail": 2,
            "pgmigrate_fail": 2 * THP if includes_split(kernel) else 2,
            "reason/syscall_or_cpuset": 2 * THP}


def bind_base(_):
    return {"pgmigrate_success": 100, "reason/mempolicy_mbind": 100}


def migrate_base(_):
    """500 pages and what else the process has on node 0: stack, libc's data, its own text."""
    return {"pgmigrate_success": between(500, 900), "pgmigrate_success - reason/syscall_or_cpuset": 0,
            "reason/syscall_or_cpuset": ANY, "pgmigrate_fail": between(0, 8)}


def migrate_huge(_):
    return {"pgmigrate_success": between(4 * THP, 4 * THP + 400), "thp_migration_success": 4,
            "pgmigrate_success - reason/syscall_or_cpuset": 0, "reason/syscall_or_cpuset": ANY,
            "pgmigrate_fail": between(0, 8)}


def split_huge(kernel):
    """Four THPs whose target node has no huge page free. Fail and split are disjoint before 5.17;
    since then a split THP is a failed one, too, while its pages count as moved. Now and then the kernel finds a
    huge page after all, and one moves whole."""
    fails = {"thp_migration_fail - thp_migration_split": 0, "thp_migration_fail": ANY}
    return {"pgmigrate_success": 4 * THP, "thp_migration_split": between(2, 4), "thp_migration_success": between(0, 2),
            **(fails if includes_split(kernel) else {"thp_migration_fail": 0}),
            "reason/syscall_or_cpuset": 4 * THP, "compact_stall": ANY, "compact_fail": ANY}


def cpuset(kernel):
    """With version 2 of cgroups, memory follows its cpuset only since 5.15."""
    if kernel.version < (5, 15):
        return {}
    return {"pgmigrate_success": between(300, 1100), "pgmigrate_fail": between(0, 8),
            "pgmigrate_success - reason/syscall_or_cpuset": 0, "reason/syscall_or_cpuset": ANY}


CPUSET_BEFORE = """
mkdir -p /sys/fs/cgroup/moved
echo +cpuset > /sys/fs/cgroup/cgroup.subtree_control
echo 0 > /sys/fs/cgroup/moved/cpuset.mems"""

CPUSET_ACT = """
echo $started > /sys/fs/cgroup/moved/cgroup.procs
echo 1 > /sys/fs/cgroup/moved/cpuset.mems
go"""

SPLIT_CLEAN = """
for node in /sys/devices/system/node/node[12]; do
  echo 0 > "$node/hugepages/hugepages-2048kB/nr_hugepages"
done
echo 500 > /proc/sys/vm/extfrag_threshold"""

ASKED = [
    program("move-base", 1000, move_base),
    program("move-huge", 8, move_huge),
    program("move-held", 64, move_held),
    program("move-huge-held", 4, move_huge_held),
    program("move-shared", 100),  # refused, and a refusal counts nowhere
    program("bind-base", 100, bind_base),
    program("migrate-base", 500, migrate_base),
    program("migrate-huge", 4, migrate_huge),
    program("split-huge", 4, split_huge, clean=SPLIT_CLEAN),
    Step("cpuset", prepare=f"{CPUSET_BEFORE}\nstart stay-on-node-0 300", act=CPUSET_ACT,
         expected=cpuset),
]


# --- pages the kernel moves by itself ---

def compact(_):
    """How much it moves is the kernel's affair; that it isolates two pages for each it moves, and
    that nobody stalled, is not."""
    return {"pgmigrate_success": at_least(1), "pgmigrate_fail": between(0, 200),
            "pgmigrate_success - reason/compaction": 0, "reason/compaction": ANY,
            "compact_migrate_scanned": at_least(1000), "compact_free_scanned": at_least(1),
            "compact_isolated": at_least(2)}


def balance(_):
    """All 2000 pages follow their task, and a few others with them."""
    return {"numa_pages_migrated": between(2000, 2600), "pgmigrate_success": ANY,
            "pgmigrate_success - numa_pages_migrated": 0, "reason/numa_misplaced": ANY,
            "numa_pages_migrated - reason/numa_misplaced": 0,
            "numa_hint_faults": at_least(2000), "numa_hint_faults_local": ANY,
            "numa_pte_updates": at_least(2000), "pgmigrate_fail": between(0, 50)}


def memory_offline(_):
    """500 pages of a 128 MB node that is taken away all move, and so does what else went there."""
    return {"pgmigrate_success": between(500, 4000), "reason/memory_hotplug": between(500, 4000),
            "pgmigrate_success - reason/memory_hotplug": 0, "compact_daemon_*": ANY}


def soft_offline(_):
    return {"pgmigrate_success": 10, "reason/memory_failure": 10}


def soft_offline_hugetlb(_):
    """A hugetlb page is 512 base pages and no THP."""
    return {"pgmigrate_success": 2 * THP, "reason/memory_failure": 2 * THP}


def pin_for_long(kernel):
    """Since 5.13 the pages leave movable memory first: pinned, let go, moved, and pinned again."""
    moves = kernel.version >= (5, 13)
    pins = 32 if moves else 16
    return {"pgmigrate_success": 16 * moves, "reason/longterm_pin": 16 * moves,
            "nr_foll_pin_acquired": pins, "nr_foll_pin_released": pins}


def has_memory_failure(kernel):
    """CONFIG_MEMORY_FAILURE: in Debian's cloud kernels from 6.12 on."""
    return kernel.version >= (6, 12)


# Other values than the kernel starts with, so that the next scrape must show them.
SETTINGS = """
echo 1 > /proc/sys/kernel/numa_balancing
change() { [ ! -e "$2" ] || echo "$1" > "$2"; }
change 1 /sys/kernel/mm/numa/demotion_enabled
change 100 /proc/sys/kernel/numa_balancing_promote_rate_limit_MBps
change 33 /proc/sys/vm/compaction_proactiveness
change always /sys/kernel/mm/transparent_hugepage/enabled"""
SETTINGS_BACK = """
echo 0 > /proc/sys/kernel/numa_balancing
change 0 /sys/kernel/mm/numa/demotion_enabled
change 0 /proc/sys/vm/compaction_proactiveness
change madvise /sys/kernel/mm/transparent_hugepage/enabled"""

# The one DIMM of node 2, found by its memory block; ejecting takes the node away.
OFFLINE_NODE_2 = """
for block in /sys/devices/system/node/node2/memory[0-9]*; do
  echo offline > "$block/state" || return 1
done"""
EJECT_NODE_2 = """
for dimm in /sys/bus/acpi/devices/PNP0C80:*; do echo 1 > "$dimm/eject" 2>/dev/null; done
tries=0
while [ -d /sys/devices/system/node/node2 ] && [ $tries -lt 50 ]; do
  usleep 100000; tries=$((tries + 1))
done
[ ! -d /sys/devices/system/node/node2 ]"""

UNASKED = [
    program("scatter", 40_000, compact, act="echo 1 > /proc/sys/vm/compact_memory", clean="go"),
    program("balance", 2000, balance, act=balancing(1)),
    program("soft-offline", 10, soft_offline, possible=has_memory_failure),
    program("soft-offline-hugetlb", 2, soft_offline_hugetlb, possible=has_memory_failure,
            before="echo 4 > /proc/sys/vm/nr_hugepages", clean="echo 0 > /proc/sys/vm/nr_hugepages"),
    program("pin-for-long", 16, pin_for_long),
]

TAKING_AWAY = [
    Step("memory-offline", prepare="start stay-on-node-2 500", act=OFFLINE_NODE_2, clean="go",
         expected=memory_offline),
    Step("node-gone", act=EJECT_NODE_2),
    Step("settings", act=SETTINGS, clean=SETTINGS_BACK, expected=lambda _: {"*": ANY}),
    Step("cpu-offline", act="echo 0 > /sys/devices/system/cpu/cpu1/online",
         clean="echo 1 > /sys/devices/system/cpu/cpu1/online"),
]


# What is run on two nodes. What takes memory or a processor away comes last.
EVERYWHERE = ASKED + UNASKED + rates.STEPS + cgroups.STEPS + placement.STEPS + TAKING_AWAY


# --- two tiers of memory ---

DEMOTION_ON = "echo 1 > /sys/kernel/mm/numa/demotion_enabled"


def tiered(**more):
    """Whatever moves was demoted from node 0 or promoted to it: both differences are exact."""
    return {"pgmigrate_success - pgdemote_* - numa_pages_migrated": 0,
            "numa_pages_migrated - pgpromote_success": 0,
            "pgdemote_* - reason/demotion": 0, "numa_pages_migrated - reason/numa_misplaced": 0,
            "pgdemote_* - node0/pgdemote_*": 0, "pgpromote_success - node0/pgpromote_success": 0,
            "pgmigrate_success": ANY, "pgmigrate_fail": ANY, "reason/demotion": ANY,
            "reason/numa_misplaced": ANY, "reason/compaction": ANY, "numa_*": ANY,
            "pgpromote_*": ANY, "node0/*": ANY, "pgdemote_kswapd": ANY, "pgdemote_direct": ANY,
            "compact_*": ANY, **more}


def demote(_):
    """230 000 pages on a node that holds fewer than 196 608: the rest must go down."""
    return tiered(**{"node0/pgdemote_*": at_least(10_000)})


def promote(_):
    return tiered(**{"node0/pgpromote_success": at_least(5_000)})


TIERED = [
    program("demote", 230_000, demote, before=DEMOTION_ON),
    program("promote", 50_000, promote, act=balancing(2)),
]


# --- two tiers with room to spare ---

def promote_unlimited(_):
    """With more than 1 GB free above, nothing is held back, and the candidates are counted apart."""
    return tiered(**{"pgpromote_candidate": 0, "pgpromote_candidate_nrl": at_least(5_000),
                     "pgpromote_candidate_nrl - pgpromote_success": between(0, 1_000),
                     "node0/pgpromote_candidate_nrl": at_least(5_000)})


def contiguous(_):
    """One gigantic page out of the contiguous area: whatever lies there moves."""
    return {"cma_alloc_success": 1, "pgmigrate_success": at_least(1_000), "reason/contig_range": ANY,
            "pgmigrate_success - reason/contig_range": 0, "compact_isolated": ANY,
            "pgmigrate_fail": ANY}


GIGANTIC = "/sys/devices/system/node/node1/hugepages/hugepages-1048576kB/nr_hugepages"

ROOMY = [
    Step("contiguous", prepare="start stay-on-node-1 90000", act=f"echo 1 > {GIGANTIC}",
         clean=f"go; echo 0 > {GIGANTIC}", expected=contiguous),
    Step("promote-unlimited", prepare=f"{DEMOTION_ON}\nstart promote 50000", act=balancing(2),
         expected=promote_unlimited),
]
