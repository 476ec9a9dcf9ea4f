"""Roots of fresh Debian systems, into which packages are installed. As root, in .cache/packaging."""

import os
import re
import shutil
from pathlib import Path

from harness import NAME, ROOT
from harness.apt import debian_mirror
from harness.commands import run

PACKAGES = ROOT / ".build/packages"
CACHE = ROOT / ".cache/packaging"


def package():
    (found,) = PACKAGES.glob(f"{NAME}_*.deb")
    return found


class FreshRoot:
    """A suite's smallest system, made once by debootstrap and copied for each use."""

    def __init__(self, suite, name="root"):
        self.path = CACHE / name
        self.unmount()
        shutil.rmtree(self.path, ignore_errors=True)
        pristine = CACHE / suite
        if not (pristine / "etc/debian_version").exists():
            shutil.rmtree(pristine, ignore_errors=True)
            made = CACHE / f"{suite}.new"
            shutil.rmtree(made, ignore_errors=True)
            made.mkdir(parents=True)
            run("debootstrap", "--variant=minbase", "--include=adduser", suite, made, debian_mirror())
            made.rename(pristine)  # last: what is there is whole
        run("cp", "-a", pristine, self.path)
        shutil.copy("/etc/resolv.conf", self.path / "etc/resolv.conf")
        # Whatever this machine needs to reach its packages, the fresh one needs, too.
        for source in Path("/etc/apt/apt.conf.d").glob("*"):
            if re.search("proxy|cert|verify|valid", source.read_text(errors="replace"), re.I):
                shutil.copy(source, self.path / "etc/apt/apt.conf.d")
        for folder in ("proc", "sys"):
            run("mount", "--bind", "-o", "ro", f"/{folder}", self.path / folder)

    def unmount(self):
        for folder in ("proc", "sys"):
            run("umount", self.path / folder, check=False)

    def inside(self, *command, **options):
        environment = os.environ | {"DEBIAN_FRONTEND": "noninteractive", "LC_ALL": "C.UTF-8"}
        return run("chroot", self.path, *command, env=environment, **options)

    def apt(self, *arguments):
        self.inside("apt-get", "-qq", "-y", "-o", "Dpkg::Use-Pty=0", "--no-install-recommends", *arguments)

    def install(self, deb, *options):
        shutil.copy(deb, self.path / "package.deb")
        self.apt(*options, "install", "/package.deb")

    def has(self, path):
        return (self.path / path).exists()
