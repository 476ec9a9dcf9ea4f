"""The Prometheus files: promtool's own checks, and that the alerts' tests sit close to their thresholds."""

import re
import shutil
import tempfile
from pathlib import Path

import yaml

import files

THRESHOLD = re.compile(r"(?<=[<>] )(?!0\b(?!\.))[\d.]+")


def check(report):
    rule_files = [files.PROMETHEUS / "recording.yml", files.PROMETHEUS / "alerts.yml"]
    report.check("promtool check rules", files.problems_of("promtool", "check", "rules", "--lint=all", *rule_files))
    configs = sorted(files.PROMETHEUS.glob("prometheus-*.yml"))
    report.check("there are scrape configurations", [] if len(configs) > 2 else [f"only {configs}"])
    for path in configs:
        report.check(f"promtool check config {path.name}", config_problems(path))
    for path in tests():
        report.check(f"promtool test rules {path.name}", files.problems_of("promtool", "test", "rules", path))
    if shutil.which("vmalert") and shutil.which("vmagent"):
        report.check("vmalert reads the rules, and vmagent the configuration for VictoriaMetrics", [
            *files.problems_of("vmalert", "-dryRun", *(f"-rule={path}" for path in rule_files)),
            *files.problems_of("vmagent", "-dryRun", "-promscrape.config.strictParse=false", "-remoteWrite.url=http://127.0.0.1:1/",
                               f"-promscrape.config={files.PROMETHEUS / 'prometheus-victoriametrics.yml'}")])
    report.check("recording rules are named level:metric:operations", misnamed())
    report.check("each alert has severity, summary, description and runbook", incomplete())
    report.check("each alert has a case that fires and one that does not", untested())
    report.check("each threshold moved by a tenth fails a test", loose())
    report.check("README's table has every alert and its thresholds", undocumented())


def tests():
    return sorted((files.PROMETHEUS / "tests").glob("*.yml"))


def config_problems(path):
    """Where promtool is built without Kubernetes, as Debian's is, that one block is left out (see deployment.py)."""
    problems = files.problems_of("promtool", "check", "config", path)
    if any("kubernetes_sd_configs not found in type" in line for line in problems):
        config = yaml.safe_load(path.read_text())
        for job in config["scrape_configs"]:
            del job["kubernetes_sd_configs"]
        with tempfile.TemporaryDirectory() as folder:
            for name in config["rule_files"]:
                shutil.copy(path.with_name(name), folder)
            (Path(folder) / path.name).write_text(yaml.safe_dump(config))
            return files.problems_of("promtool", "check", "config", Path(folder) / path.name)
    return problems


def misnamed():
    for rule in files.rules():
        if "record" in rule and not re.fullmatch(
                r"(instance|cluster)(_reason(_cause)?)?:pagemigration_\w+:(rate|ratio_rate)\d+m|cluster:\w+:count", rule["record"]):
            yield rule["record"]


def incomplete():
    base = (files.RUNBOOKS / "base-url").read_text().strip()
    for alert in files.alerts():
        name, notes = alert["alert"], alert.get("annotations", {})
        wanted = {
            "severity": alert.get("labels", {}).get("severity") in ("critical", "warning", "info"),
            "a static summary, a sentence": re.fullmatch(r"[A-Z][^{}]+\.", notes.get("summary", "")),
            "a description": notes.get("description", "").endswith("."),
            "its runbook's address": notes.get("runbook_url") == f"{base}{name}.md",
            "a runbook": (files.RUNBOOKS / f"{name}.md").is_file() and (files.RUNBOOKS / f"{name}.md").stat().st_size,
            "a name that begins with PageMigration": name.startswith("PageMigration"),
            "a `for`": "for" in alert,
        }
        yield from (f"{name} lacks {what}" for what, good in wanted.items() if not good)
    # The rules of explain have runbooks, too, some of them beside an alert's.
    rules = "".join(path.read_text() for path in (files.ROOT / "Sources/Explain/Rules").glob("*.swift"))
    names = {alert["alert"] for alert in files.alerts()} | set(re.findall(r'runbook: "(\w+)"', rules))
    for page in files.RUNBOOKS.glob("Page*.md"):
        if page.stem not in names:
            yield f"{page.name} belongs to no alert and no rule"


def cases(name):
    """What the tests expect of an alert: True where it fires."""
    return [bool(case.get("exp_alerts")) for path in tests() for test in files.loaded(path)["tests"]
            for case in test.get("alert_rule_test", []) if case["alertname"] == name]


def untested():
    for alert in files.alerts():
        found = cases(alert["alert"])
        if not any(found) or all(found):
            yield f"{alert['alert']}: {found.count(True)} that fire, {found.count(False)} that do not"


def loose():
    """Thresholds that can be moved by a tenth without a test noticing. Thresholds of 0 cannot be moved so."""
    for alert in files.alerts():
        for place in THRESHOLD.finditer(alert["expr"]):
            for factor in (0.9, 1.1):
                moved = f"{float(place[0]) * factor:.10g}"
                expr = alert["expr"][:place.start()] + moved + alert["expr"][place.end():]
                if passes_with(alert["alert"], expr):
                    yield f"{alert['alert']}: {place[0]} could as well be {moved}"


def passes_with(name, expr):
    """Whether the tests of an alert still pass when its expression is another."""
    rules = yaml.safe_load((files.PROMETHEUS / "alerts.yml").read_text())
    for group in rules["groups"]:
        for rule in group["rules"]:
            if rule["alert"] == name:
                rule["expr"] = expr
    with tempfile.TemporaryDirectory() as folder:
        folder = Path(folder)
        (folder / "tests").mkdir()
        shutil.copy(files.PROMETHEUS / "recording.yml", folder)
        (folder / "alerts.yml").write_text(yaml.safe_dump(rules))
        copies = [shutil.copy(path, folder / "tests") for path in tests() if name in path.read_text()]
        return files.run("promtool", "test", "rules", *copies)[0] == 0


def undocumented():
    readme = (files.PROMETHEUS / "README.md").read_text()
    for alert in files.alerts():
        row = re.search(rf"^\| \[?`?{alert['alert']}\b.*$", readme, re.M)
        if not row:
            yield f"{alert['alert']} has no row"
            continue
        for place in THRESHOLD.finditer(alert["expr"]):
            if f"`{place[0]}`" not in row[0]:
                yield f"{alert['alert']}: its row lacks `{place[0]}`"
        if f"`{alert['for']}`" not in row[0]:
            yield f"{alert['alert']}: its row lacks `{alert['for']}`"
