"""Packages of other Debian suites than this machine's: fetched, never installed."""

import re

from harness.commands import run

KEYRING = "/usr/share/keyrings/debian-archive-keyring.gpg"


class Apt:
    """apt with a state of its own, so that the machine's sources and packages stay as they are."""

    def __init__(self, suite, scratch):
        self.suite, self.scratch = suite, scratch
        for part in ("lists/partial", "archives/partial"):
            (scratch / part).mkdir(parents=True, exist_ok=True)
        (scratch / "status").write_text("")
        (scratch / "sources.list").write_text(
            f"deb [signed-by={KEYRING}] {debian_mirror()} {suite} main\n")
        self._run("apt-get", "update", "-qq")

    def depends(self, package):
        return re.findall(r"Depends: (\S+)", self._run("apt-cache", "depends", "--important", package))

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
        return run(program, *(f"-o{name}={value}" for name, value in options.items()), *arguments, cwd=self.scratch).stdout


def debian_mirror():
    """The mirror this machine already uses."""
    form = "$(ORIGIN)/$(LABEL) $(REPO_URI)"
    for line in run("apt-get", "indextargets", "--format", form, "Identifier: Packages").stdout.splitlines():
        archive, address = line.split()
        if archive == "Debian/Debian":
            return address
    raise SystemExit("this machine's apt sources name no Debian mirror")
