"use strict";

// Where the page begins: it asks, shows what it is told, and says so when it is told nothing.

const history600 = new SampleHistory();
const chart = new Chart(element("chart"), history600);
const expositions = new ExpositionWindow();

const ratesPoller = new Poller({
  ask: async () => {
    const address = `./rates?format=json&history=${history600.missingSeconds}s`;
    return (await load(address, "application/json")).json();
  },
  // As often as there is something new, but at most each second, and at least every five, or a
  // lost exporter would go unnoticed.
  period: () => Math.min(Math.max(history600.interval * 1000, 1000), 5000),
  answered: (overview) => {
    found();
    history600.add(overview);
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
  period: () => 5000,
  answered: (exposition) => {
    expositions.add(exposition, Date.now() / 1000);
    showMetrics(expositions);
  },
  failed: (error) => show("nodes-note", `The metrics cannot be read: ${error.message}.`),
});

ratesPoller.turn();
metricsPoller.turn();

// MARK: Losing the exporter, and finding it again

function lost(error, since) {
  const state = element("state");
  state.dataset.state = "lost";
  show("state", "lost");
  element("live").classList.add("stale");
  const time = clock(since / 1000);
  const banner = element("lost");
  banner.hidden = false;
  const text = history600.now
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
  element("lost").hidden = true;
}

// MARK: The chart and its reader

function showHistory() {
  chart.draw();
  showReadout();
  if (element("samples").open) showSamples();
}

function showReadout() {
  const sample = chart.chosen;
  const slider = element("chart");
  slider.setAttribute("aria-valuemin", -chart.span);
  if (!sample) {
    show("readout", "Point at the chart, or use the arrow keys in it, to read a sample.");
    return;
  }
  const time = clock(sample.end + history600.calendar);
  const text = `${time}: ${number(sample.migrated)} pages/s migrated, ${number(sample.failed)} failed`;
  show("readout", text);
  slider.setAttribute("aria-valuenow", Math.round(sample.end - history600.now));
  slider.setAttribute("aria-valuetext", text);
}

function choose(sample) {
  chart.chosen = sample;
  if (!sample) element("chart").setAttribute("aria-valuetext", "no sample chosen");
  chart.draw();
  showReadout();
}

function showSamples() {
  showRows("sample-rows", history600.samples.slice(-30).reverse().map((sample) => [
    clock(sample.end + history600.calendar), number(sample.migrated), number(sample.failed),
    duration(sample.seconds),
  ]));
}

element("samples").addEventListener("toggle", showSamples);
element("chart").addEventListener("pointermove", (event) => choose(chart.sampleAt(event.clientX)));
element("chart").addEventListener("pointerdown", (event) => choose(chart.sampleAt(event.clientX)));
element("chart").addEventListener("pointerleave", () => choose(null));
element("chart").addEventListener("blur", () => choose(null));
element("chart").addEventListener("keydown", (event) => {
  const samples = history600.last(chart.span);
  const place = chart.chosen ? samples.indexOf(chart.chosen) : samples.length;
  const places = {
    ArrowLeft: place - 1, ArrowDown: place - 1, ArrowRight: place + 1, ArrowUp: place + 1,
    PageDown: place - 10, PageUp: place + 10, Home: 0, End: samples.length - 1,
  };
  if (event.key === "Escape") choose(null);
  else if (!(event.key in places) || samples.length === 0) return;
  else choose(samples[Math.min(Math.max(places[event.key], 0), samples.length - 1)]);
  event.preventDefault();
});

element("span").addEventListener("change", (event) => {
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
