"""Reads what the exporter serves: text format 0.0.4, as far as the exporter writes it."""

import re

from harness.migrations import vmstat

SAMPLE = re.compile(r'([a-zA-Z_:][\w:]*)(?:\{(.*)\})? (\S+)$')
LABEL = re.compile(r'(\w+)="((?:[^"\\]|\\.)*)"')


def parse(text):
    """{(name, labels): value as text}. Text, because a counter's digits must be the kernel's own."""
    metrics = {}
    for line in text.splitlines():
        if not line or line.startswith("#"):
            continue
        match = SAMPLE.match(line)
        if not match:
            raise ValueError(f"not a sample: {line}")
        name, labels, value = match.groups()
        key = name, frozenset(LABEL.findall(labels or ""))
        if key in metrics:
            raise ValueError(f"twice in one exposition: {line}")
        metrics[key] = value
    return metrics


def by_labels(metrics, name, *labels):
    """{the values of these labels: number} of one metric of those that were parsed."""
    return {tuple(dict(pairs)[label] for label in labels): int(value) if value.isdigit() else float(value)
            for (known, pairs), value in metrics.items() if known == name}


def check_counters(server):
    """The program tells this kernel's own numbers."""
    before = vmstat()["pgmigrate_success"]
    shown = int(parse(server.get("/metrics"))["pagemigration_pages_migrated_total", frozenset()])
    after = vmstat()["pgmigrate_success"]
    assert before <= shown <= after, (before, shown, after)
