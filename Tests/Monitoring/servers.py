"""Starts and stops the programs of the live tests: exporters, Prometheus, VictoriaMetrics. All listen on loopback."""

import contextlib
import json
import os
import re
import socket
import subprocess
import time
import urllib.error
import urllib.parse
import urllib.request
from pathlib import Path

import yaml

import files

EXPORTER = files.ROOT / ".build/release/page-migration-exporter"


def get(url, timeout=30):
    with urllib.request.urlopen(url, timeout=timeout) as answer:
        return answer.read().decode()


def free_port():
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return probe.getsockname()[1]


def wait_for(what, question, seconds=60):
    """Asks until the answer is true."""
    end = time.monotonic() + seconds
    while time.monotonic() < end:
        try:
            if answer := question():
                return answer
        except OSError:
            pass
        time.sleep(0.1)
    raise TimeoutError(f"waited {seconds} s for {what}")


def go_first():
    """Real-time scheduling for this process and those it starts."""
    with contextlib.suppress(OSError):  # Some containers forbid it.
        os.sched_setscheduler(0, os.SCHED_RR, os.sched_param(1))


@contextlib.contextmanager
def program(log, *command):
    """A running program whose output goes to `log`; stopped, and killed if it does not stop.

    As root it runs under the real-time scheduler, before the machine's other work: a build beside it would cost
    scrapes at a 1 s interval, and say nothing of the exporter.
    """
    with open(log, "wb") as output:
        process = subprocess.Popen([str(part) for part in command], stdout=output, stderr=output,
                                   preexec_fn=go_first if os.geteuid() == 0 else None)
    try:
        yield process
    finally:
        process.terminate()
        try:
            process.wait(20)
        except subprocess.TimeoutExpired:
            process.kill()
            process.wait()


@contextlib.contextmanager
def exporter(log, *flags):
    """Yields (address, process) once the exporter says where it listens."""
    with program(log, EXPORTER, "serve", "--web.listen-address=127.0.0.1:0", *flags) as process:
        def address():
            if process.poll() is not None:
                raise RuntimeError(f"the exporter ended: {Path(log).read_text()}")
            found = re.search(r"address=(127\.0\.0\.1:\d+)", Path(log).read_text())
            return found and found[1]
        yield wait_for("the exporter's address", address), process


class Store:
    """The query API that Prometheus and VictoriaMetrics share."""

    def __init__(self, port, process):
        self.url, self.process = f"http://127.0.0.1:{port}", process

    def api(self, path, **parameters):
        try:
            answer = json.loads(get(f"{self.url}/api/v1/{path}?{urllib.parse.urlencode(parameters, doseq=True)}"))
        except urllib.error.HTTPError as error:
            raise ValueError(error.read().decode()) from None
        if answer["status"] != "success":
            raise ValueError(answer)
        return answer["data"]

    def instant(self, expr, at):
        """[(labels, value)]."""
        result = self.api("query", query=expr, time=at, nocache=1)
        if result["resultType"] == "scalar":
            return [({}, float(result["result"][1]))]
        return [(series["metric"], float(series["value"][1])) for series in result["result"]]

    def range(self, expr, begin, end, step):
        """[(labels, [values])]."""
        result = self.api("query_range", query=expr, start=begin, end=end, step=step, nocache=1)["result"]
        return [(series["metric"], [float(value) for _, value in series["values"]]) for series in result]

    def sum(self, expr, at):
        """One number: the sum of the answer."""
        return sum(value for _, value in self.instant(expr, at))

    def wait_ready(self, path):
        wait_for(f"{self.url} to be ready", lambda: get(self.url + path) is not None)


@contextlib.contextmanager
def prometheus(folder, targets, interval="1s", remote=None):
    """`targets` are written as file_sd files; rules are this project's."""
    folder.mkdir(parents=True)
    config = {
        "global": {"scrape_interval": interval, "scrape_timeout": interval, "evaluation_interval": interval},
        "rule_files": [str(files.PROMETHEUS / name) for name in ("recording.yml", "alerts.yml")],
        "scrape_configs": [{"job_name": "page-migration", "sample_limit": 2000, "static_configs": [
            {"targets": targets}]}],
    }
    if remote:
        config["remote_write"] = [{"url": remote}]
    (folder / "prometheus.yml").write_text(yaml.safe_dump(config))
    port = free_port()
    with program(folder / "log", "prometheus", f"--config.file={folder}/prometheus.yml",
                 f"--storage.tsdb.path={folder}/data", f"--web.listen-address=127.0.0.1:{port}") as process:
        store = Store(port, process)
        store.wait_ready("/-/ready")
        yield store


@contextlib.contextmanager
def victoria_metrics(folder):
    folder.mkdir(parents=True)
    port = free_port()
    with program(folder / "log", "victoria-metrics", f"-storageDataPath={folder}/data",
                 f"-httpListenAddr=127.0.0.1:{port}", "-search.latencyOffset=0s",
                 "-search.disableCache", "-memory.allowedBytes=256MB") as process:
        store = Store(port, process)
        store.wait_ready("/health")
        yield store


def resident_bytes(process):
    status = Path(f"/proc/{process.pid}/status").read_text()
    return int(re.search(r"VmRSS:\s+(\d+)", status)[1]) * 1024


def cpu_seconds(process):
    fields = Path(f"/proc/{process.pid}/stat").read_text().rpartition(")")[2].split()
    return (int(fields[11]) + int(fields[12])) / 100
