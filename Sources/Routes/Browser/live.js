"use strict";

// Where the page begins: it asks, shows what it is told, and says so when it is told nothing.

const samples = new SampleHistory();
const view = new View(samples);
const chart = new PagesChart(element("chart"), view, samples);
const strips = {
  reasons: new ReasonsStrip(element("reasons-strip"), view, samples),
  durations: new DurationsStrip(element("durations-strip"), view, samples),
  stalls: new RateStrip(element("stalls-strip"), view, samples, "compaction_stalls", "stalls"),
  numa: new NumaStrip(element("numa-strip"), view, samples, "numa_hint_faults", "faults"),
  tiers: new TiersStrip(element("tiers-strip"), view, samples),
};
/** The last answers. Null before the first. */
let overview = null;
let explained = null;

const ratesPoller = new Poller({
  ask: async () => (await load(`./rates?format=json&${samples.nextQuery()}`, "application/json")).json(),
  // As often as there is something new, and soon after it is there; but at most each second, and at
  // least every five, or a lost exporter would go unnoticed.
  pause: () => {
    const seconds = Math.min(Math.max(samples.interval, 1), 5);
    return 1000 * (seconds <= samples.interval ? seconds - samples.age + 0.05 : seconds);
  },
  answered: (answer) => {
    noticeChanges(overview, answer);
    // Not every answer has what is looked at every ten seconds.
    const { trends, collectors } = overview ?? {};
    overview = { trends, collectors, ...answer };
    samples.add(answer);
    found();
    if (!isRead) readAddress();
    if (view.stopped === null) showAll(Boolean(answer.trends));
    announce(overview);
  },
  failed: (error, since) => {
    if (!samples.giveUpTrends()) lost(error, since);
  },
});

const explainPoller = new Poller({
  ask: async () => (await load("./explain?format=json", "application/json")).json(),
  // The exporter itself looks that often.
  pause: () => 10_000,
  answered: (report) => {
    explained = report;
    if (view.stopped === null) showExplained(report);
  },
  // The rates' poller says that the exporter is lost.
  failed: () => {},
});

ratesPoller.turn();
explainPoller.turn();

function showAll(hasTrends) {
  showRates(overview);
  if (hasTrends) showTrends(overview);
  else if (!overview.trends) {
    show("reasons-note", samples.haveTrendsFailed
      ? "The rest did not arrive in time; the page asks again each minute."
      : "This exporter is older than the page and reports no more.");
  }
  showHistory();
}

// MARK: Losing the exporter, and finding it again

function lost(error, since) {
  element("state").dataset.state = "lost";
  show("state", "lost");
  element("live").classList.add("stale");
  view.endName = samples.now ? clock(view.end + samples.calendar) : "";
  drawCharts();
  const time = clock(since / 1000);
  // Half of an answer may have come in time.
  const reason = error.name === "TimeoutError" ? "no answer in 5 s" : error.message;
  element("lost").hidden = false;
  // Told once and not at each try: a screen reader would never fall silent.
  show("lost", samples.now
    ? `Lost the exporter at ${time}: ${reason}. Everything below is from before. Trying again every few seconds.`
    : `Cannot read the rates: ${reason}. Trying again every few seconds.`);
  document.title = `lost – ${element("host").textContent}`;
}

function found() {
  showState();
  element("live").classList.remove("stale");
  element("lost").hidden = true;
}

/** What a reader would otherwise take for something that the kernel did. */
function noticeChanges(before, now) {
  const pageVersion = element("version").textContent;
  if (now.version !== pageVersion) {
    notice(`The exporter is version ${now.version} now, and this page is from ${pageVersion}: reload it.`);
  } else if (before && before.started !== now.started) {
    notice(`The exporter was restarted at ${clock(now.started)}. What it counts itself (reasons, durations, causes) `
      + "starts again at 0; the kernel’s totals do not.");
  }
}

function notice(text) {
  element("notice").hidden = false;
  show("notice-text", text);
}

element("notice-seen").addEventListener("click", () => { element("notice").hidden = true; });

// MARK: The charts and their reader

let isSpanChosen = false;

function drawCharts() {
  chart.draw();
  for (const strip of Object.values(strips)) strip.draw();
}

function showHistory() {
  if (!isSpanChosen) fitSpan();
  drawCharts();
  showReadout();
  if (element("samples").open) showSamples();
}

/** Until the reader chooses, the shortest span that has room for all samples. */
function fitSpan() {
  const choices = [...element("span").querySelectorAll("input")];
  const fitting = choices.find((choice) => +choice.value >= samples.depth - 2) ?? choices.at(-1);
  fitting.checked = true;
  view.span = +fitting.value;
}

