"""What the guests need of this machine, installed through apt where it is missing."""

import os
import shutil
import subprocess

# Each program looked for, and the Debian package that has it.
PROGRAMS = {
    "qemu-system-x86_64": "qemu-system-x86",
    "busybox": "busybox-static",
    "cpio": "cpio",
    "gcc": "gcc",
}
LIBC_ARCHIVE = "/usr/lib/x86_64-linux-gnu/libc.a"
LOCK_SECONDS = 300


def install():
    """Says what it installs; says nothing when all is there."""
    packages = [package for program, package in PROGRAMS.items() if not shutil.which(program)]
    if not os.path.exists(LIBC_ARCHIVE):
        packages.append("libc6-dev")
    if not packages:
        return
    print(f"installing {' '.join(packages)}", flush=True)
    options = ["-qq", "-y", "--no-install-recommends", f"-oDPkg::Lock::Timeout={LOCK_SECONDS}"]
    subprocess.run(["apt-get", "update", "-qq"], check=True)
    subprocess.run(["apt-get", "install", *options, *packages], check=True,
                   env={**os.environ, "DEBIAN_FRONTEND": "noninteractive"},
                   stdout=subprocess.DEVNULL)
