"""What the three dashboards are made of: variables, panels, rows, in one look.

Panels are placed from left to right, 24 columns a line, by the SDK. `QUERY` in an expression stands
for the matchers that every query carries.
"""

import re
from pathlib import Path

from grafana_foundation_sdk.builders import bargauge, common as commons, dashboard, heatmap
from grafana_foundation_sdk.builders import prometheus, stat, statetimeline, table, text, timeseries
from grafana_foundation_sdk.models import common, dashboard as model
from grafana_foundation_sdk.models.heatmap import HeatmapColorMode, HeatmapColorScale
from grafana_foundation_sdk.models.prometheus import PromQueryFormat

ROOT = Path(__file__).resolve().parents[2]
RUNBOOKS = (ROOT / "deploy/runbooks/base-url").read_text().strip()
SOURCE = model.DataSourceRef(type_val="prometheus", uid="${datasource}")

# Units. Grafana's "pps" prints "p/s": pages per second here.
PAGES, BYTES, EVENTS, SHARE, SECONDS, COUNT = "pps", "binBps", "ops", "percentunit", "s", "short"

NO_CALLS = "No calls, or reasons are not traced (--collector.reasons)."
REASONS_OFF = "Reasons are not traced: --collector.reasons is off."
SAMPLER_OFF = "Not known yet, or sampling is off."

GREEN, YELLOW, RED, BLUE = "green", "#EAB839", "red", "blue"

# What a colour means, on every dashboard. Thresholds alone use green, yellow and red for good and bad.
MOVED, FAILED_COLOUR, SPLIT, LOST = BLUE, RED, YELLOW, "#8F3BB8"
PEAK, COMPACTION = "#8AB8FF", "#B877D9"
REASON_COLOURS = {
    "compaction": COMPACTION, "numa_misplaced": "#73BF69", "demotion": "#FF9830", "contig_range": "#6ED0E0",
    "memory_hotplug": "#447EBC", "syscall_or_cpuset": "#B7DBAB", "mempolicy_mbind": "#967302",
    "longterm_pin": "#E0B400", "memory_failure": "#C4162A", "damon": "#E5A8E2", "never_migrated": "#6e7079"}
CAUSE_COLOURS = {
    "pinned": "#C4162A", "extra_reference": "#FF9830", "no_target": LOST, "locked": YELLOW, "writeback": "#1F60C4",
    "buffers_busy": "#6ED0E0", "private_data": "#967302", "still_mapped": "#B7DBAB", "no_migrate_op": "#447EBC",
    "inaccessible": "#E5A8E2", "driver": "#73BF69", "memory_error": "#AD0317", "transient": PEAK, "unknown": "#6e7079"}


def alert_threshold(alert, literal):
    """`literal` as a number, after a look into the alert that uses it."""
    rules = (ROOT / "deploy/prometheus/alerts.yml").read_text()
    rule = rules.split(f"- alert: {alert}\n")[1].split("for:")[0]
    assert re.search(rf"[<>] {re.escape(literal)}\b", rule), f"{alert} has no threshold {literal}"
    return float(literal)


STORM = alert_threshold("PageMigrationStorm", "1073741824")
FAILED_SHARE = alert_threshold("PageMigrationFailing", "0.5")
LOST_SHARE = alert_threshold("PageMigrationHugePagesLost", "0.25")
LOCAL_SHARE = alert_threshold("PageMigrationNUMABalancing", "0.8")
STALLS = alert_threshold("PageMigrationCompactionStalls", "10")
PING_PONG = alert_threshold("PageMigrationPingPong", "67108864")
SLOW_SHARE = alert_threshold("PageMigrationCallsSlow", "0.01")
LATE_SHARE = alert_threshold("PageMigrationSamplerLate", "0.05")


# ---- The dashboard and its variables ----


