"""Debian unstable's Prometheus, which heeds start times: what was counted before its first scrape, or between a restart
of the exporter and the next scrape, is an increase."""

import tempfile
import time
from pathlib import Path

from harness import ROOT, migrations
from harness.apt import Apt
from harness.commands import run
from harness.servers import Exporter
from harness.stores import prometheus
from harness.waiting import wait_for

COUNTER = 'pagemigration_reason_pages_migrated_total{reason="compaction"}'
CALLS = 'pagemigration_reason_call_duration_seconds{reason="compaction"}'
INTERVAL = 15


def check(report):
    with tempfile.TemporaryDirectory() as folder, Exporter("--collector.reasons") as exporter:
        program = fetched(ROOT / ".cache/prometheus")
        version = run(program, "--version", check=False)
        if version.returncode:
            # It is built for another Debian than this one.
            print(f"        left out: Debian unstable's Prometheus does not run here: {version.stderr.strip()[:200]}")
            return
        compact_until(exporter, 10_000)
        # Others may have memory compacted, too: so a scrape lies between two counts.
        lives = [[counted(exporter)], []]
        features = "--enable-feature=native-histograms,created-timestamp-zero-ingestion"
        with prometheus(Path(folder) / "prometheus", [exporter.address], features, program=program,
                        interval=f"{INTERVAL}s", always_scrape_classic_histograms=True) as store:
            scraped(store, 1)
            lives[0].append(counted(exporter))
            exporter.stop()
            exporter.start()
            # As many again and more: without a start time nobody would see that they began at 0.
            compact_until(exporter, lives[0][1] + 10_000)
            lives[1].append(counted(exporter))
            scraped(store, 2)
            lives[1].append(counted(exporter))
            check_increases(report, store, lives, version.stdout.split()[2])
            check_histograms(report, store)


def check_increases(report, store, lives, version):
    values = [float(value) for _, value in store.api("query", query=f"{COUNTER}[10m]")["result"][0]["values"]]
    seen = []
    for value in values:
        # A start is a sample of 0.
        seen = [*seen, 0] if value == 0 else [*seen[:-1], value]
    holds = values[0] == 0 and len(seen) == 2 and all(least <= last <= most for last, (least, most) in zip(seen, lives))
    report.check(f"Prometheus {version} sees every page that was counted since the exporter's two starts",
                 [] if holds else [f"{values}, not of {lives}"])
    if time.monotonic() > 3000:
        print("        left out: this machine was booted longer ago than an empty Prometheus takes samples of")
        return
    boot = store.api("query", query="pagemigration_pages_migrated_total[1w]")["result"][0]["values"][0]
    own = next(int(line.split()[1]) for line in open("/proc/stat") if line.startswith("btime"))
    report.check("the kernel's counters begin with 0 at the boot",
                 [] if float(boot[1]) == 0 and abs(boot[0] - own) <= 2 else [f"{boot}, booted {own}"])


def check_histograms(report, store):
    """The native buckets are finer than the classic ones, which hold powers of two."""
    now, classic = time.time(), CALLS.replace("{", "_bucket{")
    native = store.sum(f"histogram_quantile(0.5, {CALLS})", now)
    coarse = store.sum(f"histogram_quantile(0.5, sum by (le) ({classic}))", now)
    report.check(f"native and classic histograms agree: medians of {native * 1e6:.0f} and {coarse * 1e6:.0f} µs",
                 [] if coarse / 2 <= native <= coarse * 2 else ["more than a classic bucket apart"])
    counts = [store.sum(f"histogram_count({CALLS})", now), store.sum(CALLS.replace("{", "_count{"), now)]
    report.check(f"and both have the same {counts[0]:.0f} calls", [] if counts[0] == counts[1] > 0 else [str(counts)])


def counted(exporter):
    return next(int(line.split()[-1]) for line in exporter.get().splitlines() if line.startswith(COUNTER))


def compact_until(exporter, pages):
    for _ in range(20):
        if counted(exporter) >= pages:
            return
        migrations.migrate(pages)
    raise RuntimeError(f"compaction moved {counted(exporter)} pages, not {pages}")


def scraped(store, times):
    """Since its start: the counter's own scrapes, and the next one after them."""
    samples = lambda: store.sum("count_over_time(up[10m])", time.time())
    goal = samples() + times
    wait_for("scrapes", lambda: samples() >= goal, INTERVAL * (times + 3))


def fetched(cache):
    """Its program, from the cache or from Debian's archive."""
    program = cache / "usr/bin/prometheus"
    if not program.exists():
        for archive in Apt("sid", cache / "apt").download(["prometheus"]):
            run("dpkg-deb", "-x", archive, cache)
    return program
