"use strict";

/**
 * Migrated pages upwards and failed pages downwards from one line, so that place and not colour
 * tells them apart.
 *
 * Both ways have one scale. It is logarithmic unless the reader wants otherwise: a burst of a
 * million pages and a trickle of ten are both to be seen.
 */
class Chart {
  static #margin = { left: 46, right: 10, top: 18, bottom: 24 };
  #root;
  #svg = svgElement("svg", { "aria-hidden": "true" });
  #history;
  #width = 0;
  span = 60;
  scale = "log";
  /** What the right end is called. */
  end = "now";
  /** The chosen sample. Null for none. */
  chosen = null;

  constructor(root, history) {
    this.#root = root;
    this.#history = history;
    root.append(this.#svg);
    new ResizeObserver(() => this.draw()).observe(root);
  }

  draw() {
    const { left, right, top, bottom } = Chart.#margin;
    const [width, height] = [this.#root.clientWidth, this.#root.clientHeight];
    if (width === 0) return;
    this.#width = width;
    const bars = this.#bars((width - left - right) / 1.5);
    const axis = new PageAxis(this.scale, {
      top, bottom: height - bottom,
      migrated: Math.max(0, ...bars.map((bar) => bar.migrated ?? 0)),
      failed: Math.max(0, ...bars.map((bar) => bar.failed ?? 0)),
    });
    setAttributes(this.#svg, { viewBox: `0 0 ${width} ${height}`, width, height });
    this.#svg.replaceChildren(
      ...this.#unsampled(bars, axis),
      ...this.#pageLines(axis),
      ...this.#timeLabels(height),
      svgElement("path", { class: "area migrated", d: this.#area(bars, axis, "migrated") }),
      svgElement("path", { class: "area failed", d: this.#area(bars, axis, "failed") }),
      svgElement("line", { class: "zero", x1: left, x2: width - right, y1: axis.zero, y2: axis.zero }),
      ...this.#peak(bars, axis),
      ...this.#cursor(axis),
    );
  }

  /** The sample nearest to a place in the window. Null where there is none. */
  sampleAt(clientX) {
    const x = clientX - this.#root.getBoundingClientRect().left;
    const distance = (sample) => Math.abs(this.#x(sample.end - sample.seconds / 2) - x);
    return this.#history.last(this.span).reduce(
      (best, sample) => (best && distance(best) <= distance(sample) ? best : sample), null);
  }

  #x(monotonic) {
    const { left, right } = Chart.#margin;
    const share = 1 - (this.#history.now - monotonic) / this.span;
    return left + share * (this.#width - left - right);
  }

  /**
   * At most about `limit` bars. Where there are more samples than that, a bar is as high as the
   * highest of its samples: a burst must not be averaged away. Bars keep their samples from one
   * second to the next, or the chart would flicker.
   */
  #bars(limit) {
    const samples = this.#history.last(this.span);
    const interval = this.#history.interval;
    const perBar = Math.max(1, Math.ceil(this.span / interval / limit));
    const bars = [];
    for (const sample of samples) {
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

  /** A step for each bar; it comes down to the line where the samples have a gap. */
  #area(bars, axis, series) {
    const isUp = series === "migrated";
    const left = Chart.#margin.left;
    let path = "";
    let lastX = null;
    const close = () => {
      if (lastX !== null) path += `V${axis.zero}Z`;
      lastX = null;
    };
    for (const bar of bars) {
      if (!known(bar[series])) {
        close();
        continue;
      }
      const [begin, end] = [Math.max(left, this.#x(bar.begin)), this.#x(bar.end)];
      if (lastX !== null && begin - lastX > 0.75) close();
      if (lastX === null) path += `M${begin.toFixed(2)} ${axis.zero}`;
      path += `V${axis.y(bar[series], isUp).toFixed(1)}H${end.toFixed(2)}`;
      lastX = end;
    }
    close();
    return path;
  }

  /** Where nothing was sampled is not where nothing happened. */
  #unsampled(bars, axis) {
    const { left, right } = Chart.#margin;
    const first = this.#history.now - this.span;
    const marks = [];
    let from = first;
    for (const bar of [...bars, { begin: this.#history.now, end: this.#history.now }]) {
      if (bar.begin - from > 1.5 * this.#history.interval) {
        const [x1, x2] = [Math.max(left, this.#x(from)), Math.min(this.#width - right, this.#x(bar.begin))];
        marks.push(svgElement("rect", {
          class: "unsampled", x: x1, width: Math.max(0, x2 - x1), y: axis.top, height: axis.bottom - axis.top,
        }));
        if (x2 - x1 > 90) marks.push(label("not sampled", (x1 + x2) / 2, axis.zero - 8, "middle"));
      }
      from = bar.end;
    }
    return marks;
  }

  #pageLines(axis) {
    const { left, right } = Chart.#margin;
    return axis.ticks().flatMap(({ value, y }) => [
      svgElement("line", { class: "grid", x1: left, x2: this.#width - right, y1: y, y2: y }),
      label(number(value), left - 6, y + 4, "end"),
    ]);
  }

  #timeLabels(height) {
    const step = this.span / (this.#width < 480 ? 2 : this.span > 60 ? 5 : 4);
    const marks = [];
    for (let ago = this.span; ago >= 0; ago -= step) {
      const text = ago === 0 ? this.end : step % 60 ? `−${ago} s` : `−${ago / 60} min`;
      const anchor = ago === 0 ? "end" : ago === this.span ? "start" : "middle";
      marks.push(label(text, this.#x(this.#history.now - ago), height - 6, anchor));
    }
    return marks;
  }

  /** The highest bar by its number, which no scale tells exactly. */
  #peak(bars, axis) {
    const peak = bars.reduce(
      (best, bar) => ((bar.migrated ?? 0) > (best?.migrated ?? 0) ? bar : best), null);
    if (!peak) return [];
    const x = Math.min(Math.max(this.#x((peak.begin + peak.end) / 2), 66), this.#width - 30);
    return [label(number(peak.migrated), x, axis.y(peak.migrated, true) - 5, "middle", "peak")];
  }

  #cursor(axis) {
    if (!this.chosen) return [];
    const x = this.#x(this.chosen.end - this.chosen.seconds / 2);
    if (x < Chart.#margin.left) return [];
    const marks = [svgElement("line", { class: "cursor", x1: x, x2: x, y1: axis.top, y2: axis.bottom })];
    for (const [series, isUp] of [["migrated", true], ["failed", false]]) {
      if (!known(this.chosen[series])) continue;
      marks.push(svgElement("circle", {
        class: `dot ${series}`, cx: x, cy: axis.y(this.chosen[series], isUp), r: 4,
      }));
    }
    return marks;
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

function label(text, x, y, anchor, kind = "label") {
  const mark = svgElement("text", { class: kind, x, y, "text-anchor": anchor });
  mark.textContent = text;
  return mark;
}

function svgElement(name, attributes) {
  return setAttributes(document.createElementNS("http://www.w3.org/2000/svg", name), attributes);
}

function setAttributes(target, attributes) {
  for (const [name, value] of Object.entries(attributes)) target.setAttribute(name, value);
  return target;
}
