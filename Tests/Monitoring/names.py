"""Every metric and label named in dashboards, rules and documents is one that METRICS.md promises."""

import re
from pathlib import Path

import files
import linter
import promql

# Prometheus's own, and the labels that a target gets from a scrape configuration.
PROMETHEUS_METRICS = {"up", "ALERTS", "scrape_duration_seconds", "scrape_samples_scraped"}
TARGET_LABELS = {"job", "instance", "node", "pod", "le", "__name__", "alertname", "alertstate"}
METRIC = re.compile(r"(?<![:\w])(?:pagemigration|process)_\w+(?![\w:*])")


def check(report):
    metrics, labels = known()
    report.check("METRICS.md was understood", [] if len(metrics) > 60 and len(labels) > 10 else
                 [f"{len(metrics)} metrics, {len(labels)} labels"])
    recorded = {rule["record"] for rule in files.rules() if "record" in rule}
    for where, exprs in sources():
        report.check(f"metrics and labels exist: {where}", unknown(exprs, metrics | recorded, labels))
    report.check("metrics exist: runbooks and README files", unknown_in_documents(metrics, recorded))


def known():
    """The metrics and labels of METRICS.md, or of the design's list until there is one."""
    text = (files.ROOT / "METRICS.md").read_text()
    if "pagemigration_" not in text:
        text = Path(__file__).with_name("names-until-documented.txt").read_text()
    metrics = {part for part in METRIC.findall(text)}
    labels = {name for part in re.findall(r"\w+\{([^}]*)\}", text) for name in re.findall(r"(\w+)(?==|,|$)", part)}
    return metrics, labels


def sources():
    for name in files.BOARDS:
        board = files.board(name)
        yield name, [target["expr"] for panel in linter.panels(board) for target in linter.targets(panel)]
    yield "rules", [rule["expr"] for rule in files.rules()]


def unknown(exprs, metrics, labels):
    for expr in exprs:
        expr = promql.filled(expr)
        for metric, matchers, _ in promql.selectors(expr):
            base = re.sub(r"_(bucket|sum|count)$", "", metric)
            if metric not in metrics | PROMETHEUS_METRICS and base not in metrics:
                yield f"no metric {metric}"
            yield from (f"no label {name}, of {metric}" for name in matchers if name not in labels | TARGET_LABELS)
        yield from (f"no label {name}" for name in promql.grouping_labels(expr) if name not in labels | TARGET_LABELS)


def unknown_in_documents(metrics, recorded):
    for path in [*files.DEPLOY.rglob("*.md"), files.ROOT / "dashboards/README.md"]:
        text = path.read_text()
        for metric in METRIC.findall(text):
            if metric not in metrics and re.sub(r"_(bucket|sum|count)$", "", metric) not in metrics:
                yield f"{path.relative_to(files.ROOT)}: no metric {metric}"
        for name in re.findall(r"\b\w+:pagemigration_\w+:\w+", text):
            if name not in recorded:
                yield f"{path.relative_to(files.ROOT)}: no recording rule {name}"
