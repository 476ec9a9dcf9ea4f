"""PromQL read into a tree: which metrics, with which matchers, inside which functions."""

import promql_parser as parser

# What Grafana fills in before it asks, and what the dashboards' own list has by default. The odd duration is how
# $__rate_interval is known again.
RATE_INTERVAL = "211s"
GRAFANA = {"$__rate_interval": RATE_INTERVAL, "$__interval": "15s", "$__range": "1h", "$pages": "1"}
CHILDREN = ("expr", "lhs", "rhs", "param", "vector_selector")


def filled(expr, variables=()):
    """The expression with Grafana's variables replaced, longest names first."""
    known = {**GRAFANA, **{"$" + name: value for name, value in dict(variables).items()}}
    for name in sorted(known, key=len, reverse=True):
        expr = expr.replace(name, known[name]).replace("${" + name[1:] + "}", known[name])
    return expr


def parse(expr):
    return parser.parse(expr)


def walk(node, parents=()):
    """Each node with its parents, outermost first."""
    yield node, parents
    for name in CHILDREN:
        child = getattr(node, name, None)
        if child is not None:
            yield from walk(child, (*parents, node))
    for child in getattr(node, "args", None) or ():
        yield from walk(child, (*parents, node))


def selectors(expr):
    """(metric or None, {label: value}, parents) of each selector."""
    for node, parents in walk(parse(expr)):
        if isinstance(node, parser.VectorSelector):
            matchers = {m.name: m.value for m in node.matchers.matchers}
            yield node.name or matchers.pop("__name__", None), matchers, parents


def grouping_labels(expr):
    """The labels of by, without, on, ignoring, group_left and group_right."""
    for node, _ in walk(parse(expr)):
        modifier = getattr(node, "modifier", None)
        if modifier is None:
            continue
        if isinstance(modifier, parser.AggModifier):
            yield from modifier.labels
        else:
            yield from modifier.matching.labels if modifier.matching else ()
            yield from modifier.group_labels or ()
