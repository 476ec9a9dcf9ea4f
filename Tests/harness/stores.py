"""Prometheus and VictoriaMetrics, on the loopback, and what they answer."""

import json
from urllib.parse import urlencode

from harness import ROOT
from harness.servers import Server
from harness.waiting import free_port


class Store(Server):
    """The query API that both share."""

    def __init__(self, port, ready, *argv):
        super().__init__(*argv, port=port, path=ready, first=True)

    def api(self, path, **parameters):
        answer = json.loads(self.get(f"/api/v1/{path}?{urlencode(parameters, doseq=True)}"))
        if answer["status"] != "success":
            raise RuntimeError(answer)
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


def prometheus(folder, targets, *flags, program="prometheus", interval="1s", remote=None, **scraping):
    """With this project's rules. What is `scraping` is more of the targets' configuration."""
    folder.mkdir(parents=True)
    config = {
        "global": {"scrape_interval": interval, "scrape_timeout": interval, "evaluation_interval": interval},
        "rule_files": [f"{ROOT}/deploy/prometheus/{name}.yml" for name in ("recording", "alerts")],
        "scrape_configs": [{"job_name": "page-migration", "static_configs": [{"targets": targets}], **scraping}],
        "remote_write": [{"url": remote}] if remote else [],
    }
    # JSON is YAML.
    (folder / "prometheus.yml").write_text(json.dumps(config))
    port = free_port()
    return Store(port, "/-/ready", program, f"--config.file={folder}/prometheus.yml", f"--storage.tsdb.path={folder}/data",
                 f"--web.listen-address=127.0.0.1:{port}", *flags)


def victoria_metrics(folder):
    port = free_port()
    return Store(port, "/health", "victoria-metrics", f"-storageDataPath={folder}/data",
                 f"-httpListenAddr=127.0.0.1:{port}", "-search.latencyOffset=0s",
                 "-search.disableCache", "-memory.allowedBytes=256MB")