def new_dashboard(uid, title, description, variables):
    board = (
        dashboard.Dashboard(title).uid(uid).description(description).tags(["page-migration"])
        .readonly().tooltip(model.DashboardCursorSync.CROSSHAIR)
        .time("now-1h", "now").refresh("30s").timezone("browser")
        .link(dashboard.DashboardLink("Page migration").type(model.DashboardLinkType.DASHBOARDS)
              .tags(["page-migration"]).as_dropdown(True).include_vars(True).keep_time(True))
        .link(dashboard.DashboardLink("Runbooks").type(model.DashboardLinkType.LINK)
              .icon("doc").url(RUNBOOKS).target_blank(True))
        .annotation(dashboard.AnnotationQuery().name("Alerts").datasource(SOURCE).enable(True)
                    .icon_color(RED).expr(
                        'ALERTS{alertname=~"PageMigration.+", alertstate="firing", QUERY}'
                        .replace("QUERY", MATCHERS)))
    )
    board.variables([dashboard.DatasourceVariable("datasource").label("Data source").type("prometheus"),
                     *variables])
    return board


MATCHERS = 'job=~"$job", instance=~"$instance"'


def query_variable(name, label, metric_and_matchers, key, many=True):
    variable = (
        dashboard.QueryVariable(name).label(label).datasource(SOURCE)
        .query({"query": f"label_values({metric_and_matchers}, {key})", "refId": name})
        .refresh(model.VariableRefresh.ON_TIME_RANGE_CHANGED)
        .sort(model.VariableSort.ALPHABETICAL_ASC))
    if many:
        variable.multi(True).include_all(True).all_value(".+").current(
            model.VariableOption(text="All", value="$__all"))
    return variable


def job():
    return query_variable("job", "Job", "pagemigration_build_info", "job")


def instance(many):
    return query_variable("instance", "Instance", 'pagemigration_build_info{job=~"$job"}', "instance", many)


def node():
    return query_variable("node", "NUMA node", f"pagemigration_node_info{{{MATCHERS}}}", "numa_node")


def unit_of_pages():
    """Whether panels of pages are in pages or in bytes: see `graph`."""
    return (dashboard.CustomVariable("pages").label("Pages as").values(
        model_variable_query).current(model.VariableOption(text="pages", value="1"))
        .options([model.VariableOption(text="pages", value="1", selected=True),
                  model.VariableOption(text="bytes", value="0", selected=False)]))


model_variable_query = "pages : 1, bytes : 0"


# ---- Queries ----


def query(expr, legend="", instant=False, form=None):
    target = prometheus.Dataquery().expr(fill(expr)).legend_format(legend or "__auto").datasource(SOURCE)
    target = target.instant() if instant else target.range()
    return target.format(form) if form else target


def fill(expr):
    expr = re.sub(r"\{QUERY\}", "{" + MATCHERS + "}", expr)
    return re.sub(r"\bQUERY\b", MATCHERS, expr)


def rate(metric, matchers=""):
    return f"rate({metric}{{QUERY{', ' + matchers if matchers else ''}}}[$__rate_interval])"


def thp_lost():
    """Huge pages neither moved nor split. From Linux 5.17 on the failures include the splits."""
    return (f"clamp_min({rate('pagemigration_thp_failed_total')} - pagemigration_thp_failed_includes_split{{QUERY}}"
            f" * {rate('pagemigration_thp_split_total')}, 0)")


def thp_attempted():
    return (f"({rate('pagemigration_thp_migrated_total')} + {rate('pagemigration_thp_failed_total')}"
            f" + (1 - pagemigration_thp_failed_includes_split{{QUERY}}) * {rate('pagemigration_thp_split_total')})")


def slowest_call():
    """The 99th percentile by reason; reasons without a call, which give NaN, are left out by the comparison."""
    return ("histogram_quantile(0.99, sum by (le, reason) "
            "(rate(pagemigration_reason_call_duration_seconds_bucket{QUERY}[$__rate_interval]))) >= 0")


def share(part, whole):
    """Nothing where the whole is 0: no attempt is not a success of 100 %."""
    return f"{part} / ({whole} > 0)"


# `up` of the exporters alone: "All" jobs would be every job there is.
EXPORTERS_UP = "(up{QUERY} and on (job) last_over_time(pagemigration_build_info{QUERY}[6h]))"


# ---- Panels ----


def steps(*colours, mode=model.ThresholdsMode.ABSOLUTE):
    """A colour, then pairs of (from this value on, colour)."""
    base, *rest = colours
    return dashboard.ThresholdsConfig().mode(mode).steps(
        [model.Threshold(value=None, color=base), *(model.Threshold(value=v, color=c) for v, c in rest)])


