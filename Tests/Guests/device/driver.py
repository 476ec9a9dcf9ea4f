"""Modules for a guest: the kernel's own test driver for HMM, which no distribution builds, of Debian's sources for its very
kernel; and one of our own that refers to pages. By the compiler that the kernel was made with, in a fresh root."""

import shutil
from pathlib import Path

import kernels
from fresh_root import FreshRoot
from harness.commands import run

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
        root = FreshRoot(kernels.SUITES[kernel.series], "device-modules")
        try:
            built = _build_in(root, kernel)
        finally:
            root.unmount()
        folder.mkdir(parents=True, exist_ok=True)
        for module in modules:
            shutil.copy(built / module.name, module)
        shutil.copy(OUR_SOURCE, source)
        shutil.rmtree(root.path)
    return modules


def _build_in(root, kernel):
    headers = f"linux-headers-{kernel.release}"
    source = f"linux-source-{kernel.series}"
    root.apt("update")
    root.apt("install", "make", "gcc", "libc6-dev", headers)
    # apt downloads to the folder that it is started in.
    root.inside("sh", "-c", f"cd / && apt-get -qq download {source}")
    folder = root.path / "build"
    folder.mkdir()
    (package,) = root.path.glob(f"{source}_*.deb")
    files = " ".join(f"{source}/lib/{name}" for name in SOURCES)
    run("bash", "-euo", "pipefail", "-c",
        f"dpkg-deb --fsys-tarfile {package} | tar -xO ./usr/src/{source}.tar.xz | xz -dc"
        f" | tar -x --strip-components=2 -C {folder} {files}")
    shutil.copy(OUR_SOURCE, folder)
    (folder / "Makefile").write_text("".join(f"obj-m += {name}.o\n" for name in MODULES))
    root.inside("make", "-C", f"/usr/src/{headers}", "M=/build", "modules")
    return folder
