"use strict";

/** What keeps the exporter from telling reasons that it was asked for. Null for nothing. */
let reasonsProblem = null;

/** Why the kernel migrates, where the exporter watches that with eBPF. */
function showReasons(window) {
  const calls = "pagemigration_reason_calls_total";
  const reasons = window.latest.values(calls, "reason");
  element("reasons").hidden = reasons.length === 0;
  element("sources").hidden = reasons.length > 0;
  if (reasons.length === 0) {
    showSources(window);
    return;
  }
  const rows = reasons.map((reason) => ({
    reason,
    calls: window.perSecond(calls, { reason }),
    pages: window.perSecond("pagemigration_reason_pages_migrated_total", { reason }),
    failed: window.perSecond("pagemigration_reason_pages_failed_total", { reason }),
    median: medianOf(window, "pagemigration_reason_call_duration_seconds", { reason }),
    total: window.latest.sum(calls, { reason }),
  }));
  const all = rows.reduce((sum, row) => sum + (row.pages ?? 0), 0);
  // The busiest first; those that never happened are told in one line below.
  const seen = rows.filter((row) => row.total > 0).sort((one, other) =>
    (other.pages ?? 0) - (one.pages ?? 0) || other.total - one.total);
  showRows("reason-rows", seen.map((row) => [
    row.reason, number(row.calls), number(row.pages),
    percent(together([row.pages], (pages) => (all > 0 ? pages / all : null))),
    number(row.failed), duration(row.median),
  ]));
  const never = rows.filter((row) => row.total === 0).map((row) => row.reason);
  show("reasons-note", [
    spanOf(window), ...seen.map(({ reason }) => meaningOf(reason)), never.length ? `Not seen since the exporter watches: ${never.join(", ")}.` : "",
  ].join(" "));
}

/** What each reason is, in a sentence. METRICS.md has more. */
const meanings = {
  compaction: "memory is compacted, to make large free pages",
  memory_failure: "pages leave memory that fails",
  memory_hotplug: "memory is taken offline",
  syscall_or_cpuset: "a program asked (move_pages, migrate_pages), or its cpuset changed",
  mempolicy_mbind: "a program bound its memory to nodes (mbind)",
  numa_misplaced: "NUMA balancing brings pages to the node that uses them",
  contig_range: "a contiguous range is cleared, for gigantic huge pages or CMA",
  longterm_pin: "pages leave movable memory before they are pinned for long",
  demotion: "reclaim moves cold pages to a slower tier",
  damon: "a DAMON scheme moves pages between tiers",
};
const meaningOf = (reason) => (meanings[reason] ? `${reason}: ${meanings[reason]}.` : "");

/**
 * As much as the kernel's counters tell without tracing: what is left when NUMA balancing and
 * demotion are taken from all has other reasons.
 */
function showSources(window) {
  const all = "pagemigration_pages_migrated_total";
  const parts = {
    "NUMA balancing, promotion": "pagemigration_numa_pages_migrated_total",
    "demotion to a slower tier": "pagemigration_pages_demoted_total",
  };
  const left = (of) => Math.max(0,
    Object.values(parts).reduce((rest, name) => rest - (of(name) ?? 0), of(all)));
  const rate = (name) => window.perSecond(name);
  const total = (name) => window.latest.sum(name);
  const share = (pages) =>
    percent(together([pages, rate(all)], (pages, all) => (all > 0 ? pages / all : null)));
  const row = (title, pages, counted) => [title, number(pages), share(pages), count(counted)];
  showRows("source-rows", [
    ...Object.entries(parts).map(([title, name]) => row(title, rate(name), total(name))),
    row("the rest: compaction, hotplug, system calls, …",
      together([rate(all)], () => left(rate)), together([total(all)], () => left(total))),
  ]);
  const more = reasonsProblem
    ? `The reasons are not known: ${reasonsProblem}.`
    : "Started with --collector.reasons, the exporter tells who asked for each migration and how long it took.";
  show("reasons-note", `${spanOf(window)} ${more}`);
}

/** The median of what a histogram counted in the window. Null where it counted nothing. */
function medianOf(window, name, labels) {
  const bounds = window.latest.values(`${name}_bucket`, "le");
  const counts = bounds.map((le) => window.increase(`${name}_bucket`, { ...labels, le }));
  const half = counts.at(-1) / 2;
  if (!counts.every(known) || !(half > 0)) return null;
  const place = counts.findIndex((count) => count >= half);
  const [low, high] = [place > 0 ? +bounds[place - 1] : 0, +bounds[place]];
  if (bounds[place] === "+Inf") return low;
  const before = place > 0 ? counts[place - 1] : 0;
  return low + ((high - low) * (half - before)) / (counts[place] - before);
}