/** What is off says how to be turned on; what this machine does not have is left out. */
function showStrips({ nodes }, collectors) {
  const reasons = stateOf(collectors, "reasons");
  const isOn = reasons.state !== "off" && reasons.state !== "fails";
  for (const name of ["reasons", "durations"]) element(`${name}-figure`).hidden = !isOn;
  element("reasons-off").hidden = isOn;
  show("reasons-off", missing(reasons, "Why pages move"));
  const isKnown = (rate) => known(samples.steps.at(-1)?.per_second[rate]);
  element("stalls-figure").hidden = !isKnown("compaction_stalls");
  element("numa-figure").hidden = !isKnown("numa_hint_faults");
  const tiers = new Set(nodes.map((node) => node.memory_tier));
  element("tiers-figure").hidden = tiers.size < 2;
  showLegend();
}

/** The reasons in the time shown, in the order of their areas. */
function showLegend() {
  const shown = new Set(view.shown(samples.steps).flatMap(({ reasons }) => Object.keys(reasons ?? {})));
  const names = Object.keys(meanings).filter((name) => shown.has(name));
  const legend = element("reasons-legend");
  if (legend.dataset.names === names.join()) return;
  legend.dataset.names = names.join();
  legend.replaceChildren(...names.map((name) => {
    const item = made("li", "");
    item.append(made("span", "", `key ${reasonClass(name)}`), ` ${name}`);
    item.title = meanings[name];
    return item;
  }));
}

/** All charts at one instant, in words. Null where none is chosen. */
function readingOf() {
  const sample = view.at(samples.all);
  const step = view.at(samples.steps);
  if (!sample && !step) return null;
  const parts = [];
  if (sample) parts.push(`${number(sample.migrated)} pages/s migrated, ${number(sample.failed)} failed`);
  if (step?.reasons) {
    const reasons = Object.entries(step.reasons).sort(([, one], [, other]) => other - one)
      .map(([name, pages]) => `${name} ${number(pages)}/s`);
    parts.push(reasons.length ? reasons.slice(0, 3).join(", ") : "no reason");
  }
  if (step) {
    const { compaction_stalls, numa_hint_faults, pages_promoted, pages_demoted } = step.per_second;
    if (compaction_stalls > 0) parts.push(`${number(compaction_stalls)} stalls/s`);
    if (numa_hint_faults > 0) parts.push(`${number(numa_hint_faults)} hint faults/s, ${percent(step.numa_locality)} local`);
    if (pages_promoted > 0 || pages_demoted > 0) parts.push(`${number(pages_promoted)} promoted/s, ${number(pages_demoted)} demoted/s`);
  }
  return `${clock(view.chosen + samples.calendar)}: ${parts.join("; ")}`;
}

function showReadout() {
  const slider = element("chart");
  slider.setAttribute("aria-valuemin", -view.span);
  const text = readingOf();
  show("readout", text ?? (view.chosen !== null
    ? "Nothing is known of the chosen moment: ten minutes are kept."
    : "Point at a chart, or use the arrow keys in the first one, to read all of them at one moment."));
  slider.setAttribute("aria-valuenow", view.chosen === null ? 0 : Math.round(view.chosen - view.end));
  slider.setAttribute("aria-valuetext", text ?? "no moment chosen");
}

function choose(instant) {
  view.chosen = instant;
  drawCharts();
  showReadout();
}

function showSamples() {
  showRows("sample-rows", view.shown(samples.all).slice(-30).reverse().map((sample) => [
    clock(sample.end + samples.calendar), number(sample.migrated), number(sample.failed),
    duration(sample.seconds),
  ]));
  showRows("step-rows", view.shown(samples.steps).reverse().map((step) => {
    const [leading] = Object.entries(step.reasons ?? {}).sort(([, one], [, other]) => other - one);
    const rates = step.per_second;
    return [
      clock(step.end + samples.calendar), leading ? `${leading[0]} ${number(leading[1])}` : unknown,
      number(rates.compaction_stalls), number(rates.numa_hint_faults), percent(step.numa_locality),
      number(rates.pages_promoted), number(rates.pages_demoted),
    ];
  }));
}

/** The middle of the sample nearest to an instant. Null where there is none. */
function nearest(instant) {
  const middle = ({ end, seconds }) => end - seconds / 2;
  return view.shown(samples.all).map(middle).reduce((best, one) =>
    (best !== null && Math.abs(best - instant) <= Math.abs(one - instant) ? best : one), null);
}

