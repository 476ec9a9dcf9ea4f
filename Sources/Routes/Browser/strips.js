"use strict";

// The charts below the large one, in steps of ten seconds: why, how long, and what else happened.

/** A chart that is as high as the highest of what it shows, with that number at its left. */
class Strip extends TimeChart {
  static top = 4;

  /** The rates of one kind in the time shown. */
  get steps() {
    return this.view.shown(this.history.steps);
  }

  /** In words, that there is nothing to draw. */
  nothing() {
    const text = this.steps.length ? "none in this time" : "not known yet";
    return svgText(text, TimeChart.left + this.inner / 2, this.height / 2 + 4, "middle");
  }

  /** What maps a rate to its place, and the marks of its scale. */
  scaleTo(most) {
    const limit = roundNumber(Math.max(most, 1));
    const foot = this.height - 3;
    const y = (value) => foot - (value / limit) * (foot - Strip.top);
    const marks = most === 0 ? [this.rule(foot, "zero"), this.nothing()] : [
      this.rule(Strip.top), this.rule(foot, "zero"),
      svgText(number(limit), TimeChart.left - 6, Strip.top + 9, "end"),
    ];
    return { y, marks, foot };
  }
}

/** Pages per second by reason, one area upon the other, in the kernel's order of reasons. */
class ReasonsStrip extends Strip {
  marks() {
    const steps = this.steps.filter(({ reasons }) => reasons);
    const all = Object.keys(meanings);
    const names = [...new Set(steps.flatMap(({ reasons }) => Object.keys(reasons)))]
      .sort((one, other) => all.indexOf(one) - all.indexOf(other));
    const upTo = (step, place) =>
      names.slice(0, place).reduce((sum, name) => sum + (step.reasons[name] ?? 0), 0);
    const { y, marks } = this.scaleTo(Math.max(0, ...steps.map((step) => upTo(step, names.length))));
    return [...marks, ...names.map((name, place) => svgElement("path", {
      class: `area ${reasonClass(name)}`,
      d: this.area(steps, (step) => y(upTo(step, place + 1)), (step) => y(upTo(step, place))),
    }))];
  }
}

/** How many calls took how long: the darker, the more. Each row is twice as long as the one below. */
class DurationsStrip extends Strip {
  marks() {
    const steps = this.steps.filter(({ durations }) => durations);
    const most = Math.max(1, ...steps.flatMap(({ durations }) => durations));
    const rows = steps[0]?.durations.length ?? 26;
    const height = (this.height - 2 * Strip.top) / rows;
    const y = (row) => this.height - Strip.top - row * height;
    // The bound of row n is 2^n µs.
    const labels = [[10, "1 ms"], [20, "1 s"]].flatMap(([row, text]) => [
      this.rule(y(row + 1)), svgText(text, TimeChart.left - 6, y(row + 1) + 4, "end"),
    ]);
    const cells = steps.flatMap((step) => step.durations.map((calls, row) => {
      if (calls === 0) return null;
      const [begin, end] = [this.x(step.end - step.seconds), this.x(step.end)];
      return svgElement("rect", {
        class: "heat", x: begin.toFixed(2), width: Math.max(0, end - begin).toFixed(2), y: y(row + 1).toFixed(2),
        height: height.toFixed(2), "fill-opacity": (0.2 + 0.8 * (Math.log1p(calls) / Math.log1p(most))).toFixed(2),
      });
    }).filter(Boolean));
    return [this.rule(y(0), "zero"), ...(cells.length ? [...labels, ...cells] : [this.nothing()])];
  }
}

/** One kind of events per second. */
class RateStrip extends Strip {
  constructor(root, view, history, rate, kind) {
    super(root, view, history);
    Object.assign(this, { rate, kind });
    this.draw();
  }

  marks() {
    if (!this.rate) return [];
    const value = (step) => step.per_second[this.rate];
    const { y, marks, foot } = this.scaleTo(Math.max(0, ...this.steps.map((step) => value(step) ?? 0)));
    return [...marks, svgElement("path", {
      class: `area ${this.kind}`,
      d: this.area(this.steps, (step) => together([value(step)], y), foot),
    })];
  }
}

/** Hint faults per second, and as a line the part of them that met memory of their own node. */
class NumaStrip extends RateStrip {
  marks() {
    const place = (step) => Strip.top + (1 - step.numa_locality) * (this.height - 3 - Strip.top);
    const lines = this.steps.filter((step) => known(step.numa_locality)).map((step) =>
      `M${this.x(step.end - step.seconds).toFixed(1)} ${place(step).toFixed(1)}H${this.x(step.end).toFixed(1)}`);
    return [...super.marks(), svgElement("path", { class: "locality", d: lines.join("") })];
  }
}

/** Promoted pages upwards, demoted ones downwards. */
class TiersStrip extends Strip {
  marks() {
    const rate = (step, what) => step.per_second[`pages_${what}`];
    const most = (what) => Math.max(0, ...this.steps.map((step) => rate(step, what) ?? 0));
    const limit = roundNumber(Math.max(most("promoted"), most("demoted"), 1));
    const zero = this.height / 2;
    if (most("promoted") + most("demoted") === 0) return [this.rule(this.height - Strip.top, "zero"), this.nothing()];
    const unit = (zero - Strip.top) / limit;
    const area = (what, sign) => svgElement("path", {
      class: `area ${what}`,
      d: this.area(this.steps, (step) => together([rate(step, what)], (pages) => zero - sign * unit * pages), zero),
    });
    return [
      this.rule(Strip.top), this.rule(this.height - Strip.top), area("promoted", 1), area("demoted", -1),
      this.rule(zero, "zero"), svgText(number(limit), TimeChart.left - 6, Strip.top + 9, "end"),
      svgText(number(limit), TimeChart.left - 6, this.height - Strip.top, "end"),
    ];
  }
}

/** What each reason is, in a sentence, in the kernel's order. METRICS.md has more. */
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

/** Each reason has its colour, the same as on the dashboards; one that is new to the page has grey. */
function reasonClass(name) {
  return name in meanings ? `reason-${name}` : "reason-other";
}
