"use strict";

const svgElement = (name, attributes) =>
  setAttributes(document.createElementNS("http://www.w3.org/2000/svg", name), attributes);

function setAttributes(target, attributes) {
  for (const [name, value] of Object.entries(attributes)) target.setAttribute(name, value);
  return target;
}

function svgText(text, x, y, anchor, kind = "label") {
  const mark = svgElement("text", { class: kind, x, y, "text-anchor": anchor });
  mark.textContent = text;
  return mark;
}

/** What all charts share: one time from left to right, and the line of the chosen instant. */
class TimeChart {
  static left = 52;
  static right = 10;
  root;
  view;
  history;
  width = 0;
  height = 0;
  #svg = svgElement("svg", { "aria-hidden": "true" });

  constructor(root, view, history) {
    Object.assign(this, { root, view, history });
    root.append(this.#svg);
    new ResizeObserver(() => this.draw()).observe(root);
  }

  draw() {
    [this.width, this.height] = [this.root.clientWidth, this.root.clientHeight];
    if (this.width === 0) return;
    const { width, height } = this;
    setAttributes(this.#svg, { viewBox: `0 0 ${width} ${height}`, width, height });
    this.#svg.replaceChildren(...this.marks(), ...this.cursor());
  }

  get inner() {
    return this.width - TimeChart.left - TimeChart.right;
  }

  x(monotonic) {
    const x = TimeChart.left + (1 - (this.view.end - monotonic) / this.view.span) * this.inner;
    return Math.min(Math.max(x, TimeChart.left), this.width - TimeChart.right);
  }

  /** The instant at a place in the window. */
  instantAt(clientX) {
    const x = clientX - this.root.getBoundingClientRect().left - TimeChart.left;
    return this.view.end - this.view.span * (1 - x / this.inner);
  }

  cursor() {
    const { chosen, end, span } = this.view;
    if (chosen === null || chosen < end - span || chosen > end) return [];
    const x = this.x(chosen);
    return [svgElement("line", { class: "cursor", x1: x, x2: x, y1: 0, y2: this.height })];
  }

  rule(y, kind = "grid") {
    return svgElement("line", {
      class: kind, x1: TimeChart.left, x2: this.width - TimeChart.right, y1: y, y2: y,
    });
  }

  /**
   * Steps from `base` to each entry's `top`, which may be null: there, and where entries are
   * missing, nothing is drawn. A function for `base` makes a layer that stands on another.
   */
  area(entries, top, base) {
    const bottom = typeof base === "function" ? base : () => base;
    return entries.map((entry) => {
      const [y, foot] = [top(entry), bottom(entry)];
      if (!known(y) || y === foot) return "";
      const [begin, end] = [this.x(entry.begin ?? entry.end - entry.seconds), this.x(entry.end)];
      return `M${begin.toFixed(2)} ${foot.toFixed(1)}V${y.toFixed(1)}H${end.toFixed(2)}V${foot.toFixed(1)}Z`;
    }).join("");
  }
}

/**
 * Migrated pages upwards and failed pages downwards from one line, so that place and not colour
 * tells them apart.
 *
 * Both ways have one scale. It is logarithmic unless the reader wants otherwise: a burst of a
 * million pages and a trickle of ten are both to be seen.
 */
class PagesChart extends TimeChart {
  static #margin = { top: 18, bottom: 24 };
  #axis;

  marks() {
    const { top, bottom } = PagesChart.#margin;
    const bars = this.#bars(this.inner / 1.5);
    const axis = this.#axis = new PageAxis(this.view.scale, {
      top, bottom: this.height - bottom,
      migrated: Math.max(0, ...bars.map((bar) => bar.migrated ?? 0)),
      failed: Math.max(0, ...bars.map((bar) => bar.failed ?? 0)),
    });
    const area = (series, isUp) => svgElement("path", {
      class: `area ${series}`,
      d: this.area(bars, (bar) => together([bar[series]], (pages) => axis.y(pages, isUp)), axis.zero),
    });
    return [
      ...this.#unsampled(bars, axis), ...this.#pageLines(axis), ...this.#timeLabels(),
      area("migrated", true), area("failed", false), this.rule(axis.zero, "zero"),
      ...this.#peak(bars, axis), ...this.#nothing(bars, axis),
    ];
  }