def common_parts(panel, title, description, unit, width, height, queries, thresholds, no_value, runbook):
    panel.title(title).description(description).datasource(SOURCE).span(width).height(height)
    if unit:
        panel.unit(unit)
    for number, target in enumerate(queries):
        panel.with_target(target.ref_id(chr(ord("A") + number)))
    if thresholds:
        panel.thresholds(thresholds)
    if no_value:
        panel.no_value(no_value)
    if runbook:
        panel.links([dashboard.DashboardLink(f"Runbook: {runbook}").type(model.DashboardLinkType.LINK)
                     .url(f"{RUNBOOKS}{runbook}.md").target_blank(True)])
    return panel


def number(title, description, unit, queries, thresholds=None, no_value=None, runbook=None, width=4,
           decimals=None, trend=True, mappings=None):
    """One big number, or a few side by side. A share that does not exist now must come from an instant query:
    of a range Grafana would show the last that did, however old."""
    panel = (
        stat.Panel().color_mode(common.BigValueColorMode.VALUE)
        .graph_mode(common.BigValueGraphMode.AREA if trend else common.BigValueGraphMode.NONE)
        .reduce_options(commons.ReduceDataOptions().calcs(["lastNotNull"]))
        .text_mode(common.BigValueTextMode.AUTO))
    if decimals is not None:
        panel.decimals(decimals)
    if mappings:
        panel.mappings(mappings)
    return common_parts(panel, title, description, unit, width, 4, queries,
                        thresholds or steps(BLUE), no_value, runbook)


def in_either_unit(queries):
    """Each query in pages, and once more in bytes: `$pages` lets one of the two through."""
    page = fill("scalar(max(pagemigration_page_size_bytes{QUERY}))")
    both = []
    for target in queries:
        asked, legend = target.build().expr, target.build().legend_format
        both.append(query(f"({asked}) and on () (vector($pages) == 1)", legend))
        both.append(query(f"(({asked}) * {page}) and on () (vector($pages) == 0)", legend))
    return both


def to_host(job, instance):
    """The Host dashboard at the same time; what names the host differs between a table and a graph."""
    return {"title": "Open the host", "targetBlank": False,
            "url": f"/d/pagemigration-host?${{datasource:queryparam}}&var-job={job}&var-instance={instance}"
                   "&${__url_time_range}"}


def graph(title, description, unit, queries, line=None, stacked=False, no_value=None, runbook=None,
          width=12, height=8, highest=None, below_zero=None, unfilled=None, colours=None, either_unit=False):
    """Lines over time. `line` is an alert's threshold, drawn dashed; `below_zero`, `unfilled`: patterns of legends.
    A graph of hosts leads to each of them."""
    if either_unit:
        queries = in_either_unit(queries)
    panel = (
        timeseries.Panel().line_width(1).fill_opacity(30 if stacked else 8)
        .show_points(common.VisibilityMode.AUTO).min(0)
        .legend(commons.VizLegendOptions().show_legend(True).display_mode(common.LegendDisplayMode.TABLE)
                .placement(common.LegendPlacement.BOTTOM).calcs(["lastNotNull", "max"])
                .sort_by("Max").sort_desc(True))
        .tooltip(commons.VizTooltipOptions().mode(common.TooltipDisplayMode.MULTI)
                 .sort(common.SortOrder.DESCENDING)))
    if stacked:
        panel.stacking(commons.StackingConfig().mode(common.StackingMode.NORMAL))
    if either_unit:
        for number in range(1, len(queries), 2):
            panel.override_by_query(chr(ord("A") + number), [model.DynamicConfigValue(id_val="unit", value=BYTES)])
    if any(target.build().legend_format == "{{instance}}" for target in queries):
        host = to_host("${__field.labels.job}", "${__field.labels.instance}")
        panel.data_links([dashboard.DashboardLink(host["title"]).type(model.DashboardLinkType.LINK).url(host["url"])])
    if highest is not None:
        panel.max(highest)
    if line is not None:
        panel.thresholds_style(commons.GraphThresholdsStyleConfig().mode(common.GraphThresholdsStyleMode.DASHED))
    for name, colour in (colours or {}).items():
        panel.override_by_name(name, [model.DynamicConfigValue(
            id_val="color", value={"mode": "fixed", "fixedColor": colour})])
    if unfilled:
        panel.override_by_regexp(unfilled, [model.DynamicConfigValue(id_val="custom.fillOpacity", value=0)])
    if below_zero:
        panel.min(None).override_by_regexp(
            below_zero, [model.DynamicConfigValue(id_val="custom.transform", value="negative-Y")])
    return common_parts(panel, title, description, unit, width, height, queries,
                        steps("transparent", (line, RED)) if line is not None else steps(GREEN),
                        no_value, runbook)


