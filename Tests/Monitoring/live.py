"""Every query, asked of a real Prometheus that scrapes the real exporter through a real migration."""

import os
import tempfile
import time
from pathlib import Path

import files
import linter
import promql
from harness import FIXTURES, migrations
from harness.servers import Exporter, go_first
from harness.stores import prometheus
from harness.trees import paths
from harness.waiting import wait_for

WINDOW = 60  # seconds at least; $__rate_interval while we ask


def check(report):
    if os.geteuid() != 0:
        report.check("live tests run as root", ["compact_memory cannot be written otherwise"])
        return
    go_first()
    with tempfile.TemporaryDirectory() as folder:
        folder = Path(folder)
        with Exporter("--collector.causes", first=True) as exporter, \
             prometheus(folder / "prometheus", [exporter.address], sample_limit=5000) as store:
            wait_for("the first scrape", lambda: store.instant("pagemigration_pages_migrated_total", time.time()))
            run = Run(store, exporter.address)
            run.migrate()
            run.check_queries(report)
            run.check_rules(report)
            run.check_numbers(report)
            run.check_variables(report)
        check_size(report)


def check_size(report):
    """A host with two nodes: another kernel's files, and this kernel's reasons."""
    tree = paths(FIXTURES / "debian-7.2-two-nodes")
    for flags, budget in ((), 250), (("--collector.reasons",), 600):
        with Exporter(*tree, *flags) as exporter:
            text = exporter.get()
        # Rates and peaks of five counters come later, when their windows are full: 10 s, 1 min, 5 min.
        series = sum(not line.startswith("#") for line in text.splitlines()) + 5 * 3 + 5 * 2
        report.check(f"two nodes, {' '.join(flags) or 'default collectors'}: {series} series, {budget} at most",
                     [] if series <= budget else ["too many"])


