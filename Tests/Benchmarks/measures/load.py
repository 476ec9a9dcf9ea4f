"""Load by wrk, and what the server used meanwhile."""

import re
import statistics
from dataclasses import dataclass

from harness.commands import run

# What a Prometheus server sends with each scrape (Prometheus 2.53).
PROMETHEUS_HEADERS = {
    "User-Agent": "Prometheus/2.53.0",
    "Accept": "application/openmetrics-text;version=1.0.0;q=0.5,"
    "application/openmetrics-text;version=0.0.1;q=0.4,text/plain;version=0.0.4;q=0.3,*/*;q=0.2",
    "Accept-Encoding": "gzip",
    "X-Prometheus-Scrape-Timeout-Seconds": "10",
}


@dataclass
class Load:
    """What one run of wrk saw."""

    requests: int
    per_second: float
    p50_us: float
    p99_us: float
    cpu_us: float
    """CPU time of the server per request."""


def put_under_load(program, seconds, connections=4, headers=None):
    argv = ["wrk", "-t1", f"-c{connections}", f"-d{seconds}s", "--latency"]
    for name, value in (headers or {}).items():
        argv += ["-H", f"{name}: {value}"]
    before = program.cpu_seconds()
    text = run(*argv, program.url).stdout
    cpu = program.cpu_seconds() - before
    if "Non-2xx" in text or "Socket errors" in text:
        raise RuntimeError(f"{program.name} did not answer all:\n{text}")
    requests = int(re.search(r"(\d+) requests in", text)[1])
    return Load(
        requests,
        float(re.search(r"Requests/sec:\s+([\d.]+)", text)[1]),
        _microseconds(re.search(r"^ +50% +(\S+)", text, re.M)[1]),
        _microseconds(re.search(r"^ +99% +(\S+)", text, re.M)[1]),
        cpu / requests * 1e6,
    )


def alternate(programs, rounds, seconds, **options):
    """Each program in turn, again and again, so that a busy minute of the machine hits all alike."""
    runs = {program.name: [] for program in programs}
    for _ in range(rounds):
        for program in programs:
            runs[program.name].append(put_under_load(program, seconds, **options))
    return runs


def median(runs, value):
    return statistics.median(getattr(run, value) for run in runs)


def ratio(runs, others, value):
    """The median of the rounds' ratios: the two of a round ran one after the other."""
    pairs = zip(runs, others)
    return statistics.median(getattr(one, value) / getattr(other, value) for one, other in pairs)


def _microseconds(text):
    number, unit = re.fullmatch(r"([\d.]+)(us|ms|s|m)", text).groups()
    return float(number) * {"us": 1, "ms": 1e3, "s": 1e6, "m": 60e6}[unit]