def heat(title, description, unit, expr, no_value=None, runbook=None, width=12, height=8):
    """A histogram over time: time runs right, the bucket's upper limit runs up, colour is how many."""
    panel = (
        heatmap.Panel().calculate(False).show_value(common.VisibilityMode.NEVER).cell_gap(1)
        .color(heatmap.HeatmapColorOptions().mode(HeatmapColorMode.SCHEME).scheme("Oranges")
               .scale(HeatmapColorScale.EXPONENTIAL).exponent(0.5).steps(64))
        .filter_values(heatmap.FilterValueRange().le(1e-9))
        .y_axis(heatmap.YAxisConfig().unit(unit).axis_placement(common.AxisPlacement.LEFT))
        .show_y_histogram().show_color_scale(True).show_legend()
        .mode(common.TooltipDisplayMode.SINGLE))
    return common_parts(panel, title, description, None, width, height,
                        [query(expr, "{{le}}", form=PromQueryFormat.HEATMAP)], None, no_value, runbook)


def states(title, description, queries, mappings=None, no_value=None, width=12, height=8, unit="none"):
    """Values that seldom change, as bands over time."""
    panel = (statetimeline.Panel().row_height(0.8).merge_values(True).show_value(common.VisibilityMode.AUTO)
             .fill_opacity(70).line_width(0)
             .legend(commons.VizLegendOptions().show_legend(False).display_mode(common.LegendDisplayMode.LIST)
                     .placement(common.LegendPlacement.BOTTOM)))
    if mappings:
        panel.mappings(mappings)
    return common_parts(panel, title, description, unit, width, height, queries, steps(BLUE), no_value, None)


def rows_of(title, description, queries, columns, hidden=(), sort=None, no_value=None, width=12, height=9,
            unit="none", links=None, runbook=None):
    """A table of instant queries, joined by their labels. `columns`: {field: (name, unit or None)}."""
    panel = table.Panel().show_header(True)
    panel.with_transformation(model.DataTransformerConfig(id_val="merge", options={}))
    panel.with_transformation(model.DataTransformerConfig(id_val="organize", options={
        "excludeByName": {name: True for name in ("Time", *hidden)},
        "indexByName": {field: place for place, field in enumerate(columns)},
        "renameByName": {field: name for field, (name, _) in columns.items()}}))
    for name, its_unit in columns.values():
        properties = [model.DynamicConfigValue(id_val="unit", value=its_unit)] if its_unit else []
        if links and name in links:
            properties.append(model.DynamicConfigValue(id_val="links", value=[links[name]]))
        if properties:
            panel.override_by_name(name, properties)
    if sort:
        panel.sort_by([commons.TableSortByFieldState().display_name(sort).desc(True)])
    return common_parts(panel, title, description, unit, width, height,
                        queries, None, no_value, runbook)


def table_query(expr):
    return query(expr, instant=True, form=PromQueryFormat.TABLE)


def words(content, width=24, height=4, title=""):
    return text.Panel().title(title).content(content).span(width).height(height)


def add(board, title, *panels, collapsed=False):
    """A row and its panels. Grafana asks the queries of a collapsed row only once it is opened."""
    row = dashboard.Row(title)
    if collapsed:
        for panel in panels:
            row.with_panel(panel)
    board.with_row(row)
    if not collapsed:
        for panel in panels:
            board.with_panel(panel)


def values(mapping):
    """{0: ("off", colour), …} as Grafana's value mappings."""
    return [model.ValueMap(options={
        str(value): model.ValueMappingResult(text=name, color=colour, index=place)
        for place, (value, (name, colour)) in enumerate(mapping.items())})]
