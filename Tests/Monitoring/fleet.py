"""A fleet on loopback: 200 exporters, one Prometheus at a 1 s interval, and VictoriaMetrics fed by remote_write.

Half of the exporters read this kernel, the others the fixture trees of other kernels.
"""

import contextlib
import math
import os
import re
import shutil
import tempfile
import time
from pathlib import Path

import files
import linter
import promql
from harness import FIXTURES
from harness.migrations import compact
from harness.servers import Exporter
from harness.stores import prometheus, victoria_metrics
from harness.trees import paths
from harness.waiting import wait_for

SIZE = 200
SHORT, LONG = 60, 300  # seconds


def check(report, long=False):
    if not shutil.which("victoria-metrics"):
        report.check("victoria-metrics is installed", ["apt-get install victoria-metrics"])
        return
    seconds = LONG if long else SHORT
    with tempfile.TemporaryDirectory() as folder, contextlib.ExitStack() as stack:
        folder = Path(folder)
        exporters = [stack.enter_context(Exporter(*flags, first=True)) for flags in flags_of_all()]
        victoria = stack.enter_context(victoria_metrics(folder / "victoria"))
        addresses = [exporter.address for exporter in exporters]
        store = stack.enter_context(prometheus(folder / "prometheus", addresses, remote=f"http://{victoria.address}/api/v1/write",
                                               sample_limit=5000))
        run = Fleet(store, victoria, exporters, seconds)
        run.watch()
        run.check_scrapes(report)
        run.check_rules(report)
        run.check_victoria(report)
        run.print_measurements()


