"use strict";

// What `/metrics` alone tells: the nodes and the collectors' health.

const wantedMetric = (name) =>
  /^pagemigration_(node_|reason|scrape_collector_|(numa_)?pages_|page_size)|^process_start_time_seconds$/
    .test(name) || Object.keys(settings).includes(name);

/** A cell that is read from its left. */
const words = (text, state = "") => ({ text, kind: `words ${state}` });

function showMetrics(window) {
  showRows("collector-rows", collectorRows(window.latest));
  showNodes(window);
  showSettings(window.latest);
  showReasons(window);
}

function collectorRows(exposition) {
  const success = "pagemigration_scrape_collector_success";
  return exposition.values(success, "collector").map((collector) => {
    const works = exposition.sum(success, { collector }) === 1;
    return [
      collector,
      works ? words("✓ works", "good") : words("✕ failed, the log says why", "bad"),
      duration(exposition.sum("pagemigration_scrape_collector_duration_seconds", { collector })),
    ];
  });
}

function showNodes(window) {
  const nodes = window.latest.all("pagemigration_node_info");
  showRows("node-rows", nodes.map(({ labels }) => {
    const node = { numa_node: labels.numa_node };
    const columns = ["promoted", "demoted"].flatMap((what) => {
      const name = `pagemigration_node_pages_${what}_total`;
      return [number(window.perSecond(name, node)), count(window.latest.sum(name, node))];
    });
    const has = [["has_cpu", "CPUs"], ["has_memory", "memory"]]
      .filter(([label]) => labels[label] === "true").map(([, what]) => what);
    const memory = window.latest.sum("pagemigration_node_memory_bytes", node);
    const free = together(
      [window.latest.sum("pagemigration_node_free_pages", node), window.latest.sum("pagemigration_page_size_bytes")],
      (pages, size) => pages * size);
    return [
      labels.numa_node, labels.memory_tier || unknown, words(has.join(", ") || unknown),
      bytes(memory), bytes(free), ...columns,
    ];
  }));
  show("nodes-note", nodes.length
    ? `Pages moved between memory tiers; a lower tier is faster. ${spanOf(window)}`
    : "The node collector is off, or this kernel has no NUMA nodes to tell of.");
}

/** What decides how much the kernel migrates; one that it does not have is left out. */
const settings = {
  pagemigration_numa_balancing_mode: (value) => ["NUMA balancing", balancingModes[value] ?? `${value}`],
  pagemigration_demotion_enabled: (value) => ["demotion to slower tiers", value ? "on" : "off"],
  pagemigration_promotion_rate_limit_bytes_per_second:
    (value) => ["promotion, at most", `${bytes(value)}/s a node`],
  pagemigration_compaction_proactiveness: (value) => ["compaction proactiveness", `${value} of 100`],
  pagemigration_thp_policy: (_, exposition) => ["transparent huge pages", chosen(exposition, "thp_policy")],
  pagemigration_thp_defrag: (_, exposition) => ["a fault tries for one", chosen(exposition, "thp_defrag")],
  pagemigration_watermark_scale_factor: (value) => ["kswapd keeps free", percent(value / 10_000)],
};
const chosen = (exposition, name) => exposition
  .all(`pagemigration_${name}`).find((metric) => metric.value === 1)?.labels.policy ?? unknown;
const balancingModes = ["off", "between nodes", "promotion between tiers", "between nodes and tiers"];

function showSettings(exposition) {
  const rows = Object.entries(settings)
    .filter(([name]) => exposition.all(name).length > 0)
    .map(([name, row]) => row(exposition.sum(name), exposition));
  showRows("setting-rows", rows.length ? rows : [["None is known: the collector is off.", ""]]);
}

/** How far back the rates look that are made here, in words. */
function spanOf(window) {
  return window.span > 0
    ? `Rates are those of the last ${Math.round(window.span)} s.` : "Rates need a second reading.";
}
