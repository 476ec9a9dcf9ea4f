"""Reads what the exporter serves: text format 0.0.4, as far as the exporter writes it."""

import re

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
