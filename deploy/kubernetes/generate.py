#!/usr/bin/env python3
"""Writes the PrometheusRule and the dashboards' ConfigMaps from deploy/prometheus and dashboards.

    generate.py            writes
    generate.py --check    fails where what is there differs
"""

import json
import sys
from pathlib import Path

HERE = Path(__file__).resolve().parent
REPOSITORY = HERE.parents[1]
HEAD = "# Written by deploy/kubernetes/generate.py: do not edit.\n"


def rules():
    groups = []
    for name in ("recording", "alerts"):
        text = (REPOSITORY / f"deploy/prometheus/{name}.yml").read_text()
        groups.append(text.split("\ngroups:\n", 1)[1].rstrip())
    body = "\n".join(f"  {line}".rstrip() for line in "\n".join(groups).splitlines())
    return (f"{HEAD}apiVersion: monitoring.coreos.com/v1\nkind: PrometheusRule\n"
            f"metadata:\n  name: page-migration-exporter\nspec:\n  groups:\n{body}\n")


def dashboards():
    maps = []
    for path in sorted((REPOSITORY / "dashboards").glob("*.json")):
        # One line of JSON, as small as it gets: an object in etcd is limited to 1 MiB.
        text = json.dumps(json.loads(path.read_text()), ensure_ascii=False, separators=(",", ":"))
        maps.append("apiVersion: v1\nkind: ConfigMap\n"
                    f"metadata:\n  name: page-migration-dashboard-{path.stem}\n"
                    '  labels:\n    grafana_dashboard: "1"\n'
                    "  annotations:\n    grafana_folder: Page migration\n"
                    f"data:\n  page-migration-{path.name}: |\n    {text}\n")
    return HEAD + "---\n".join(maps)


def main():
    differ = []
    for name, text in (("rules", rules()), ("dashboards", dashboards())):
        path = HERE / f"monitoring/{name}.yaml"
        if sys.argv[1:] != ["--check"]:
            path.write_text(text)
        elif not path.exists() or path.read_text() != text:
            differ.append(path.name)
    if differ:
        sys.exit(f"{' and '.join(differ)}: run deploy/kubernetes/generate.py")


main()
