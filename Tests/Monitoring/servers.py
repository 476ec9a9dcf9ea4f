"""Starts and stops the stores of the live tests: Prometheus, VictoriaMetrics. All listen on loopback."""

import contextlib
import json
import urllib.error
import urllib.parse

import yaml

import files
from harness.servers import Server, get
from harness.waiting import free_port


class Store(Server):
    """The query API that Prometheus and VictoriaMetrics share."""

    def __init__(self, port, ready, *argv):
        super().__init__(*argv, port=port, path=ready, first=True)

    @property
    def base(self):
        return f"http://{self.address}"

    def api(self, path, **parameters):
        try:
            answer = json.loads(get(f"{self.base}/api/v1/{path}?{urllib.parse.urlencode(parameters, doseq=True)}"))
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


@contextlib.contextmanager
def prometheus(folder, targets, interval="1s", remote=None):
    """`targets` are written as file_sd files; rules are this project's."""
    folder.mkdir(parents=True)
    config = {
        "global": {"scrape_interval": interval, "scrape_timeout": interval, "evaluation_interval": interval},
        "rule_files": [str(files.PROMETHEUS / name) for name in ("recording.yml", "alerts.yml")],
        "scrape_configs": [{"job_name": "page-migration", "sample_limit": 5000, "static_configs": [
            {"targets": targets}]}],
    }
    if remote:
        config["remote_write"] = [{"url": remote}]
    (folder / "prometheus.yml").write_text(yaml.safe_dump(config))
    port = free_port()
    with Store(port, "/-/ready", "prometheus", f"--config.file={folder}/prometheus.yml",
               f"--storage.tsdb.path={folder}/data", f"--web.listen-address=127.0.0.1:{port}") as store:
        yield store


@contextlib.contextmanager
def victoria_metrics(folder):
    folder.mkdir(parents=True)
    port = free_port()
    with Store(port, "/health", "victoria-metrics", f"-storageDataPath={folder}/data",
               f"-httpListenAddr=127.0.0.1:{port}", "-search.latencyOffset=0s",
               "-search.disableCache", "-memory.allowedBytes=256MB") as store:
        yield store
