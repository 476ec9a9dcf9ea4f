"""A copy of a fixture whose counters a test moves on: a kernel that does what it is told."""

import contextlib
import shutil
import tempfile
from pathlib import Path

from harness import FIXTURES


class Tree:
    def __init__(self, folder):
        self.folder, self.flags = folder, paths(folder)

    def add(self, file="proc/vmstat", **increases):
        """Written in place: the exporter keeps the file open, as it keeps the kernel's."""
        path = self.folder / file
        lines = [line.split() for line in path.read_text().splitlines()]
        text = "".join(f"{name} {int(value) + increases.get(name, 0)}\n" for name, value in lines)
        # A number may grow by a digit between two reads, but no read sees half of a file.
        with path.open("r+") as target:
            target.write(text)

    def write(self, file, text):
        (self.folder / file).write_text(text)


@contextlib.contextmanager
def tree(fixture="debian-7.2-two-tiers", host="db-7.example", lacks=()):
    """Without the counters that it lacks."""
    with tempfile.TemporaryDirectory(prefix="page-migration-tree-") as folder:
        made = Tree(Path(folder))
        shutil.copytree(FIXTURES / fixture, folder, dirs_exist_ok=True)
        made.write("proc/sys/kernel/hostname", host + "\n")
        counters = made.folder / "proc/vmstat"
        lines = counters.read_text().splitlines(keepends=True)
        counters.write_text("".join(line for line in lines if line.split()[0] not in lacks))
        yield made


def paths(folder):
    """The flags by which the exporter reads another kernel's files."""
    return [f"--path.procfs={folder}/proc", f"--path.sysfs={folder}/sys"]
