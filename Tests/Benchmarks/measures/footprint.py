"""Memory, start and rest."""

import socket
import statistics
import subprocess
import tempfile
import time
from pathlib import Path

from harness import EXPORTER
from harness.commands import run
from harness.servers import Exporter
from harness.waiting import free_port
from measures.load import PROMETHEUS_HEADERS
from measures.processes import NODE_EXPORTER, node_exporter
from measures.scraping import Scraper


def footprint(report, scrapes, starts, idle_seconds, fill):
    memory(report, scrapes)
    start(report, starts)
    rest(report, idle_seconds, fill)


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
    report.section(
        "How soon after exec is the first scrape answered?",
        f"Milliseconds, of {times} starts in turn. What is asked is asked once the log says that the program listens: asking "
        "until it answers would keep the other processor busy, and slow it.")
    with tempfile.TemporaryDirectory() as folder:
        stripped = Path(folder) / "page-migration-exporter"
        run("strip", "-o", stripped, EXPORTER)
        commands = {"this exporter, stripped": [stripped], "node_exporter": NODE_EXPORTER}
        took = {name: [] for name in commands}
        for _ in range(times):
            for name, command in commands.items():
                took[name].append(_milliseconds_to_scrape(command))
    report.table(
        ["", "median", "least"],
        [[name, f"{statistics.median(all):.1f}", f"{min(all):.1f}"] for name, all in took.items()],
    )


def _milliseconds_to_scrape(command):
    port = free_port()
    before = time.monotonic()
    process = subprocess.Popen(
        [*command, f"--web.listen-address=127.0.0.1:{port}"], stdout=subprocess.DEVNULL, stderr=subprocess.PIPE)
    try:
        while f"127.0.0.1:{port}".encode() not in process.stderr.readline():
            pass
        with socket.create_connection(("127.0.0.1", port)) as client:
            client.sendall(b"GET /metrics HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n\r\n")
            answer = b"".join(iter(lambda: client.recv(65536), b""))
        after = time.monotonic()
    finally:
        process.terminate()
        process.wait()
        process.stderr.close()
    assert answer.startswith(b"HTTP/1.1 200 "), answer[:100]
    return (after - before) * 1e3


def rest(report, seconds, fill):
    report.section(
        "What does it cost between scrapes?",
        f"CPU time of {seconds} s, as a part of one core, by the sampler's interval, {fill} s after the start: its longest window has "
        "five minutes. Scrapes are a Prometheus server's, on a connection that stays.")
    programs = [
        *(Exporter(f"--collector.rates.interval={interval}", name=name)
          for interval, name in (("0", "no sampler"), ("1s", "sampler, 1s (default)"), ("100ms", "sampler, 100ms"))),
        node_exporter(),
    ]  # fmt: skip
    time.sleep(fill)
    scrapers = []
    rows = [[program.name] for program in programs]
    for pause in (None, 15):
        if pause:
            scrapers = [Scraper(program, PROMETHEUS_HEADERS) for program in programs]
        before = [program.cpu_seconds() for program in programs]
        for _ in range(max(1, seconds // (pause or seconds))):
            for scraper in scrapers:
                scraper.scrape()
            time.sleep(pause or seconds)
        span = max(seconds, pause or 0)
        for row, program, used in zip(rows, programs, before):
            row.append(f"{(program.cpu_seconds() - used) / span * 100:.4f} %")
    for program in programs:
        program.stop()
    report.table(["", "not scraped", "scraped every 15 s"], rows)
