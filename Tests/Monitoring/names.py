"""Every metric and label named in dashboards, rules and documents is one that METRICS.md promises."""

import re

import files
import linter
import promql

# Prometheus's own, and the labels that a target gets from a scrape configuration.
PROMETHEUS_METRICS = {"up", "ALERTS", "scrape_duration_seconds", "scrape_samples_scraped"}
TARGET_LABELS = {"job", "instance", "node", "pod", "le", "__name__", "alertname", "alertstate"}
METRIC = re.compile(r"(?<![:\w])(?:pagemigration|process)_\w+(?![\w:*])")


def check(report):
    promised = known()
    report.check("METRICS.md was understood", [] if len(promised) > 80 and promised.get(
        "pagemigration_reason_calls_total") == {"reason", "mode"} else [f"{len(promised)} metrics"])
    recorded = {rule["record"] for rule in files.rules() if "record" in rule}
    for where, exprs in sources():
        report.check(f"metrics and labels exist: {where}", unknown(exprs, promised, recorded))
    report.check("metrics exist: runbooks and README files", unknown_in_documents(promised, recorded))


def known():
    """{metric: its labels}, from the tables of METRICS.md."""
    rows = re.findall(r"^\| `((?:pagemigration|process)_\w+)` \| \w+ \|([^|]*)\|", (files.ROOT / "METRICS.md").read_text(), re.M)
    return {metric: set(re.findall(r"`(\w+)`", labels)) for metric, labels in rows}


def sources():
    for name in files.BOARDS:
        yield name, [target["expr"] for _, target in linter.queries(files.board(name))]
    yield "rules", [rule["expr"] for rule in files.rules()]


def family(metric):
    """The name in METRICS.md: a histogram's without its suffix."""
    return re.sub(r"_(bucket|sum|count)$", "", metric)


def unknown(exprs, promised, recorded):
    everywhere = set().union(*promised.values()) | TARGET_LABELS
    for expr in map(promql.filled, exprs):
        for metric, matchers, _ in promql.selectors(expr):
            labels = promised.get(metric, promised.get(family(metric)))
            if labels is not None:
                yield from (f"{metric} has no label {name}" for name in matchers if name not in labels | TARGET_LABELS)
            elif metric not in PROMETHEUS_METRICS | recorded:
                yield f"no metric {metric}"
        yield from (f"no metric has the label {name}" for name in promql.grouping_labels(expr) if name not in everywhere)


def unknown_in_documents(promised, recorded):
    for path in [*files.DEPLOY.rglob("*.md"), files.ROOT / "dashboards/README.md"]:
        text, where = path.read_text(), path.relative_to(files.ROOT)
        yield from (f"{where}: no metric {metric}" for metric in METRIC.findall(text)
                    if metric not in promised and family(metric) not in promised)
        yield from (f"{where}: no recording rule {name}"
                    for name in re.findall(r"\b\w+:pagemigration_\w+:\w+", text) if name not in recorded)
