"use strict";

// What the exporter looks at every ten seconds: reasons, nodes, settings, and how its collectors do.
// All rates come as they are shown; nothing is reckoned here.

/** A cell that is read from its left. */
const words = (text, state = "") => ({ text, kind: `words ${state}` });

function showTrends({ trends, collectors, reasons }) {
  showRows("collector-rows", collectors.map(collectorRow));
  showFailing(collectors);
  showReasons(trends, reasons);
  showSlowest(reasons?.slowest_calls);
  showCauses(trends.causes, stateOf(collectors, "causes"));
  showWaits(trends.waits, stateOf(collectors, "waits"));
  showNodes(trends);
  showSettings(trends.settings);
  showStrips(trends, collectors);
}

function stateOf(collectors, name) {
  return collectors.find(({ collector }) => collector === name) ?? { state: "off", flag: `--collector.${name}` };
}

function collectorRow({ collector, state, error, seconds, flag, tells }) {
  const cells = {
    works: words(`✓ works: ${tells ?? ""}`, "good"),
    fails: words(`✕ fails: ${error}`, "bad"),
    off: words(`– off; ${flag} shows ${tells ?? "it"}`),
    unknown: words("… not asked yet"),
  };
  return [collector, cells[state], duration(seconds)];
}

/** What fails is told at the top, too: its words are a screen or two further down. */
function showFailing(collectors) {
  const names = collectors.filter(({ state }) => state === "fails").map(({ collector }) => collector);
  element("failing").hidden = names.length === 0;
  show("failing", `✕ ${names.length === 1 ? "A collector fails" : `${names.length} collectors fail`}: ${names.join(", ")}`);
}

/** Why there is nothing to see, and what would change that. Empty where there is something. */
function missing({ state, error, flag }, what, needs = "as root, or with CAP_BPF, CAP_PERFMON and a readable tracefs") {
  if (state === "fails") return `${what} cannot be shown: ${error}.`;
  if (state === "off") return `${what} is not watched. Start the exporter with ${flag}, ${needs}.`;
  return "";
}

function showReasons({ reasons, sources, window_seconds }, problem) {
  element("reasons").hidden = !reasons;
  element("sources").hidden = Boolean(reasons);
  if (!reasons) {
    const titles = {
      numa_balancing: "NUMA balancing, promotion", demotion: "demotion to a slower tier",
      rest: "the rest: compaction, hotplug, system calls, …",
    };
    showRows("source-rows", sources.map(({ source, pages_per_second, share, total }) =>
      [titles[source] ?? source, number(pages_per_second), percent(share), count(total)]));
    const more = problem?.error ? `The reasons are not known: ${problem.error}.`
      : "Started with --collector.reasons, the exporter shows what asked for each migration and how long it took.";
    show("reasons-note", `${spanOf(window_seconds)} ${more}`);
    return;
  }
  const seen = reasons.filter(({ calls_total }) => calls_total > 0);
  showRows("reason-rows", seen.map((row) => [
    row.reason, number(row.calls_per_second), number(row.pages_migrated_per_second), percent(row.share),
    number(row.pages_failed_per_second), duration(row.median_seconds), percent(row.busy_seconds_per_second),
  ]));
  const never = reasons.filter(({ calls_total }) => calls_total === 0).map(({ reason }) => reason);
  show("reasons-note", [
    spanOf(window_seconds), "Busy is the time that callers were blocked; 100 % means one of them at all times.",
    ...seen.filter(({ reason }) => reason in meanings).map(({ reason }) => `${reason}: ${meanings[reason]}.`),
    never.length ? `Not seen since the exporter started: ${never.join(", ")}.` : "",
  ].join(" "));
}

function showSlowest(calls) {
  for (const part of ["title", "table"]) element(`slowest-${part}`).hidden = !calls?.length;
  showRows("slowest-rows", (calls ?? []).map((call) => [
    call.reason, duration(call.seconds), count(call.pages_migrated), count(call.pages_failed),
    words(`${call.command} (${call.pid})`), words(call.cgroup ?? unknown),
  ]));
}

