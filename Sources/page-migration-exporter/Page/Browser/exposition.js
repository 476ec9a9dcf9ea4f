"use strict";

/** What `/metrics` says at one instant: families of metrics by name. */
class Exposition {
  #families = new Map();

  /** Reads the text format 0.0.4. Lines of names that `isWanted` refuses cost nothing more. */
  constructor(text, isWanted) {
    for (const line of text.split("\n")) {
      const name = /^[a-zA-Z_:][\w:]*/.exec(line)?.[0];
      if (!name || !isWanted(name)) continue;
      const end = line.lastIndexOf(" ");
      const metric = { labels: labelsOf(line.slice(name.length, end)), value: +line.slice(end + 1) };
      if (!this.#families.has(name)) this.#families.set(name, []);
      this.#families.get(name).push(metric);
    }
  }

  /** The metrics of a name; none where the exporter does not have it. */
  all(name) {
    return this.#families.get(name) ?? [];
  }

  /** The sum of the metrics that have these labels. Null where there is none. */
  sum(name, labels = {}) {
    const wanted = Object.entries(labels);
    const found = this.all(name).filter((metric) =>
      wanted.every(([label, value]) => metric.labels[label] === value));
    return found.length ? found.reduce((sum, metric) => sum + metric.value, 0) : null;
  }

  /** The values of a label, each once, in the exporter's order. */
  values(name, label) {
    return [...new Set(this.all(name).map((metric) => metric.labels[label]))];
  }
}

/** Of `{a="b",c="d"}`, with `\\`, `\"` and `\n` read back. */
function labelsOf(text) {
  const labels = {};
  for (const [, name, value] of text.matchAll(/([a-zA-Z_]\w*)="((?:[^"\\]|\\.)*)"/g)) {
    labels[name] = value.replace(/\\(.)/g, (_, escaped) => (escaped === "n" ? "\n" : escaped));
  }
  return labels;
}

/** The expositions of the last minute, for rates of what the exporter does not sample itself. */
class ExpositionWindow {
  static seconds = 60;
  #readings = [];

  add(exposition, seconds) {
    // A restarted exporter counts reasons from 0 again: what it said before is of no use.
    const started = exposition.sum("process_start_time_seconds");
    if (started !== this.#started) this.#readings = [];
    this.#started = started;
    this.#readings.push({ exposition, seconds });
    while (this.#readings[1] && this.#readings[1].seconds <= seconds - ExpositionWindow.seconds) {
      this.#readings.shift();
    }
  }
  #started = null;

  get latest() {
    return this.#readings.at(-1).exposition;
  }

  /** How far the rates look back, in seconds; 0 at the first reading. */
  get span() {
    return this.#readings.at(-1).seconds - this.#readings[0].seconds;
  }

  /** How much a counter grew. Null where it is not known, or it went back. */
  increase(name, labels) {
    if (this.span === 0) return null;
    const [old, now] = [this.#readings[0].exposition, this.latest].map((e) => e.sum(name, labels));
    return together([old, now], (old, now) => (now >= old ? now - old : null));
  }

  perSecond(name, labels) {
    return together([this.increase(name, labels)], (increase) => increase / this.span);
  }
}
