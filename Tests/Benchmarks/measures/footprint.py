"""Memory, start and rest."""

import statistics
import time

from harness import EXPORTER
from harness.servers import Exporter, Server
from harness.waiting import free_port
from measures.load import PROMETHEUS_HEADERS
from measures.processes import node_exporter
from measures.scraping import Scraper


def footprint(report, scrapes, starts, idle_seconds):
    memory(report, scrapes)
    start(report, starts)
    rest(report, idle_seconds)


def memory(report, scrapes):
    """Half of the scrapes are plain, half are a Prometheus server's."""
    report.section("How much memory?", "In kB: resident, and the anonymous part of it, which is the program's own.")
    programs = [Exporter(), node_exporter()]
    rows = []
    for program in programs:
        with program:
            scrapers = [Scraper(program), Scraper(program, PROMETHEUS_HEADERS)]
            done, row = 0, [program.name]
            for goal in scrapes:
                # The first scrape was that which found the program ready.
                for scraper in scrapers:
                    scraper.scrape((goal - done) // 2)
                done = goal
                row.append("{} / {}".format(*program.memory()))
            rows.append(row)
    report.table(["", *(f"after {goal:,}".replace(",", " ") for goal in scrapes)], rows)


def start(report, times):
    report.section("How soon after exec is the first scrape answered?", f"Milliseconds, of {times} starts in turn.")
    took = {}
    for _ in range(times):
        for begin in (_exporter_at, node_exporter):
            port = free_port()
            before = time.monotonic()
            with begin(port) as program:
                took.setdefault(program.name, []).append((program.answered - before) * 1e3)
    report.table(
        ["", "median", "least"],
        [[name, f"{statistics.median(all):.1f}", f"{min(all):.1f}"] for name, all in took.items()],
    )


def rest(report, seconds):
    report.section(
        "What does it cost at rest?", f"CPU time of {seconds} s without a scrape, as a part of one core, by the sampler's interval."
    )
    intervals = ["0", "1s", "100ms"]
    programs = [Exporter(f"--collector.rates.interval={interval}") for interval in intervals]
    before = [program.cpu_seconds() for program in programs]
    time.sleep(seconds)
    after = [program.cpu_seconds() for program in programs]
    for program in programs:
        program.stop()
    report.table(
        ["sampler", "CPU"],
        [
            ["off" if interval == "0" else interval, f"{(b - a) / seconds * 100:.4f} %"]
            for interval, a, b in zip(intervals, before, after)
        ],
    )


def _exporter_at(port):
    # Its log, which tells the port, is not waited for.
    return Server(EXPORTER, f"--web.listen-address=127.0.0.1:{port}", port=port)
