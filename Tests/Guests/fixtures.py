"""Fixture trees for the ordinary tests: what each guest's kernel says after it moved pages."""

import shutil

import machine
from harness.commands import run
from initramfs import BUSYBOX, HERE
from placement import START_PLACED
from steps import Step, program
from workloads import BALANCING, DEMOTION_ON, SPLIT_CLEAN, balancing

# A cgroup with all workloads in its child, so that both have counts, and one that does nothing.
CGROUPS = Step("cgroups", act="""
echo +memory > /sys/fs/cgroup/cgroup.subtree_control
mkdir -p /sys/fs/cgroup/a/b /sys/fs/cgroup/idle
echo +memory > /sys/fs/cgroup/a/cgroup.subtree_control
echo $$ > /sys/fs/cgroup/a/b/cgroup.procs
""")


def capture(mode):
    """The tree shows the mode of balancing that was in use."""
    return Step("fixture", prepare=START_PLACED, act=f"""
echo {mode} > {BALANCING}
capture_fixture "$here/tree" $started
go""")


COMPACT = Step("compact", act="echo 1 > /proc/sys/vm/compact_memory")

MOVES = [program("move-base", 1000), program("move-huge", 8), program("move-held", 64),
         program("move-huge-held", 4), program("bind-base", 100),
         program("split-huge", 4, clean=SPLIT_CLEAN)]

STEPS = {
    machine.TWO_NODES: [CGROUPS, *MOVES, COMPACT, program("balance", 2000, act=balancing(1)),
                        capture(mode=1)],
    machine.TWO_TIERS: [CGROUPS, *MOVES, program("demote", 230_000, before=DEMOTION_ON),
                        program("promote", 50_000, act=balancing(2)),
                        capture(mode=2)],
}


def name(kernel, shape):
    return f"debian-{kernel.series}-{shape.name}"


def install(results, folder):
    """Puts the tree a guest captured in the place of the committed one. The golden files beside it
    stay, and are to be made anew: `make golden`."""
    captured, = results.glob("*-fixture/tree")
    for part in captured.iterdir():
        if part.is_dir():
            shutil.rmtree(folder / part.name, ignore_errors=True)
    shutil.copytree(captured, folder, dirs_exist_ok=True)


def capture_this_machine(folder):
    """The same tree of the machine the harness runs on, with the capturing shell as its process."""
    shutil.rmtree(folder, ignore_errors=True)
    script = f'. {HERE}/guest/snapshot.sh; capture_fixture "$1" $$'
    run(BUSYBOX, "sh", "-c", script, "capture", folder)
