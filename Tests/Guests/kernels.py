"""The Debian kernels the guests boot: fetched by apt into the cache, never installed."""

import fcntl
import lzma
import re
import shutil
from dataclasses import dataclass
from pathlib import Path

from harness.apt import Apt
from harness.commands import run

# Each series and the Debian suite that has it. A suite moves on: whatever it holds is taken, and
# what is expected of a kernel goes by the release it really has.
SUITES = {"5.10": "bullseye", "6.1": "bookworm", "6.12": "trixie", "7.2": "sid"}

META_PACKAGE = "linux-image-cloud-amd64"
# What guests need of this machine.
PACKAGES = ["qemu-system-x86", "busybox-static", "cpio", "gcc", "libc6-dev"]
KERNEL_PACKAGE = re.compile(r"linux-(image|binary|modules)-\d[^ ]*-cloud-amd64$")

# In the order in which they are to be loaded. A kernel that has one built in has no file for it.
MODULES = {
    "every guest": ["virtio", "virtio_ring", "virtio_pci_legacy_dev", "virtio_pci_modern_dev", "virtio_pci",
                    "virtio_console", "virtio_blk"],
    # Guests that listen on vsock, and are their own host.
    "vsock": ["vsock", "vmw_vsock_virtio_transport_common", "vsock_loopback"],
    # Guests whose exporter is asked from outside.
    "network": ["failover", "net_failover", "virtio_net"],
    # Disks in memory: a quick one, one that another program answers for, one that compresses.
    "disks": ["brd", "nbd", "lz4_compress", "lz4hc_compress", "zsmalloc", "zram"],
    # Guests that are hosts of guests themselves.
    "host": ["irqbypass", "kvm", "kvm-amd"],
}
KEPT_MODULES = [name for names in MODULES.values() for name in names]


@dataclass(frozen=True)
class Kernel:
    """A kernel in the cache: `vmlinuz`, `release`, and the modules a guest needs."""

    series: str
    folder: Path

    @property
    def image(self):
        return self.folder / "vmlinuz"

    @property
    def release(self):
        return (self.folder / "release").read_text().strip()

    @property
    def short_release(self):
        """Without what Debian adds: 6.12.107 of 6.12.107+deb13-cloud-amd64."""
        return re.match(r"[\d.]+", self.release).group()

    @property
    def version(self):
        """(major, minor), which is what the counters' meaning depends on."""
        return tuple(int(part) for part in self.release.split(".")[:2])

    def modules(self, *purposes):
        """The files of those that it has."""
        files = (self.folder / f"{name}.ko" for purpose in purposes for name in MODULES[purpose])
        return [file for file in files if file.exists()]


def fetch(series, cache):
    """The kernel of a series, from the cache or from Debian's archive."""
    folder = cache / "kernels" / series
    cache.mkdir(parents=True, exist_ok=True)
    with open(cache / "lock", "w") as lock:
        # Two kinds of guests may be booted side by side.
        fcntl.flock(lock, fcntl.LOCK_EX)
        if not _holds_all(folder):
            print(f"fetching the {series} kernel from {SUITES[series]}", flush=True)
            shutil.rmtree(folder, ignore_errors=True)
            _fetch_into(folder, SUITES[series], cache / "apt" / SUITES[series])
    kernel = Kernel(series, folder)
    if not kernel.release.startswith(f"{series}."):
        print(f"note: {SUITES[series]} now holds {kernel.release}, not {series}", flush=True)
    return kernel


def _holds_all(folder):
    """Whether it was fetched whole, and with all modules that are asked for today."""
    complete = folder / "complete"
    return complete.exists() and complete.read_text().split() == KEPT_MODULES


def _fetch_into(folder, suite, scratch):
    apt = Apt(suite, scratch)
    unpacked = scratch / "unpacked"
    shutil.rmtree(unpacked, ignore_errors=True)
    for archive in apt.download(kernel_packages(apt)):
        run("dpkg-deb", "-x", archive, unpacked)
    folder.mkdir(parents=True)
    shutil.copyfile(_only(unpacked.rglob("vmlinuz*"), "kernel image", suite), folder / "vmlinuz")
    for name in KEPT_MODULES:
        _copy_module(name, unpacked, folder)
    modules = _only(unpacked.glob("**/lib/modules/*"), "module folder", suite)
    (folder / "release").write_text(modules.name + "\n")
    (folder / "complete").write_text(" ".join(KEPT_MODULES) + "\n")
    shutil.rmtree(scratch)


def _only(found, what, suite):
    found = list(found)
    if len(found) != 1:
        raise SystemExit(f"the kernel packages of {suite} hold {len(found)} {what}s, not one")
    return found[0]


def _copy_module(name, unpacked, folder):
    for file in unpacked.rglob(f"{name}.ko*"):
        opened = lzma.open if file.suffix == ".xz" else open
        with opened(file, "rb") as module:
            (folder / f"{name}.ko").write_bytes(module.read())


def kernel_packages(apt):
    """The packages behind the meta package, found by following what each depends on."""
    found, waiting = set(), [META_PACKAGE]
    while waiting:
        for name in apt.depends(waiting.pop()):
            if KERNEL_PACKAGE.match(name) and name not in found:
                found.add(name)
                waiting.append(name)
    if not found:
        raise SystemExit(f"no kernel behind {META_PACKAGE} in {apt.suite}")
    return sorted(found)