def flags_of_all():
    trees = sorted(path for path in FIXTURES.iterdir() if (path / "proc/vmstat").exists())
    for number in range(SIZE):
        tree = trees[number // 2 % len(trees)]
        yield () if number % 2 else paths(tree)


class Fleet:
    def __init__(self, prometheus, victoria, exporters, seconds):
        self.prometheus, self.victoria, self.exporters, self.seconds = prometheus, victoria, exporters, seconds

    def watch(self):
        wait_for("all targets", lambda: self.prometheus.sum("count(up)", time.time()) == SIZE)
        self.begin = time.time()
        spent = {"exporters": self.exporter_seconds(), "Prometheus": self.prometheus.cpu_seconds()}
        time.sleep(5)
        if os.geteuid() == 0:
            compact()
        time.sleep(max(0, self.begin + self.seconds - time.time()))
        self.end = math.floor(time.time())
        self.cores = {"exporters": self.exporter_seconds() - spent["exporters"],
                      "Prometheus": self.prometheus.cpu_seconds() - spent["Prometheus"]}

    def exporter_seconds(self):
        return sum(exporter.cpu_seconds() for exporter in self.exporters)

    def check_scrapes(self, report):
        missed = [(at, SIZE - up) for _, values in self.prometheus.range("sum(up)", self.begin, self.end, 1)
                  for at, up in enumerate(values) if up < SIZE]
        report.check(f"{SIZE} exporters, every scrape of {self.seconds} s answered",
                     [f"{count:.0f} missed at second {at}" for at, count in missed])
        series = self.prometheus.instant("scrape_samples_scraped", self.end)
        report.check("an exporter has at most 250 series without reasons", [
            f"{labels['instance']}: {value}" for labels, value in series if value > 250])
        ended = [exporter.process.pid for exporter in self.exporters if exporter.process.poll() is not None]
        report.check("no exporter ended", [str(pid) for pid in ended])

    def own(self, name, store=None):
        """A metric of Prometheus itself, or of the other store: {labels: value}."""
        lines = (line for line in (store or self.prometheus).get("/metrics").splitlines() if line.startswith(name))
        return {line.rpartition(" ")[0]: float(line.rpartition(" ")[2]) for line in lines}

    def check_rules(self, report):
        groups = self.prometheus.api("rules")["groups"]
        report.check("all rules are evaluated without an error", (
            f"{rule['name']}: {rule.get('lastError')}" for group in groups for rule in group["rules"]
            if rule["health"] != "ok"))
        missed = sum(self.own("prometheus_rule_group_iterations_missed_total").values())
        report.check("no evaluation was missed", [f"{missed:.0f} missed"] if missed else [])
        counted = self.prometheus.sum("cluster:pagemigration_instances:count", self.end)
        report.check("the cluster rules count every exporter", [] if counted == SIZE else [f"{counted}"])

    def check_victoria(self, report):
        # What is on its way arrives within a flush or two.
        arrived = lambda store: store.sum(f"sum(count_over_time(up[{self.seconds - 10}s]))", self.end)
        with contextlib.suppress(TimeoutError):
            wait_for("the last samples", lambda: arrived(self.victoria) >= arrived(self.prometheus), 60)
        time.sleep(5)
        for metric in ("up", "pagemigration_pages_migrated_total", "pagemigration_node_info",
                       "pagemigration_sampled_pages_migrated_per_second_bucket",
                       "instance:pagemigration_pages_migrated:rate5m"):
            samples = f"sum(count_over_time({metric}[{self.seconds - 10}s]))"
            ours, theirs = self.prometheus.sum(samples, self.end), self.victoria.sum(samples, self.end)
            # The two count a sample on the window's edge differently: one per series.
            edge = self.prometheus.sum(f"count({metric})", self.end)
            report.check(f"the same {ours:.0f} samples of {metric} arrived in VictoriaMetrics",
                         [] if ours and abs(ours - theirs) <= edge else [f"{theirs:.0f} arrived"])
        differences, asked = [], 0
        for panel, target in linter.queries(files.board("overview")):
            expr = promql.filled(target["expr"], {"job": "page-migration", "instance": ".+"})
            expr = expr.replace(promql.RATE_INTERVAL, f"{self.seconds - 10}s")
            # Of equal series each store may choose others, so all are compared.
            expr = re.sub(r"topk\(\d+, ", "(", expr)
            ours, theirs = self.prometheus.instant(expr, self.end), self.victoria.instant(expr, self.end)
            asked += bool(ours)
            differences += [f"{panel['title']}: {what}" for what in different(ours, theirs)]
        report.check(f"the overview's {asked} queries with an answer have the same one there", differences)

    def print_measurements(self):
        seconds = self.end - self.begin
        groups = {group["name"]: group["evaluationTime"] for group in self.prometheus.api("rules")["groups"]}
        rss = [exporter.memory()[0] for exporter in self.exporters]
        series = [value for _, value in self.prometheus.instant("scrape_samples_scraped", self.end)]
        slowest = max(value for _, value in self.prometheus.instant(
            f"max_over_time(scrape_duration_seconds[{self.seconds}s])", self.end))
        head = sum(self.own("prometheus_tsdb_head_series ").values())
        stored = [sum(value for name, value in self.own(metric + "{", self.victoria).items() if "indexdb" not in name)
                  for metric in ("vm_data_size_bytes", "vm_rows")]
        print(f"""
        measured over {seconds:.0f} s at a 1 s interval on {os.cpu_count()} shared CPUs
        series per exporter        {min(series):.0f} to {max(series):.0f}
        samples per second         {sum(series):.0f}
        Prometheus                 {self.prometheus.memory()[0] / 2**10:.0f} MiB, {head:.0f} series, {self.cores['Prometheus'] / seconds:.2f} cores
        VictoriaMetrics            {self.victoria.memory()[0] / 2**10:.0f} MiB, {stored[0] / stored[1]:.2f} bytes per sample on disk
        exporters, each            {min(rss) / 2**10:.1f} to {max(rss) / 2**10:.1f} MiB, {self.cores['exporters'] / seconds / SIZE:.5f} cores
        slowest scrape             {slowest * 1000:.1f} ms
        rule evaluation            {', '.join(f'{name} {value * 1000:.1f} ms' for name, value in groups.items())}""")


def different(ours, theirs):
    """Where two answers differ by more than 4 %: the two stores extrapolate rates differently at a window's ends."""
    ours, theirs = ({frozenset(labels.items()) - {("__name__", labels.get("__name__"))}: value
                     for labels, value in answer if value == value} for answer in (ours, theirs))
    for labels in ours.keys() | theirs.keys():
        one, other = ours.get(labels), theirs.get(labels)
        if one is None or other is None or abs(one - other) > 0.04 * abs(one) + 1e-9:
            yield f"{dict(labels)}: {one} and {other}"