  /**
   * At most about `limit` bars. Where there are more samples than that, a bar is as high as the
   * highest of its samples: a burst must not be averaged away. Bars keep their samples from one
   * second to the next, or the chart would flicker.
   */
  #bars(limit) {
    const interval = this.history.interval;
    const perBar = Math.max(1, Math.ceil(this.view.span / interval / limit));
    const bars = [];
    for (const sample of this.view.shown(this.history.all)) {
      const place = Math.floor(sample.end / interval / perBar);
      const begin = sample.end - sample.seconds;
      const bar = bars.at(-1);
      if (bar && perBar > 1 && bar.place === place && begin - bar.end < interval / 2) {
        bar.end = sample.end;
        bar.migrated = highest(bar.migrated, sample.migrated);
        bar.failed = highest(bar.failed, sample.failed);
      } else {
        bars.push({ place, begin, end: sample.end, migrated: sample.migrated, failed: sample.failed });
      }
    }
    return bars;
  }

  /** Where nothing was sampled is not where nothing happened. */
  #unsampled(bars, axis) {
    const { end, span } = this.view;
    const marks = [];
    let from = end - span;
    for (const bar of [...bars, { begin: end, end }]) {
      if (bar.begin - from > 1.5 * this.history.interval) {
        const [x1, x2] = [this.x(from), this.x(bar.begin)];
        marks.push(svgElement("rect", {
          class: "unsampled", x: x1, width: Math.max(0, x2 - x1), y: axis.top, height: axis.bottom - axis.top,
        }));
        if (x2 - x1 > 90) marks.push(svgText("not sampled", (x1 + x2) / 2, axis.zero - 8, "middle"));
      }
      from = bar.end;
    }
    return marks;
  }

  #pageLines(axis) {
    return axis.ticks().flatMap(({ value, y }) => [
      this.rule(y), svgText(number(value), TimeChart.left - 6, y + 4, "end"),
    ]);
  }

  #timeLabels() {
    const { end, span, endName } = this.view;
    const step = span / (this.width < 480 ? 2 : span > 60 ? 5 : 4);
    const marks = [];
    for (let ago = span; ago >= 0; ago -= step) {
      const text = ago === 0 ? endName : step % 60 ? `−${ago} s` : `−${ago / 60} min`;
      const anchor = ago === 0 ? "end" : ago === span ? "start" : "middle";
      marks.push(svgText(text, this.x(end - ago), this.height - 6, anchor));
    }
    return marks;
  }

  /** The highest bar by its number, which no scale tells exactly. */
  #peak(bars, axis) {
    const peak = bars.reduce(
      (best, bar) => ((bar.migrated ?? 0) > (best?.migrated ?? 0) ? bar : best), null);
    if (!peak) return [];
    const x = Math.min(Math.max(this.x((peak.begin + peak.end) / 2), 66), this.width - 30);
    return [svgText(number(peak.migrated), x, axis.y(peak.migrated, true) - 5, "middle", "peak")];
  }

  /** An empty chart says in words that nothing happened, where there is room for them. */
  #nothing(bars, axis) {
    const counted = bars.filter(({ migrated }) => known(migrated));
    if (counted.length === 0 || bars.some(({ migrated, failed }) => migrated > 0 || failed > 0)) return [];
    const [from, to] = [this.x(counted[0].begin), this.x(counted.at(-1).end)];
    return to - from > 150 ? [svgText("no page in this time", (from + to) / 2, axis.zero - 8, "middle")] : [];
  }

  cursor() {
    const sample = this.view.at(this.history.all);
    const dots = sample ? [["migrated", true], ["failed", false]] : [];
    return [...super.cursor(), ...dots.filter(([series]) => known(sample[series])).map(
      ([series, isUp]) => svgElement("circle", {
        class: `dot ${series}`, cx: this.x(sample.end - sample.seconds / 2),
        cy: this.#axis.y(sample[series], isUp), r: 4,
      }))];
  }
}

/** Where numbers of pages per second lie, upwards and downwards from one line. */
class PageAxis {
  constructor(scale, { top, bottom, migrated, failed }) {
    Object.assign(this, { top, bottom });
    this.isLog = scale === "log";
    const round = this.isLog ? wholeDecade : roundNumber;
    this.up = round(Math.max(migrated, 10));
    this.down = round(Math.max(failed, this.isLog ? 10 : this.up / 8));
    const height = bottom - top;
    this.unit = height / (this.#measure(this.up) + this.#measure(this.down));
    this.zero = Math.round(top + this.unit * this.#measure(this.up)) + 0.5;
  }

  y(value, isUp) {
    // What is not 0 is to be seen, however little it is.
    const length = value > 0 ? Math.max(1.5, this.unit * this.#measure(value)) : 0;
    return this.zero + (isUp ? -length : length);
  }

  ticks() {
    return [...this.#ticks(this.up, true), { value: 0, y: this.zero }, ...this.#ticks(this.down, false)];
  }

  #ticks(limit, isUp) {
    const values = [];
    if (this.isLog) {
      // Every decade where there is room, else every second or third one, the same both ways.
      const step = Math.ceil(18 / this.unit);
      const last = Math.round(Math.log10(limit));
      for (let decade = step; decade <= last; decade += step) values.push(10 ** decade);
    } else {
      const parts = this.unit * limit > 100 ? 4 : this.unit * limit > 50 ? 2 : 1;
      for (let part = parts; part > 0; part -= 1) values.push((limit * part) / parts);
    }
    return values.map((value) => ({ value, y: this.y(value, isUp) }));
  }

  /** 0 at 0, and one more with each further digit. */
  #measure(value) {
    return this.isLog ? Math.log10(1 + value) : value;
  }
}

function wholeDecade(value) {
  return 10 ** Math.ceil(Math.log10(value) - 1e-9);
}

/** The next 1, 2 or 5 with zeros. */
function roundNumber(value) {
  const decade = 10 ** Math.floor(Math.log10(value));
  return decade * [1, 2, 5, 10].find((step) => step * decade >= value * (1 - 1e-9));
}

function highest(one, other) {
  return known(one) && known(other) ? Math.max(one, other) : known(one) ? one : other;
}
