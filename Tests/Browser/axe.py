"""axe-core's rules of accessibility, which a package from PyPI brings along."""

import functools

from harness import ROOT
from harness.packages import make_environment

REQUIREMENTS = ROOT / "Tests/Browser/requirements.txt"
FOLDER = ROOT / ".cache/axe"


@functools.cache
def source():
    """Its script alone is wanted: nothing of the package is run, and what it needs is left out."""
    make_environment(FOLDER, REQUIREMENTS, "--no-deps")
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
