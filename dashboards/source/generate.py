"""Writes the three dashboards; with --check says which are not up to date, and writes nothing."""

import json
import sys

from grafana_foundation_sdk.cog.encoder import JSONEncoder

from exporter import exporter
from host import host
from overview import overview
from parts import ROOT


def rendered(board):
    content = json.loads(json.dumps(board.build(), cls=JSONEncoder))
    hidden, number = 0, 0
    for panel in content["panels"]:
        # What follows a collapsed row stands right below it.
        panel["gridPos"]["y"] -= hidden
        inside = panel.get("panels", [])
        for part in inside:
            part["gridPos"]["y"] -= hidden
        hidden += max((part["gridPos"]["y"] + part["gridPos"]["h"] for part in inside),
                      default=panel["gridPos"]["y"] + 1) - panel["gridPos"]["y"] - 1 if inside else 0
        for each in (panel, *inside):
            number += 1
            each["id"] = number
    return json.dumps(content, indent=2, ensure_ascii=False) + "\n"


def main():
    stale = []
    for name, board in (("overview", overview()), ("host", host()), ("exporter", exporter())):
        path, text = ROOT / "dashboards" / f"{name}.json", rendered(board)
        if path.exists() and path.read_text() == text:
            continue
        stale.append(path.name)
        if "--check" not in sys.argv:
            path.write_text(text)
    if "--check" in sys.argv and stale:
        sys.exit(f"not up to date: {', '.join(stale)}; run dashboards/source/generate.py")


if __name__ == "__main__":
    main()
