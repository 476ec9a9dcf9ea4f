"""The committed dashboards: up to date, of the right shape, and clean by the linter's rules."""

import copy
import pathlib
import re
import sys

import files
import linter
import schema

MISTAKES = {
    "a misspelt field of a panel": lambda b: b["panels"][1].update(titel="x"),
    "a unit that is a number": lambda b: b["panels"][1]["fieldConfig"]["defaults"].update(unit=5),
    "an unknown graph mode": lambda b: b["panels"][1]["options"].update(graphMode="areaa"),
    "an unknown field of a query": lambda b: b["panels"][1]["targets"][0].update(legend="x"),
    "an unknown crosshair": lambda b: b.update(graphTooltip=7),
    "no templating": lambda b: b.update(templating=[]),
}


def check(report):
    report.check("dashboards/*.json are what dashboards/source makes",
                 files.problems_of(sys.executable, "dashboards/source/generate.py", "--check"))
    for name in files.BOARDS:
        report.check(f"{name}: JSON schema", schema.problems(files.board(name)))
    for grafana, folder in sdks():
        report.check(f"the types of Grafana {grafana} have all that the dashboards use", of_grafana(folder))
    report.check("the schema finds mistakes", (
        f"passes over {what}" for what, make in MISTAKES.items() if not schema.problems(spoilt(make))))
    for rule in linter.RULES:
        report.check(f"linter: {rule}", lint(rule))
    report.check("linter exceptions are needed", unneeded())
    for name in files.BOARDS:
        report.check(f"{name}: every panel says why it can be empty", silent(name))
    report.check("README's pictures are there, and each is shown", pictures())
    report.check("links lead to dashboards and runbooks that exist", broken_links())


def sdks():
    """(Grafana's version, where its types are)."""
    for line in (files.ROOT / "Tests/Monitoring/sdks.txt").read_text().splitlines():
        grafana = line.split()[0]
        if grafana[0].isdigit():
            yield grafana, pathlib.Path(sys.prefix) / f"sdk-{grafana}"


def of_grafana(folder):
    """Another SDK is another set of modules of the same names, so it is asked in a process of its own."""
    return files.problems_of(sys.executable, "Tests/Monitoring/schema.py", *map(str, (
        files.ROOT / f"dashboards/{name}.json" for name in files.BOARDS)), PYTHONPATH=str(folder))


def spoilt(make):
    board = copy.deepcopy(files.board("overview"))
    make(board)
    return board


def findings(rule):
    """(dashboard, where, problem)."""
    for name in files.BOARDS:
        for where, problem in linter.RULES[rule](files.board(name)):
            yield name, where, problem


def excepted(rule, name, where):
    return any((e["rule"], e["dashboard"], e["where"]) == (rule, name, where) for e in files.exceptions("linter"))


def lint(rule):
    return (f"{name}, {where}: {problem}" for name, where, problem in findings(rule)
            if not excepted(rule, name, where))


def unneeded():
    for e in files.exceptions("linter"):
        if not e.get("reason"):
            yield f"{e} has no reason"
        if not any((name, where) == (e["dashboard"], e["where"]) for name, where, _ in findings(e["rule"])):
            yield f"{e['rule']} no longer needs its exception for {e['dashboard']}, {e['where']}"


OPTIONAL = ("_reason_", "_reasons_", "_sampler_", "_sampled_", "_per_second", "> 0)", "_thp_", "_node_", "_pins_",
            "_compaction_", "_cma_", "_numa_", "== 0")


def silent(name):
    """Panels that can be empty on a healthy host and would say nothing but "No data"."""
    for panel in linter.panels(files.board(name)):
        exprs = [target["expr"] for target in linter.targets(panel)]
        optional = all(any(part in expr for part in OPTIONAL) and "vector(0)" not in expr for expr in exprs)
        if exprs and optional and not panel["fieldConfig"]["defaults"].get("noValue"):
            yield f"{panel['title']} has no text for an empty answer"


def pictures():
    shown = set(re.findall(r"\(pictures/([\w-]+\.png)\)", (files.ROOT / "dashboards/README.md").read_text()))
    there = {path.name for path in (files.ROOT / "dashboards/pictures").iterdir()}
    return sorted(shown ^ there)


def broken_links():
    base = (files.RUNBOOKS / "base-url").read_text().strip()
    known = {files.board(name)["uid"] for name in files.BOARDS}
    for name in files.BOARDS:
        text = (files.ROOT / f"dashboards/{name}.json").read_text()
        for page in re.findall(re.escape(base) + r"([\w.]*)", text):
            if page and not (files.RUNBOOKS / page).is_file():
                yield f"{name}: no runbook {page}"
        for uid in re.findall(r'"/d/([\w-]+)', text):
            if uid not in known:
                yield f"{name}: no dashboard {uid}"
