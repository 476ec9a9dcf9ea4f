"""Modules for a guest: the kernel's own test driver for HMM, which no distribution builds, of Debian's sources for its very
kernel; and one of our own that refers to pages. By the compiler that the kernel was made with, in a fresh root."""

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
OUR_SOURCE = Path(__file__).with_name("refer.c")
MODULES = ["test_hmm", "refer"]


def build(kernel, cache):
    """Both modules, from the cache or made."""
    folder = cache / "device-modules" / kernel.release
    modules = [folder / f"{name}.ko" for name in MODULES]
    # Copied last.
    source = folder / OUR_SOURCE.name
    if not source.exists() or source.read_bytes() != OUR_SOURCE.read_bytes():
        print(f"building {' and '.join(MODULES)} for {kernel.release}", flush=True)
        root = _root(kernels.SUITES[kernel.series], cache / "device-modules" / "root")
        built = _build_in(root, kernel)
        folder.mkdir(parents=True, exist_ok=True)
        for module in modules:
            shutil.copy(built / module.name, module)
        shutil.copy(OUR_SOURCE, source)
        shutil.rmtree(root)
    return modules


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
    shutil.copy(OUR_SOURCE, folder)
    (folder / "Makefile").write_text("".join(f"obj-m += {name}.o\n" for name in MODULES))
    # objtool asks /proc how large its stack may be. Mounted in a name space that ends with the command.
    _run("unshare", "--mount", "sh", "-c", 'mount -t proc none "$1/proc" && exec chroot "$@"', "sh",
         root, "make", "-C", f"/usr/src/{headers}", "M=/build", "modules")
    return folder


def _run(*command, cwd=None):
    # Where apt downloads to is the folder that it is started in, of the fresh root.
    done = subprocess.run(command, cwd=cwd, text=True, capture_output=True, env=os.environ | {"LC_ALL": "C.UTF-8"})
    if done.returncode:
        raise SystemExit(f"{' '.join(map(str, command))}: {done.stdout[-2000:]}{done.stderr[-2000:]}")
