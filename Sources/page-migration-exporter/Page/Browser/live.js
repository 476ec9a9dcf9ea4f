"use strict";

// Where the page begins: it asks, shows what it is told, and says so when it is told nothing.

const samples = new SampleHistory();
const chart = new Chart(element("chart"), samples);
const expositions = new ExpositionWindow();

const ratesPoller = new Poller({
  ask: async () => {
    const address = `./rates?format=json&history=${samples.missingSeconds}s`;
    return (await load(address, "application/json")).json();
  },
  // As often as there is something new, and soon after it is there; but at most each second, and at
  // least every five, or a lost exporter would go unnoticed.
  pause: () => {
    const seconds = Math.min(Math.max(samples.interval, 1), 5);
    return 1000 * (seconds <= samples.interval ? seconds - samples.age + 0.05 : seconds);
  },
  answered: (overview) => {
    found();
    samples.add(overview);
    showRates(overview);
    showHistory();
    announce(overview);
  },
  failed: lost,
});

const metricsPoller = new Poller({
  ask: async () => {
    const response = await load(element("metrics-link").href, "text/plain;version=0.0.4");
    return new Exposition(await response.text(), wantedMetric);
  },
  // The second reading, with which rates begin, comes soon after the first.
  pause: () => (expositions.span > 0 ? 5000 : 2000),
  answered: (exposition) => {
    expositions.add(exposition, Date.now() / 1000);
    showMetrics(expositions);
  },
  failed: (error) => show("nodes-note", `The metrics cannot be read: ${error.message}.`),
});

const explainPoller = new Poller({
  ask: async () => (await load("./explain?format=json", "application/json")).json(),
  // The exporter itself looks that often.
  pause: () => 10_000,
  answered: showExplained,
  // The rates' poller says that the exporter is lost.
  failed: () => {},
});

ratesPoller.turn();
metricsPoller.turn();
explainPoller.turn();

// MARK: Losing the exporter, and finding it again

function lost(error, since) {
  const state = element("state");
  state.dataset.state = "lost";
  show("state", "lost");
  element("live").classList.add("stale");
  chart.end = samples.now ? clock(samples.now + samples.calendar) : "";
  chart.draw();
  const time = clock(since / 1000);
  const banner = element("lost");
  banner.hidden = false;
  const text = samples.now
    ? `Lost the exporter at ${time}: ${error.message}. Everything below is from before. Trying again every few seconds.`
    : `Cannot read the rates: ${error.message}. Trying again every few seconds.`;
  // Told once and not at each try: a screen reader would never fall silent.
  show("lost", text);
  document.title = `lost – ${element("host").textContent}`;
}

function found() {
  element("state").dataset.state = "live";
  show("state", "live");
  element("live").classList.remove("stale");
  chart.end = "now";
  element("lost").hidden = true;
}

// MARK: The chart and its reader

let isSpanChosen = false;

function showHistory() {
  if (!isSpanChosen) fitSpan();
  chart.draw();
  showReadout();
  if (element("samples").open) showSamples();
}

/** Until the reader chooses, the shortest span that has room for all samples. */
function fitSpan() {
  const choices = [...element("span").querySelectorAll("input")];
  const fitting = choices.find((choice) => +choice.value >= samples.depth - 2) ?? choices.at(-1);
  fitting.checked = true;
  chart.span = +fitting.value;
}

function showReadout() {
  const sample = chart.chosen;
  const slider = element("chart");
  slider.setAttribute("aria-valuemin", -chart.span);
  if (!sample) {
    show("readout", "Point at the chart, or use the arrow keys in it, to read a sample.");
    return;
  }
  const time = clock(sample.end + samples.calendar);
  const text = `${time}: ${number(sample.migrated)} pages/s migrated, ${number(sample.failed)} failed`;
  show("readout", text);
  slider.setAttribute("aria-valuenow", Math.round(sample.end - samples.now));
  slider.setAttribute("aria-valuetext", text);
}

function choose(sample) {
  chart.chosen = sample;
  if (!sample) element("chart").setAttribute("aria-valuetext", "no sample chosen");
  chart.draw();
  showReadout();
}

function showSamples() {
  showRows("sample-rows", samples.all.slice(-30).reverse().map((sample) => [
    clock(sample.end + samples.calendar), number(sample.migrated), number(sample.failed),
    duration(sample.seconds),
  ]));
}

element("samples").addEventListener("toggle", showSamples);
element("chart").addEventListener("pointermove", (event) => choose(chart.sampleAt(event.clientX)));
element("chart").addEventListener("pointerdown", (event) => choose(chart.sampleAt(event.clientX)));
element("chart").addEventListener("pointerleave", () => choose(null));
element("chart").addEventListener("blur", () => choose(null));
element("chart").addEventListener("keydown", (event) => {
  const shown = samples.last(chart.span);
  const place = chart.chosen ? shown.indexOf(chart.chosen) : shown.length;
  const places = {
    ArrowLeft: place - 1, ArrowDown: place - 1, ArrowRight: place + 1, ArrowUp: place + 1,
    PageDown: place - 10, PageUp: place + 10, Home: 0, End: shown.length - 1,
  };
  if (event.key === "Escape") choose(null);
  else if (!(event.key in places) || shown.length === 0) return;
  else choose(shown[Math.min(Math.max(places[event.key], 0), shown.length - 1)]);
  event.preventDefault();
});

element("span").addEventListener("change", (event) => {
  isSpanChosen = true;
  chart.span = +event.target.value;
  showHistory();
});
element("scale").addEventListener("change", (event) => {
  chart.scale = event.target.value;
  showHistory();
});

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
