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
    for number, panel in enumerate(content["panels"], 1):
        panel["id"] = number
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
