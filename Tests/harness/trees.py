"""A copy of a fixture whose counters a test moves on: a kernel that does what it is told."""

import contextlib
import shutil
import tempfile
from pathlib import Path

from harness import FIXTURES


class Tree:
    def __init__(self, fixture="debian-7.2-two-tiers", host="db-7.example"):
        self._folder = Path(tempfile.mkdtemp(prefix="page-migration-tree-"))
        for part in ("proc", "sys"):
            shutil.copytree(FIXTURES / fixture / part, self._folder / part)
        (self._folder / "proc/sys/kernel/hostname").write_text(host + "\n")

    @property
    def flags(self):
        return paths(self._folder)

    def add(self, file="proc/vmstat", **increases):
        """Written in place: the exporter keeps the file open, as it keeps the kernel's."""
        path = self._folder / file
        lines = [line.split() for line in path.read_text().splitlines()]
        text = "".join(f"{name} {int(value) + increases.get(name, 0)}\n" for name, value in lines)
        # A number may grow by a digit between two reads, but no read sees half of a file.
        with path.open("r+") as target:
            target.write(text)

    def drop(self, *names):
        """This kernel has no such counters."""
        path = self._folder / "proc/vmstat"
        lines = path.read_text().splitlines(keepends=True)
        path.write_text("".join(line for line in lines if line.split()[0] not in names))

    def write(self, file, text):
        (self._folder / file).write_text(text)

    def remove(self):
        shutil.rmtree(self._folder)


@contextlib.contextmanager
def tree(*arguments, **named):
    made = Tree(*arguments, **named)
    try:
        yield made
    finally:
        made.remove()


def paths(folder):
    """The flags by which the exporter reads another kernel's files."""
    return [f"--path.procfs={folder}/proc", f"--path.sysfs={folder}/sys"]
