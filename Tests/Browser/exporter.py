"""The program under test, and the kernels that it watches: the real one, or a made-up tree."""

import contextlib
import mmap
import pathlib
import re
import shutil
import subprocess
import tempfile
import time
import urllib.request

ROOT = pathlib.Path(__file__).resolve().parents[2]


class Exporter:
    """The built program, serving on the loopback until it is stopped."""

    program = ROOT / ".build/release/page-migration-exporter"

    def __init__(self, *flags):
        self._flags = flags
        self.address = "127.0.0.1:0"
        self.start()

    def start(self):
        """On a free port, and after that on the same one again."""
        self._process = subprocess.Popen(
            [self.program, f"--web.listen-address={self.address}", *self._flags],
            stderr=subprocess.PIPE, text=True)
        for line in self._process.stderr:
            if found := re.search(r"msg=listening address=(\S+)", line):
                self.address = found[1]
            if "msg=ready" in line:
                return
        raise RuntimeError(f"the exporter ended with {self._process.wait()}")

    @property
    def page(self):
        return f"http://{self.address}/"

    def get(self, path):
        with urllib.request.urlopen(f"http://{self.address}{path}", timeout=5) as answer:
            return answer.read().decode()

    def stop(self):
        self._process.terminate()
        self._process.stderr.read()
        self._process.wait(10)


@contextlib.contextmanager
def serving(*flags):
    exporter = Exporter(*flags)
    try:
        yield exporter
    finally:
        exporter.stop()


class Tree:
    """A copy of a fixture whose counters a test moves on: a kernel that does what it is told."""

    def __init__(self, fixture="debian-7.2-two-tiers", host="db-7.example"):
        self._folder = pathlib.Path(tempfile.mkdtemp(prefix="page-migration-tree-"))
        for part in ("proc", "sys"):
            shutil.copytree(ROOT / "Tests/Fixtures" / fixture / part, self._folder / part)
        (self._folder / "proc/sys/kernel/hostname").write_text(host + "\n")

    @property
    def flags(self):
        return [f"--path.procfs={self._folder}/proc", f"--path.sysfs={self._folder}/sys"]

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


MADV_POPULATE_WRITE = 23  # Linux 5.14; Python's mmap does not name it.


def make_kernel_migrate(pages=1000, mebibytes=1024):
    """Has the kernel compact memory until it has moved so many pages.

    New memory is taken before the last is given back, with a hole behind every second page: so compaction finds
    free memory above used memory each time, however long the machine has run.
    """
    goal = migrated_by_kernel() + pages
    last = None
    for _ in range(30):
        memory = mmap.mmap(-1, mebibytes << 20)
        memory.madvise(mmap.MADV_NOHUGEPAGE)
        memory.madvise(MADV_POPULATE_WRITE)
        if last:
            last.close()
        for place in range(0, len(memory), 2 * mmap.PAGESIZE):
            memory.madvise(mmap.MADV_DONTNEED, place, mmap.PAGESIZE)
        pathlib.Path("/proc/sys/vm/compact_memory").write_text("1")
        last = memory
        if migrated_by_kernel() >= goal:
            break
    last.close()


def migrated_by_kernel():
    return int(re.search(r"^pgmigrate_success (\d+)", pathlib.Path("/proc/vmstat").read_text(), re.M)[1])
