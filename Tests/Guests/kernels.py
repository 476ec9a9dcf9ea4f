"""The Debian kernels the guests boot: fetched by apt into the cache, never installed."""

import lzma
import re
import shutil
import subprocess
from dataclasses import dataclass
from pathlib import Path

# Each series and the Debian suite that has it. A suite moves on: whatever it holds is taken, and
# what is expected of a kernel goes by the release it really has.
SUITES = {"5.10": "bullseye", "6.1": "bookworm", "6.12": "trixie", "7.2": "sid"}

META_PACKAGE = "linux-image-cloud-amd64"
KERNEL_PACKAGE = re.compile(r"linux-(image|binary|modules)-\d[^ ]*-cloud-amd64$")
KEYRING = "/usr/share/keyrings/debian-archive-keyring.gpg"

# In the order in which they are to be loaded. A kernel that has one built in has no file for it.
MODULES = ["virtio", "virtio_ring", "virtio_pci_legacy_dev", "virtio_pci_modern_dev", "virtio_pci",
           "virtio_console"]


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

    @property
    def modules(self):
        files = (self.folder / f"{name}.ko" for name in MODULES)
        return [file for file in files if file.exists()]


def fetch(series, cache):
    """The kernel of a series, from the cache or from Debian's archive."""
    folder = cache / "kernels" / series
    if not (folder / "release").exists():
        print(f"fetching the {series} kernel from {SUITES[series]}", flush=True)
        shutil.rmtree(folder, ignore_errors=True)
        _fetch_into(folder, SUITES[series], cache / "apt" / SUITES[series])
    kernel = Kernel(series, folder)
    if not kernel.release.startswith(f"{series}."):
        print(f"note: {SUITES[series]} now holds {kernel.release}, not {series}", flush=True)
    return kernel


def _fetch_into(folder, suite, scratch):
    apt = _Apt(suite, scratch)
    unpacked = scratch / "unpacked"
    shutil.rmtree(unpacked, ignore_errors=True)
    for archive in apt.download(apt.kernel_packages()):
        subprocess.run(["dpkg-deb", "-x", archive, unpacked], check=True)
    folder.mkdir(parents=True)
    shutil.copyfile(_only(unpacked.rglob("vmlinuz*"), "kernel image", suite), folder / "vmlinuz")
    for name in MODULES:
        _copy_module(name, unpacked, folder)
    modules = _only(unpacked.glob("**/lib/modules/*"), "module folder", suite)
    (folder / "release").write_text(modules.name + "\n")  # last: it marks the folder as complete
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


class _Apt:
    """apt with a state of its own, so that the machine's sources and packages stay as they are."""

    def __init__(self, suite, scratch):
        self.suite, self.scratch = suite, scratch
        for part in ("lists/partial", "archives/partial"):
            (scratch / part).mkdir(parents=True, exist_ok=True)
        (scratch / "status").write_text("")
        (scratch / "sources.list").write_text(
            f"deb [signed-by={KEYRING}] {_debian_mirror()} {suite} main\n")
        self._run("apt-get", "update", "-qq")

    def kernel_packages(self):
        """The packages behind the meta package, found by following what each depends on."""
        found, waiting = set(), [META_PACKAGE]
        while waiting:
            output = self._run("apt-cache", "depends", "--important", waiting.pop())
            for name in re.findall(r"Depends: (\S+)", output):
                if KERNEL_PACKAGE.match(name) and name not in found:
                    found.add(name)
                    waiting.append(name)
        if not found:
            raise SystemExit(f"no kernel behind {META_PACKAGE} in {self.suite}")
        return sorted(found)

    def download(self, packages):
        self._run("apt-get", "download", "-qq", *packages)
        return sorted(self.scratch.glob("*.deb"))

    def _run(self, program, *arguments):
        options = {
            "Dir::State": self.scratch,
            "Dir::State::status": self.scratch / "status",
            "Dir::Cache": self.scratch,
            "Dir::Etc::sourcelist": self.scratch / "sources.list",
            "Dir::Etc::sourceparts": "/dev/null",
            "APT::Sandbox::User": "root",
            "APT::Architecture": "amd64",
            "Acquire::Languages": "none",
        }
        command = [program, *(f"-o{name}={value}" for name, value in options.items()), *arguments]
        done = subprocess.run(command, cwd=self.scratch, text=True, capture_output=True)
        if done.returncode:
            raise SystemExit(f"{program} {arguments[0]} for {self.suite}: {done.stderr.strip()}")
        return done.stdout


def _debian_mirror():
    """The mirror this machine already uses."""
    form = "$(ORIGIN)/$(LABEL) $(REPO_URI)"
    targets = subprocess.run(["apt-get", "indextargets", "--format", form, "Identifier: Packages"],
                             check=True, text=True, capture_output=True).stdout
    for line in targets.splitlines():
        archive, address = line.split()
        if archive == "Debian/Debian":
            return address
    raise SystemExit("this machine's apt sources name no Debian mirror")
