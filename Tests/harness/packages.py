"""Debian packages, and what PyPI has, installed where they are missing and said so."""

import os
import shutil
import sys

from harness.commands import run

LOCK_SECONDS = 300


def install(*packages):
    missing = [package for package in packages if not _is_installed(package)]
    if not missing:
        return
    print("installing through apt:", *missing, flush=True)
    environment = os.environ | {"DEBIAN_FRONTEND": "noninteractive"}
    apt = ["apt-get", "-qq", "-y", "-o", f"DPkg::Lock::Timeout={LOCK_SECONDS}"]
    for command in (["update"], ["install", "--no-install-recommends", *missing]):
        run(*apt, *command, env=environment)


def _is_installed(package):
    return run("dpkg-query", "-W", "-f", "${db:Status-Status}", package, check=False).stdout == "installed"


def make_environment(folder, requirements, *options):
    """A virtual environment of these requirements, made once."""
    installed = folder / "installed"
    if not installed.exists() or installed.read_text() != requirements.read_text():
        run(sys.executable, "-m", "venv", "--clear", folder)
        run(folder / "bin/pip", "install", "--quiet", "--disable-pip-version-check", *options, "-r", requirements)
        shutil.copy(requirements, installed)


def enter_environment(folder, requirements):
    """Makes it, and runs this very program anew with it."""
    make_environment(folder, requirements)
    if sys.prefix != str(folder):
        os.execv(folder / "bin/python", [str(folder / "bin/python"), *sys.argv])
