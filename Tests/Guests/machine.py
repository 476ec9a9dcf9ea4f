"""Boots a guest in QEMU and brings back what it reports."""

import hashlib
import io
import resource
import subprocess
import tarfile
from dataclasses import dataclass

EMULATOR = "qemu-system-x86_64"

# Software emulation everywhere, so that a run on a laptop and one in CI are the same.
PROCESSOR = ["-accel", "tcg,thread=single", "-cpu", "max"]

# QEMU 7.2's emulation of cmpxchg16b spoils flags, and 6.12 panicked in up to half of the runs. The
# kernel is kept from it by taking feature 4*32+13 from it; `-cpu max,-cx16` would take it from
# the exporter, too, whose Swift runtime cannot do without. On a starved host timers look broken, and a kernel that
# checks them panics: no_timer_check.
KERNEL_COMMAND_LINE = "console=ttyS0 quiet panic=-1 clearcpuid=141 no_timer_check"

CONSOLE_LINES_SHOWN = 60

# A guest that spins is stopped by its processor seconds, which do not depend on what else this
# machine does; one that waits for ever, by this.
WALL_SECONDS = 1200


@dataclass(frozen=True)
class Machine:
    """A shape of memory, and how much of this machine's processors a guest of it may use."""

    name: str
    options: tuple
    processor_seconds: int
    kernel_command_line: str = ""


TWO_NODES = Machine("two-nodes", (
    "-m", "2G", "-smp", "2",
    "-object", "memory-backend-ram,id=m0,size=1G",
    "-object", "memory-backend-ram,id=m1,size=1G",
    "-numa", "node,nodeid=0,cpus=0,memdev=m0",
    "-numa", "node,nodeid=1,cpus=1,memdev=m1",
), processor_seconds=240)

# The same and a third node: one DIMM of movable memory, which can be taken away while it runs.
TWO_NODES_AND_DIMM = Machine("two-nodes-and-dimm", (
    "-m", "2G,slots=1,maxmem=4G", *TWO_NODES.options[2:],
    "-object", "memory-backend-ram,id=m2,size=128M",
    "-numa", "node,nodeid=2",
    "-device", "pc-dimm,id=dimm,memdev=m2,node=2",
), processor_seconds=240, kernel_command_line="memhp_default_state=online_movable")


def _hmat(target, latency_nanoseconds, bandwidth):
    """What the firmware tells of the way from node 0's processors to a node's memory."""
    way = f"hmat-lb,initiator=0,target={target},hierarchy=memory,data-type="
    return ("-numa", f"{way}access-latency,latency={latency_nanoseconds}",
            "-numa", f"{way}access-bandwidth,bandwidth={bandwidth}")


# A fast node with both processors and a slow one with none: what a CXL memory card looks like.
TWO_TIERS = Machine("two-tiers", (
    "-machine", "q35,hmat=on", "-m", "1792M", "-smp", "2",
    "-object", "memory-backend-ram,id=m0,size=768M",
    "-object", "memory-backend-ram,id=m1,size=1G",
    "-numa", "node,nodeid=0,cpus=0-1,memdev=m0",
    "-numa", "node,nodeid=1,memdev=m1,initiator=0",
    *_hmat(0, 10, "20G"), *_hmat(1, 100, "2G"),
), processor_seconds=240)

# The same with room: only a top tier with more than 1 GB free promotes without the rate limit. On
# the slow node, hugetlb keeps 1 GB for contiguous allocation.
ROOMY_TIERS = Machine("roomy-tiers", (
    "-machine", "q35,hmat=on", "-m", "4864M", "-smp", "2",
    "-object", "memory-backend-ram,id=m0,size=2560M",
    "-object", "memory-backend-ram,id=m1,size=2304M",
    *TWO_TIERS.options[10:],
), processor_seconds=240, kernel_command_line="hugetlb_cma=1:1G nokaslr")


class GuestFailed(SystemExit):
    """A guest that did not report, which ends the run. The text ends with what its console said last."""


def run(machine, kernel, initramfs, folder):
    """Boots once, and unpacks the guest's report into `folder`."""
    folder.mkdir(parents=True, exist_ok=True)
    console, report = folder / "console", folder / "report"
    report.unlink(missing_ok=True)
    seconds = machine.processor_seconds
    command = [
        "nice", EMULATOR, *PROCESSOR, *machine.options, "-nodefaults", "-display", "none", "-no-reboot",
        "-serial", f"file:{console}",
        "-device", "virtio-serial-pci", "-chardev", f"file,id=report,path={report}",
        "-device", "virtserialport,chardev=report,name=results",
        "-kernel", kernel.image, "-initrd", initramfs,
        "-append", f"{KERNEL_COMMAND_LINE} {machine.kernel_command_line}",
    ]
    try:
        subprocess.run(command, check=True, timeout=WALL_SECONDS,
                       preexec_fn=lambda: resource.setrlimit(resource.RLIMIT_CPU, [seconds] * 2))
        _unpack(report.read_bytes(), folder)
    except subprocess.TimeoutExpired:
        raise _failure(f"no end within {WALL_SECONDS} s", machine, kernel, console) from None
    except (subprocess.CalledProcessError, OSError, ValueError, tarfile.TarError) as error:
        raise _failure(error, machine, kernel, console) from error


def _unpack(report, folder):
    """Checks length and sum before anything of the report is believed."""
    heading, _, archive = report.partition(b"\n")
    words = heading.decode(errors="replace").split()
    if len(words) != 3 or words[0] != "results":
        raise ValueError("the guest sent no report")
    if len(archive) != int(words[1]) or hashlib.sha256(archive).hexdigest() != words[2]:
        raise ValueError(f"the guest's report is damaged: {len(archive)} of {words[1]} bytes")
    with tarfile.open(fileobj=io.BytesIO(archive)) as tar:
        tar.extractall(folder, filter="data")


def _failure(reason, machine, kernel, console):
    said = console.read_text(errors="replace") if console.exists() else ""
    tail = "\n".join(said.splitlines()[-CONSOLE_LINES_SHOWN:])
    return GuestFailed(f"guest {kernel.release} {machine.name}: {reason}\n"
                       f"--- its console ---\n{tail}\n--- end of console ---")