function showCauses(causes, state) {
  element("causes-table").hidden = !causes?.length;
  showRows("cause-rows", (causes ?? []).map(({ cause, pages_per_second, share }) =>
    [cause, number(pages_per_second), percent(share)]));
  show("causes-note", causes
    ? (causes.length ? "" : "No page failed in the last minute.") : missing(state, "Why pages do not move"));
}

function showWaits(waits, state) {
  const titles = {
    page: "a touch of a page in transit", thp: "a touch of a THP in transit",
    hugetlb: "a touch of a hugetlb page in transit", numa_scan: "NUMA balancing’s scan of a thread",
    direct_compaction: "compaction for an allocation",
  };
  element("waits-table").hidden = !waits;
  showRows("wait-rows", (waits ?? []).map((row) => [
    titles[row.wait] ?? row.wait, number(row.per_second), duration(row.median_seconds),
    percent(row.busy_seconds_per_second),
  ]));
  show("waits-note", waits ? "" : missing(state, "Who waits", "as root, or with CAP_BPF and CAP_PERFMON"));
}

function showNodes({ nodes, window_seconds, per_second }) {
  showRows("node-rows", nodes.map((node) => {
    const has = [[node.has_cpu, "CPUs"], [node.has_memory, "memory"]].filter(([has]) => has).map(([, what]) => what);
    return [
      `${node.node}`, known(node.memory_tier) ? `${node.memory_tier}` : unknown, words(has.join(", ") || unknown),
      bytes(node.memory_bytes), bytes(node.free_bytes),
      number(node.promoted_to_per_second), count(node.promoted_to_total),
      number(node.demoted_from_per_second), count(node.demoted_from_total),
    ];
  }));
  showFlow(nodes, per_second);
  show("nodes-note", nodes.length
    ? `Pages moved between memory tiers; a lower tier is faster. ${spanOf(window_seconds)}`
    : "The node collector is off, or this kernel reports no NUMA nodes.");
}

/** What decides how much the kernel migrates; one that it does not have is left out. */
const settingRows = {
  numa_balancing_mode: (value) => ["NUMA balancing", balancingModes[value] ?? `${value}`, "kernel.numa_balancing"],
  demotion_enabled: (value) => ["demotion to slower tiers", value ? "on" : "off", "numa/demotion_enabled"],
  promotion_rate_limit_bytes_per_second: (value) =>
    ["promotion, at most", `${bytes(value)}/s a node`, "kernel.numa_balancing_promote_rate_limit_MBps"],
  compaction_proactiveness: (value) => ["compaction proactiveness", `${value} of 100`, "vm.compaction_proactiveness"],
  thp_policy: (value) => ["transparent huge pages", value, "transparent_hugepage/enabled"],
  thp_defrag: (value) => ["a fault tries for one", value, "transparent_hugepage/defrag"],
  watermark_scale_factor: (value) => ["kswapd keeps free", percent(value / 10_000), "vm.watermark_scale_factor"],
  defrag_mode: (value) => ["defrag mode", value ? "on" : "off", "vm.defrag_mode"],
};
const balancingModes = ["off", "between nodes", "promotion between tiers", "between nodes and tiers"];

function showSettings(settings) {
  const rows = Object.entries(settingRows).filter(([name]) => known(settings[name]))
    .map(([name, row]) => row(settings[name]));
  showRows("setting-rows", rows.length
    ? rows.map(([title, value, file]) => [title, value, words(file, "source")])
    : [["None is known: --no-collector.settings, or they cannot be read.", "", ""]]);
}

/** How far back rates look, in words. */
function spanOf(seconds) {
  return seconds > 0 ? `Rates are those of the last ${Math.round(seconds)} s.` : "Rates need ten seconds.";
}
