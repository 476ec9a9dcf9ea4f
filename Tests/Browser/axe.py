"""axe-core's rules of accessibility, which a package from PyPI brings along."""

import functools
import subprocess
import sys

from harness import ROOT

REQUIREMENTS = ROOT / "Tests/Browser/requirements.txt"
FOLDER = ROOT / ".cache/axe"


@functools.cache
def source():
    """Its script alone is wanted: nothing of the package is run, and what it needs is left out."""
    installed = FOLDER / "installed"
    if not installed.exists() or installed.read_text() != REQUIREMENTS.read_text():
        subprocess.run([sys.executable, "-m", "venv", "--clear", FOLDER], check=True)
        subprocess.run([FOLDER / "bin/pip", "install", "--quiet", "--disable-pip-version-check", "--no-deps",
                        "--requirement", REQUIREMENTS], check=True)
        installed.write_text(REQUIREMENTS.read_text())
    (script,) = FOLDER.glob("lib/python*/site-packages/axe_playwright_python/axe.min.js")
    return script.read_text()


def violations(tab):
    """Each rule that is broken and where, in words."""
    tab.value(source() + "; 0")
    found = tab.value("""axe.run(document, { runOnly: ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa", "best-practice"] })
        .then(({ violations, passes }) => ({ passes: passes.length, violations: violations.map(({ id, help, nodes }) =>
            `${id}: ${help}: ${nodes.map(({ target }) => target.join(" ")).join(", ")}`) }))""")
    assert found["passes"] > 20, found
    return found["violations"]
