"""Debian packages, and what PyPI has, installed where they are missing and said so."""

import os
import shutil
import subprocess
import sys

LOCK_SECONDS = 300


def install(*packages):
    missing = [package for package in packages if not _is_installed(package)]
    if not missing:
        return
    print("installing through apt:", *missing, flush=True)
    environment = os.environ | {"DEBIAN_FRONTEND": "noninteractive"}
    apt = ["apt-get", "-qq", "-y", "-o", f"DPkg::Lock::Timeout={LOCK_SECONDS}"]
    for command in (["update"], ["install", "--no-install-recommends", *missing]):
        subprocess.run([*apt, *command], env=environment, stdout=subprocess.DEVNULL, check=True)


def _is_installed(package):
    status = subprocess.run(["dpkg-query", "-W", "-f", "${db:Status-Status}", package], capture_output=True, text=True)
    return status.stdout == "installed"


def enter_environment(folder, requirements):
    """Makes a virtual environment of these requirements, once, and runs this very program anew with it."""
    installed = folder / "installed"
    if not installed.exists() or installed.read_text() != requirements.read_text():
        shutil.rmtree(folder, ignore_errors=True)
        folder.parent.mkdir(parents=True, exist_ok=True)
        subprocess.run([sys.executable, "-m", "venv", folder], check=True)
        subprocess.run([folder / "bin/pip", "install", "--quiet", "--disable-pip-version-check", "-r", requirements],
                       check=True)
        shutil.copy(requirements, installed)
    if sys.prefix != str(folder):
        os.execv(folder / "bin/python", [str(folder / "bin/python"), *sys.argv])
