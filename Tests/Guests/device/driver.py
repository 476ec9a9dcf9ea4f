"""The kernel's own test driver for HMM, which no distribution builds: made of Debian's sources for the very kernel of a
guest, by the compiler that the kernel was made with, in a fresh root."""

import os
import re
import shutil
import subprocess
from pathlib import Path

import kernels
from harness.apt import debian_mirror

# What that takes of this machine.
PACKAGES = ["debootstrap", "xz-utils"]
SOURCES = ["test_hmm.c", "test_hmm_uapi.h"]


def build(kernel, cache):
    """test_hmm.ko, from the cache or made."""
    module = cache / "test_hmm" / kernel.release / "test_hmm.ko"
    if not module.exists():
        print(f"building test_hmm for {kernel.release}", flush=True)
        root = _root(kernels.SUITES[kernel.series], cache / "test_hmm" / "root")
        built = _build_in(root, kernel)
        module.parent.mkdir(parents=True, exist_ok=True)
        shutil.copy(built, module)
        shutil.rmtree(root)
    return module


def _root(suite, root):
    shutil.rmtree(root, ignore_errors=True)
    root.mkdir(parents=True)
    # What it mounts there goes with its name space, and not with the root when that is removed.
    _run("unshare", "--mount", "debootstrap", "--variant=minbase", suite, root, debian_mirror())
    shutil.copy("/etc/resolv.conf", root / "etc/resolv.conf")
    # Whatever this machine needs to reach its packages, the fresh one needs, too.
    for source in Path("/etc/apt/apt.conf.d").glob("*"):
        if re.search("proxy|cert|verify|valid", source.read_text(errors="replace"), re.I):
            shutil.copy(source, root / "etc/apt/apt.conf.d")
    return root


def _build_in(root, kernel):
    headers = f"linux-headers-{kernel.release}"
    source = f"linux-source-{kernel.series}"
    apt = ["chroot", root, "env", "DEBIAN_FRONTEND=noninteractive", "apt-get", "-qq"]
    _run(*apt, "update")
    _run(*apt, "install", "-y", "--no-install-recommends", "make", "gcc", "libc6-dev", headers)
    _run(*apt, "download", source, cwd=root)
    folder = root / "build"
    folder.mkdir()
    (package,) = root.glob(f"{source}_*.deb")
    files = " ".join(f"{source}/lib/{name}" for name in SOURCES)
    _run("bash", "-euo", "pipefail", "-c",
         f"dpkg-deb --fsys-tarfile {package} | tar -xO ./usr/src/{source}.tar.xz | xz -dc"
         f" | tar -x --strip-components=2 -C {folder} {files}")
    (folder / "Makefile").write_text("obj-m := test_hmm.o\n")
    # objtool asks /proc how large its stack may be. Mounted in a name space that ends with the command.
    _run("unshare", "--mount", "sh", "-c", 'mount -t proc none "$1/proc" && exec chroot "$@"', "sh",
         root, "make", "-C", f"/usr/src/{headers}", "M=/build", "modules")
    return folder / "test_hmm.ko"


def _run(*command, cwd=None):
    # Where apt downloads to is the folder that it is started in, of the fresh root.
    done = subprocess.run(command, cwd=cwd, text=True, capture_output=True, env=os.environ | {"LC_ALL": "C.UTF-8"})
    if done.returncode:
        raise SystemExit(f"{' '.join(map(str, command))}: {done.stdout[-2000:]}{done.stderr[-2000:]}")