element("samples").addEventListener("toggle", showSamples);
for (const target of document.querySelectorAll(".chart")) {
  const point = (event) => choose(nearest(chart.instantAt(event.clientX)));
  target.addEventListener("pointermove", point);
  target.addEventListener("pointerdown", point);
  // A stopped time keeps what was chosen in it, to be copied or linked to.
  target.addEventListener("click", (event) => { if (view.stopped !== null) { point(event); writeAddress(); } });
  target.addEventListener("pointerleave", () => choose(view.stopped === null ? null : keptInstant()));
}
element("chart").addEventListener("blur", () => { if (view.stopped === null) choose(null); });
element("chart").addEventListener("keydown", (event) => {
  const shown = view.shown(samples.all);
  const current = view.at(samples.all);
  const place = current ? shown.indexOf(current) : shown.length;
  const places = {
    ArrowLeft: place - 1, ArrowDown: place - 1, ArrowRight: place + 1, ArrowUp: place + 1,
    PageDown: place - 10, PageUp: place + 10, Home: 0, End: shown.length - 1,
  };
  if (event.key === "Escape") choose(null);
  else if (!(event.key in places) || shown.length === 0) return;
  else choose(nearest(shown[Math.min(Math.max(places[event.key], 0), shown.length - 1)].end - samples.interval / 2));
  if (view.stopped !== null) writeAddress();
  event.preventDefault();
});

element("span").addEventListener("change", (event) => {
  isSpanChosen = true;
  view.span = +event.target.value;
  showHistory();
  showLegend();
  writeAddress();
});
element("scale").addEventListener("change", (event) => {
  view.scale = event.target.value;
  showHistory();
  writeAddress();
});

// MARK: Stopping the time

function stopTime(instant) {
  view.stopped = instant;
  samples.isKept = instant !== null;
  view.endName = instant === null ? "now" : clock(instant + samples.calendar);
  element("stop").setAttribute("aria-pressed", instant !== null);
  showState();
  if (instant === null) {
    view.chosen = null;
    showAll(true);
    if (explained) showExplained(explained);
  } else {
    showHistory();
  }
}

function showState() {
  const { stopped } = view;
  element("state").dataset.state = stopped === null ? "live" : "stopped";
  show("state", stopped === null ? "live" : `stopped at ${clock(stopped + samples.calendar)}`);
  if (stopped === null) view.endName = "now";
}

element("failing").addEventListener("click", () => element("collectors-title").focus());

element("stop").addEventListener("click", () => {
  if (!overview) return;
  stopTime(view.stopped === null ? samples.now : null);
  writeAddress();
});

element("copy").addEventListener("click", () => {
  if (overview) copyText(reportText(overview, explained, readingOf()));
});
element("copied-seen").addEventListener("click", () => {
  element("copied").hidden = true;
  element("copy").focus();
});

// MARK: What the address says, so that a link shows what its sender saw

let isRead = false;

function readAddress() {
  isRead = true;
  const parts = new URLSearchParams(location.hash.slice(1));
  for (const name of ["span", "scale"]) {
    const input = [...element(name).querySelectorAll("input")].find(({ value }) => value === parts.get(name));
    if (!input) continue;
    input.checked = true;
    view[name] = name === "span" ? +input.value : input.value;
    isSpanChosen ||= name === "span";
  }
  const time = (name) => (/^\d+(\.\d+)?$/.test(parts.get(name)) ? parts.get(name) - samples.calendar : null);
  const stopped = time("stopped");
  if (stopped === null) return;
  view.chosen = time("at");
  showAll(true);
  stopTime(Math.min(stopped, samples.now));
}

function writeAddress() {
  const parts = new URLSearchParams();
  if (isSpanChosen) parts.set("span", view.span);
  if (view.scale !== "log") parts.set("scale", view.scale);
  if (view.stopped !== null) {
    parts.set("stopped", (view.stopped + samples.calendar).toFixed(1));
    if (view.chosen !== null) parts.set("at", (view.chosen + samples.calendar).toFixed(1));
  }
  history.replaceState(null, "", `#${parts}`);
}

/** The instant that the address names, which a pointer passing over does not change. */
function keptInstant() {
  const at = new URLSearchParams(location.hash.slice(1)).get("at");
  return at === null ? null : at - samples.calendar;
}

// MARK: What is said aloud

let announcedAt = 0;

/** The sentence for a screen reader: when migration begins or ends, and else each minute at most. */
function announce(overview) {
  const { pages_migrated: migrated, pages_failed: failed } = overview.counters;
  const rate = overview.sampler ? number(migrated.per_second.now) : number(migrated.total);
  document.title = `${rate}${overview.sampler ? " pages/s" : " pages"} – ${overview.host ?? "page migration"}`;
  const kind = [migrated, failed].map((counter) => counter.per_second["10s"] > 0).join();
  const wait = kind === announce.kind ? 60_000 : 10_000;
  if (Date.now() - announcedAt < wait) return;
  announce.kind = kind;
  announcedAt = Date.now();
  show("announced", overview.summary);
}

document.documentElement.dataset.runs = "";
