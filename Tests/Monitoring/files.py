"""Where things lie, and how they are read."""

import json
import os
from functools import cache
from pathlib import Path

import yaml

from harness import ROOT, commands

DEPLOY, PROMETHEUS = ROOT / "deploy", ROOT / "deploy/prometheus"
RUNBOOKS = DEPLOY / "runbooks"
BOARDS = ("overview", "host", "exporter")


@cache
def board(name):
    return json.loads((ROOT / f"dashboards/{name}.json").read_text())


@cache
def loaded(path):
    return yaml.safe_load(Path(path).read_text())


@cache
def rules():
    """Every rule of both files, in order."""
    return [rule for name in ("recording.yml", "alerts.yml")
            for group in loaded(PROMETHEUS / name)["groups"] for rule in group["rules"]]


def alerts():
    return [rule for rule in rules() if "alert" in rule]


def exceptions(kind):
    return loaded(Path(__file__).with_name("exceptions.yml"))[kind]


def run(*command, **environment):
    """(exit status, output) of a command."""
    done = commands.run(*command, check=False, cwd=ROOT, env=os.environ | environment)
    return done.returncode, (done.stdout + done.stderr).strip()


def problems_of(*command, **environment):
    status, output = run(*command, **environment)
    return output.splitlines() if status else []
