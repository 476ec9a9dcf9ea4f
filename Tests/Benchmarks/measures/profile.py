"""Where a scrape's time goes, the kernel's part too: samples of `perf` under load, by their stacks."""

import tempfile
import threading
from collections import Counter
from pathlib import Path
from shutil import which

from harness.commands import run
from harness.servers import Exporter
from measures.callgrind import demangled
from measures.instructions import STAGES
from measures.load import put_under_load

# The first of which a function is on the stack says what the kernel was doing.
KERNEL = {
    "kernel: /proc/vmstat": ["vmstat_show", "vmstat_start", "vmstat_next", "proc_reg_read_iter"],
    "kernel: a node's vmstat": ["node_read_vmstat"],
    "kernel: the other files of sysfs": ["kernfs_fop_read_iter", "kernfs_seq_start", "sysfs_kf_seq_show"],
    "kernel: sysctls": ["proc_sys_call_handler"],
    "kernel: /proc/self": ["proc_pid_statm", "proc_single_show", "proc_fd_getattr", "__do_sys_newfstat"],
    "kernel: listing folders": ["__x64_sys_getdents64", "__x64_sys_lseek"],
    "kernel: sending": ["__sys_sendmsg", "__x64_sys_sendmsg", "__sys_sendto", "__x64_sys_setsockopt"],
    "kernel: receiving and waiting": ["__sys_recvfrom", "do_epoll_wait", "__x64_sys_epoll_wait"],
    "kernel: entry to and exit from calls": ["do_syscall_64", "entry_SYSCALL_64"],
}
SECONDS = 5


def profile(report):
    if not which("perf"):
        return report.note("There is no perf on this machine, so no profile of the kernel's part.")
    with tempfile.TemporaryDirectory(prefix="benchmark-perf-") as folder, Exporter() as program:
        load = {}
        client = threading.Thread(target=lambda: load.update(seen=put_under_load(program, SECONDS + 1)))
        client.start()
        data = Path(folder) / "data"
        run("perf", "record", "-q", "-g", "-F", 4000, "-o", data, "-p", program.process.pid, "--", "sleep", SECONDS)
        client.join()
        stacks = run("perf", "script", "-i", data, "-F", "ip,sym,dso").stdout.split("\n\n")
    found = Counter(_what(stack.splitlines()) for stack in stacks if stack.strip())
    total = sum(found.values())
    report.section(
        "Where does a scrape's time go?",
        f"{total} samples of perf in {SECONDS} s under load, by what was on the stack, and as parts of the "
        f"{load['seen'].cpu_us:.0f} µs of CPU time that a scrape took then.",
    )
    report.table(
        ["", "part", "µs"],
        [[what, f"{count / total:.1%}", f"{count / total * load['seen'].cpu_us:.1f}"]
         for what, count in found.most_common()],
    )  # fmt: skip


def _what(stack):
    # A line is: address, function, (binary).
    frames = [line.split(None, 1)[1].rsplit(" (", 1) for line in stack if " (" in line]
    names = [name for name, _ in frames]
    binary = frames[0][1].rstrip(")") if frames else ""
    if "kernel" in binary:
        return next((what for what, of in KERNEL.items() if any(f in names for f in of)), "kernel: other")
    if "page-migration-exporter" in binary:
        name = demangled(names[0])
        stage = next((stage for stage, words in STAGES.items() if any(word in name for word in words)), None)
        return f"ours: {stage}" if stage else "Swift's runtime: counting references, above all"
    return Path(binary).name.split(".so")[0].strip("[]")
