"""The 17 rules of Grafana's dashboard linter, for classic dashboards with a Prometheus source.

Written anew from the rules' descriptions. target-counter-agg looks at the metric's name and so also
finds `x_total{…}`, which the original passes over.
"""

import re
from datetime import timedelta

import promql_parser as parser

import promql

DATASOURCES = {"$datasource", "${datasource}", "$prometheus_datasource", "${prometheus_datasource}"}
WITH_QUERIES = {"stat", "gauge", "timeseries", "table", "heatmap", "state-timeline", "bargauge"}
WITH_TITLE = {"stat", "gauge", "timeseries", "table", "heatmap", "state-timeline"}
WITH_UNIT = {"stat", "gauge", "timeseries", "table"}
# Of Grafana's units, those in use here; all are in the linter's list.
UNITS = {"none", "short", "percentunit", "bytes", "binBps", "pps", "ops", "reqps", "s"}


def panels(board):
    """Those inside collapsed rows too."""
    return [panel for outer in board["panels"] for panel in (outer, *outer.get("panels", []))
            if panel["type"] != "row"]


def targets(panel):
    return panel.get("targets", [])


def queries(board):
    """(panel, query) of each."""
    return [(panel, target) for panel in panels(board) for target in targets(panel)]


def variables(board):
    return {variable["name"]: variable for variable in board["templating"]["list"]}


def stand_ins(board):
    """A name for each variable that asks for one."""
    return {name: "x" for name, variable in variables(board).items() if variable["type"] != "custom"}


def expression(target, board):
    return promql.filled(target["expr"], stand_ins(board))


def parsed(board):
    """(panel, target, expression) of every query that parses; those that do not are target-promql's."""
    for panel, target in queries(board):
        expr = expression(target, board)
        try:
            promql.parse(expr)
        except ValueError:
            continue
        yield panel, target, expr


def template_datasource(board):
    found = [v for v in board["templating"]["list"] if v["type"] == "datasource"]
    if len(found) != 1 or found[0]["query"] != "prometheus":
        yield "", "needs one data source variable for Prometheus"
    for variable in found:
        if variable["name"] not in ("datasource", "prometheus_datasource"):
            yield "", f"data source variable is named {variable['name']!r}"
        if variable.get("label") not in ("Data source", "Prometheus data source"):
            yield "", f"data source variable is labelled {variable.get('label')!r}"


def template_of(name, label):
    def rule(board):
        variable = variables(board).get(name)
        if variable is None:
            yield "", f"has no variable {name!r}"
            return
        checks = {
            "is not a query": variable["type"] == "query",
            "does not use $datasource": (variable.get("datasource") or {}).get("uid") in DATASOURCES,
            f"is not labelled {label!r}": variable.get("label") == label,
            "is not a multi select": variable.get("multi") is True,
            "allValue is not '.+'": variable.get("allValue") == ".+",
        }
        for problem, good in checks.items():
            if not good:
                yield f"${name}", problem
    return rule


def template_label_promql(board):
    for variable in board["templating"]["list"]:
        if variable["type"] != "query":
            continue
        query = variable["query"]["query"] if isinstance(variable["query"], dict) else variable["query"]
        inside = re.fullmatch(r"(?:label_values|query_result)\((.*?)(?:,\s*\w+)?\)", query)
        try:
            promql.parse(promql.filled(inside[1], stand_ins(board)))
        except (TypeError, ValueError) as error:
            yield f"${variable['name']}", f"{query!r} is not a query of labels: {error}"


def template_on_time_change_reload(board):
    for variable in board["templating"]["list"]:
        if variable["type"] == "query" and variable.get("refresh") != 2:
            yield f"${variable['name']}", "is not refreshed when the time range changes"


def panel_datasource(board):
    for panel in panels(board):
        for part in (panel, *targets(panel)):
            if panel["type"] in WITH_QUERIES and (part.get("datasource") or {}).get("uid") not in DATASOURCES:
                yield panel["title"], "does not use the data source variable"


def panel_title_description(board):
    for panel in panels(board):
        if panel["type"] in WITH_TITLE and not (panel.get("title") and panel.get("description")):
            yield panel.get("title", ""), "has no title or no description"


def panel_units(board):
    for panel in panels(board):
        unit = panel.get("fieldConfig", {}).get("defaults", {}).get("unit")
        if panel["type"] in WITH_UNIT and unit not in UNITS:
            yield panel["title"], f"unit is {unit!r}"


def panel_no_targets(board):
    for panel in panels(board):
        if panel["type"] in WITH_QUERIES and not targets(panel):
            yield panel["title"], "has no query"


def target_logql(board):
    for panel, target in queries(board):
        kind = (target.get("datasource") or {}).get("type", "prometheus")
        if kind != "prometheus":
            yield panel["title"], f"asks {kind}, and this project has metrics only"


def target_logql_auto(board):
    for panel, target in queries(board):
        if "$__auto" in target["expr"]:
            yield panel["title"], "$__auto is LogQL's"


def target_promql(board):
    for panel, target in queries(board):
        try:
            promql.parse(expression(target, board))
        except ValueError as error:
            yield panel["title"], f"{error}: {target['expr']}"


def target_rate_interval(board):
    fixed = timedelta(seconds=int(promql.RATE_INTERVAL.rstrip("s")))
    for panel, target, expr in parsed(board):
        for node, parents in promql.walk(promql.parse(expr)):
            if isinstance(node, parser.MatrixSelector) and parents[-1].func.name in ("rate", "irate", "increase"):
                if node.range != fixed:
                    yield panel["title"], f"not over $__rate_interval: {target['expr']}"


def target_matcher(label):
    def rule(board):
        for panel, target, _ in parsed(board):
            for metric, matchers, _ in promql.selectors(promql.filled(target["expr"])):
                if matchers.get(label) != f"${label}":
                    yield panel["title"], f"{metric} has no {label}=~\"${label}\""
    return rule


def target_counter_agg(board):
    for panel, _, expr in parsed(board):
        for metric, _, parents in promql.selectors(expr):
            if not re.search(r"_(total|count|sum|bucket)$", metric or ""):
                continue
            call = parents[-2] if len(parents) > 1 else None
            if not isinstance(call, parser.Call) or call.func.name not in ("rate", "irate", "increase"):
                yield panel["title"], f"{metric} outside rate, irate or increase"


def uneditable_dashboard(board):
    if board.get("editable") is not False:
        yield "", "is editable"


RULES = {
    "template-datasource": template_datasource,
    "template-job": template_of("job", "Job"),
    "template-instance": template_of("instance", "Instance"),
    "template-label-promql": template_label_promql,
    "template-on-time-change-reload": template_on_time_change_reload,
    "panel-datasource": panel_datasource,
    "panel-title-description": panel_title_description,
    "panel-units": panel_units,
    "panel-no-targets": panel_no_targets,
    "target-logql": target_logql,
    "target-logql-auto": target_logql_auto,
    "target-promql": target_promql,
    "target-rate-interval": target_rate_interval,
    "target-job": target_matcher("job"),
    "target-instance": target_matcher("instance"),
    "target-counter-agg": target_counter_agg,
    "uneditable-dashboard": uneditable_dashboard,
}
