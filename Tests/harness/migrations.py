"""Real page migrations: the kernel compacts memory, fails on pinned pages, and moves huge pages.

Needs root. Everything taken is given back: pipes, files, mappings and gigantic pages.
"""

import contextlib
import fcntl
import mmap
import os
import time
from pathlib import Path

MIB, HUGE, GIB = 2**20, 2**21, 2**30
COMPACT = Path("/proc/sys/vm/compact_memory")
GIGANTIC = Path("/sys/kernel/mm/hugepages/hugepages-1048576kB/nr_hugepages")
F_SETPIPE_SZ = 1031
MADV_POPULATE_WRITE = 23  # Linux 5.14; Python's mmap does not name it.


def vmstat(path="/proc/vmstat"):
    """The kernel's own numbers."""
    return {name: int(value) for name, value in (line.split() for line in open(path))}


def free_memory():
    fields = dict(line.split(":") for line in open("/proc/meminfo"))
    return int(fields["MemAvailable"].split()[0]) * 1024


@contextlib.contextmanager
def pinned_pages(pipes=32, every=16):
    """8192 pages of a file in memory, each sixteenth, held by pipes: compaction isolates them and cannot move them."""
    path = f"/dev/shm/pinned-{os.getpid()}"
    file, ends = os.open(path, os.O_RDWR | os.O_CREAT), []
    try:
        os.unlink(path)
        for offset in range(pipes * every):
            os.pwrite(file, bytes(MIB), offset * MIB)
        offset = 0
        for _ in range(pipes):
            reader, writer = os.pipe()
            ends += [reader, writer]
            fcntl.fcntl(writer, F_SETPIPE_SZ, MIB)
            for _ in range(256):
                os.splice(file, writer, 4096, offset_src=offset)
                offset += 4096 * every
        yield
    finally:
        for end in (*ends, file):
            os.close(end)


def touched(size):
    return mmap.mmap(-1, size, mmap.MAP_PRIVATE | mmap.MAP_ANONYMOUS | mmap.MAP_POPULATE)


def compact():
    """Memory is taken in order and the first of it given back: compaction moves the rest into the hole."""
    hole = touched(min(3 * GIB, free_memory() // 4))
    with touched(GIB // 2), pinned_pages():
        hole.close()
        COMPACT.write_text("1")


def migrate(pages=1000, mebibytes=1024):
    """Has the kernel compact memory until it has moved so many pages.

    New memory is taken before the last is given back, with a hole behind every second page: so compaction finds
    free memory above used memory each time, however long the machine has run.
    """
    goal, last = vmstat()["pgmigrate_success"] + pages, None
    for _ in range(30):
        memory = mmap.mmap(-1, mebibytes * MIB)
        memory.madvise(mmap.MADV_NOHUGEPAGE)
        memory.madvise(MADV_POPULATE_WRITE)
        if last:
            last.close()
        for place in range(0, len(memory), 2 * mmap.PAGESIZE):
            memory.madvise(mmap.MADV_DONTNEED, place, mmap.PAGESIZE)
        COMPACT.write_text("1")
        last = memory
        if vmstat()["pgmigrate_success"] >= goal:
            break
    last.close()


def move_huge_pages():
    """Lays huge pages all over the free memory, with gaps, and asks for gigantic ones until some are pushed aside.

    False where none moved: no gigantic pages here, or too little memory.
    """
    size = free_memory() * 9 // 10 // GIB * GIB
    if not GIGANTIC.exists() or size < 2 * GIB:
        return False
    before, held = vmstat()["thp_migration_success"], int(GIGANTIC.read_text())
    with mmap.mmap(-1, size, mmap.MAP_PRIVATE | mmap.MAP_ANONYMOUS) as memory:
        memory.madvise(mmap.MADV_HUGEPAGE)
        for offset in range(0, size, HUGE):
            memory[offset] = 1
        for offset in range(0, size, 2 * HUGE):
            memory.madvise(mmap.MADV_DONTNEED, offset, HUGE)
        try:
            # The first may lie where nothing was; those that follow cannot.
            wanted = held
            while free_memory() > 3 * GIB and int(GIGANTIC.read_text()) == wanted:
                wanted += 1
                GIGANTIC.write_text(str(wanted))
                if vmstat()["thp_migration_success"] > before:
                    return True
        finally:
            GIGANTIC.write_text(str(held))
    return False


def storm(seconds, failures=15_000, at_most=150):
    """Migrates for about so long, and longer on a slow machine, until so many pages have failed."""
    begun, before = time.monotonic(), vmstat()["pgmigrate_fail"]
    any(move_huge_pages() for _ in range(3))
    while (elapsed := time.monotonic() - begun) < at_most:
        if elapsed > seconds and vmstat()["pgmigrate_fail"] - before > failures:
            break
        compact()