class Run:
    """One migration, with quiet before and after, all inside one window."""

    def __init__(self, prometheus, address):
        self.prometheus, self.started = prometheus, time.time()
        self.variables = {"job": "page-migration", "instance": address, "node": ".+", "pages": "1"}

    def migrate(self):
        migrations.move_huge_pages()  # The first touch of a virtual machine's memory is slow, and would outlast the window.
        time.sleep(5)
        self.kernel_before = migrations.vmstat()
        self.begin = time.time()
        time.sleep(3)
        migrations.storm(WINDOW - 35)
        time.sleep(max(4, self.begin + WINDOW - time.time()))
        self.kernel_after = migrations.vmstat()
        self.end = time.time()
        self.window = round(self.end - self.begin)
        time.sleep(2)

    def fill(self, expr):
        return promql.filled(expr, self.variables).replace(promql.RATE_INTERVAL, f"{self.window}s")

    def answer(self, target):
        """Whether the query answers anything but NaN, in pages or in bytes."""
        self.variables["pages"] = "0" if "vector($pages) == 0" in target["expr"] else "1"
        expr = self.fill(target["expr"])
        if target.get("instant"):
            return any(value == value for _, value in self.prometheus.instant(expr, self.end))
        return any(value == value for _, values in self.prometheus.range(expr, self.begin, self.end, 2)
                   for value in values)

    def check_queries(self, report):
        asked = [(name, panel["title"], target) for name in files.BOARDS
                 for panel, target in linter.queries(files.board(name))]
        failed, empty = [], []
        for name, title, target in asked:
            try:
                if not self.answer(target):
                    legend = target["legendFormat"]
                    empty.append((name, title, target["refId"] if legend == "__auto" else legend))
            except RuntimeError as error:
                failed.append(f"{name}, {title}: {error}")
        report.check(f"Prometheus understands all {len(asked)} queries of the panels", failed)
        report.check("no panel's query is empty but for the exceptions", (
            f"{name}, {title}, {legend!r}" for name, title, legend in empty
            if not any(self.holds(e, name, title, legend) for e in files.exceptions("empty"))))
        report.check("every exception for an empty query is needed, or does not apply here", (
            f"{e['panel']}: answers although {e['when']}" for e in files.exceptions("empty")
            if self.applies(e) and not any(self.holds(e, *place) for place in empty)))

    def holds(self, exception, name, title, legend):
        return (self.applies(exception) and title == exception["panel"]
                and legend in exception.get("queries", [legend]))

    def applies(self, exception):
        """The condition under which a query may be empty, looked up on this machine."""
        delta = lambda field: self.kernel_after.get(field, 0) - self.kernel_before.get(field, 0)
        return {
            "the host is healthy": True,
            "the exporter ran less than five minutes": self.end - self.started < 300,
            "the kernel has no CMA": "cma_alloc_success" not in self.kernel_after,
            "no host fails more than 100 pages a second": not self.prometheus.range(
                self.fill(f"rate(pagemigration_pages_failed_total[{promql.RATE_INTERVAL}]) > 100"), self.begin, self.end, 2),
            "no NUMA hint fault happened": delta("numa_hint_faults") == 0,
            # Locked-down kernels let nothing be attached to their functions: the guests' tests count waits and devices.
            "no wait is counted": not self.prometheus.instant("pagemigration_wait_seconds_count", self.end),
            "no counter is read per CPU": not self.prometheus.instant("pagemigration_cpu_node_pages_migrated_total", self.end),
            "no move of a device is counted": not self.prometheus.instant("pagemigration_device_calls_total", self.end),
            "no huge page was tried": delta("thp_migration_success") + delta("thp_migration_fail") == 0,
        }[exception["when"]]

    def check_rules(self, report):
        rules = [rule for group in self.prometheus.api("rules")["groups"] for rule in group["rules"]]
        report.check(f"Prometheus evaluates all {len(rules)} rules without an error", (
            f"{rule['name']}: {rule.get('lastError') or rule['health']}" for rule in rules if rule["health"] != "ok"))
        report.check("it loaded every rule", [] if len(rules) == len(files.rules()) else [f"{len(rules)}"])
        excepted = {name for e in files.exceptions("absent") if self.applies(e) for name in e["metrics"]}
        report.check("every recording rule records", (
            rule["record"] for rule in files.rules() if "record" in rule and rule["record"] not in excepted
            and not any(values for _, values in self.prometheus.range(rule["record"], self.begin, self.end, 2))))
        # An alert that does not fire is empty, and should be; what it looks at must be there.
        report.check("every series that an alert looks at exists", (
            f"{alert['alert']}: {metric}" for alert in files.alerts()
            for metric, _, _ in promql.selectors(alert["expr"])
            if metric not in excepted and not self.prometheus.range(metric, self.begin, self.end, 2)))
        report.check("every exception for an absent metric is needed", (
            metric for metric in excepted if self.prometheus.range(metric, self.begin, self.end, 2)))
        firing = self.prometheus.instant('ALERTS{alertstate="firing"}', self.end)
        report.check("a storm of a minute fires no alert", [str(labels) for labels, _ in firing])

    def check_numbers(self, report):
        """Main panels against what /proc/vmstat said before and after, in the window of the migrations."""
        moved = {field: self.kernel_after[field] - self.kernel_before[field] for field in self.kernel_after}
        page = os.sysconf("SC_PAGESIZE")
        report.check("the kernel moved pages, and failed to", [] if min(
            moved["pgmigrate_success"], moved["pgmigrate_fail"]) > 100 else [str(moved["pgmigrate_success"])])
        self.variables["pages"] = "1"
        expected = [
            ("overview", "Pages moved and failed", "moved", moved["pgmigrate_success"]),
            ("overview", "Pages moved and failed", "failed", moved["pgmigrate_fail"]),
            ("overview", "Memory moved", "moved", moved["pgmigrate_success"] * page),
            ("overview", "Huge pages per second: what became of them", "moved whole", moved["thp_migration_success"]),
            ("host", "Pages moved", "moved", moved["pgmigrate_success"]),
            ("host", "Memory moved", "moved", moved["pgmigrate_success"] * page),
            ("host", "Pages failed: mean and peak", "mean between scrapes", moved["pgmigrate_fail"]),
            ("host", "Huge pages per second: what became of them", "moved whole", moved["thp_migration_success"]),
            ("host", "Compaction work", "isolated", moved["compact_isolated"]),
            ("host", "Direct compaction", "stalls", moved["compact_stall"]),
            ("overview", "Pages moved by reason", None, moved["pgmigrate_success"]),
            ("host", "Pages failed by reason", None, moved["pgmigrate_fail"]),
        ]
        for name, title, legend, kernel in expected:
            shown = self.prometheus.sum(self.fill(expression_of(name, title, legend)), self.end) * self.window
            # Prometheus stretches what it saw to the whole window: up to two scrapes of sixty.
            report.check(f"{name}, {title}, {legend or 'sum'}: {kernel} by the kernel", [] if
                         abs(shown - kernel) <= 0.04 * kernel + 1 else [f"the panel shows {shown:.0f}"])
        share = self.prometheus.sum(self.fill(expression_of("overview", "Failure share")), self.end)
        wanted = moved["pgmigrate_fail"] / (moved["pgmigrate_fail"] + moved["pgmigrate_success"])
        report.check(f"overview, Failure share: {wanted:.4f} by the kernel",
                     [] if abs(share - wanted) < 0.01 * wanted + 1e-6 else [f"the panel shows {share}"])

    def check_variables(self, report):
        """The dashboards' variables find this job, this instance and a node."""
        for name, label in (("job", "job"), ("instance", "instance"), ("node", "numa_node")):
            variable = linter.variables(files.board("host"))[name]
            metric = self.fill(variable["query"]["query"]).removeprefix("label_values(").rpartition(",")[0]
            found = {labels.get(label) for labels, _ in self.prometheus.instant(metric, self.end)}
            report.check(f"the variable {name} has values", [] if found - {None} else [f"{metric}: {found}"])


def expression_of(name, title, legend=None):
    return next(target["expr"] for panel, target in linter.queries(files.board(name))
                if panel["title"] == title and legend in (None, target["legendFormat"]))
