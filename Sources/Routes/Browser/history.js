"use strict";

/**
 * What the last ten minutes were, oldest first: a sample for each interval of the sampler, and a
 * step of ten seconds for what the exporter looks at less often.
 *
 * All is placed by the host's monotonic clock, which neither its administrator nor the reader's
 * computer can set.
 */
class SampleHistory {
  static seconds = 600;
  all = [];
  steps = [];
  /** The host's monotonic time of the last answer, in seconds. */
  now = 0;
  /** What to add to monotonic times for those of the calendar. */
  calendar = 0;
  /** Seconds between two samples. */
  interval = 1;
  /** Whether what is older than ten minutes is kept: while the reader has stopped the time. */
  isKept = false;
  /** Whether the last question for trends had no answer: then they are left out for a minute. */
  haveTrendsFailed = false;
  #askedAt = null;
  #trendsAskedAt = null;
  #trendsTriedAt = null;
  #asksTrends = false;

  /** Takes what an answer has that was not known yet. */
  add(overview) {
    // A host that was started anew has a new clock.
    if (overview.monotonic_seconds < this.now) [this.all, this.steps] = [[], []];
    this.now = overview.monotonic_seconds;
    this.calendar = overview.time - overview.monotonic_seconds;
    this.interval = overview.sampler?.interval_seconds ?? this.interval;
    this.#askedAt = Date.now();
    if (overview.trends) [this.#trendsAskedAt, this.haveTrendsFailed] = [this.#askedAt, false];
    this.#take(this.all, overview.history, ({ seconds, pages_migrated, pages_failed }) => ({
      migrated: together([pages_migrated], (pages) => pages / seconds),
      failed: together([pages_failed], (pages) => pages / seconds),
    }));
    this.#take(this.steps, overview.trends?.steps, (step) => step);
  }

  #take(list, given, entry) {
    for (const one of given ?? []) {
      const end = one.time - this.calendar;
      const last = list.at(-1);
      if (last && end < last.end + one.seconds / 2) continue;
      list.push({ ...entry(one), end, seconds: one.seconds });
    }
    if (this.isKept) return;
    const first = list.findIndex(({ end }) => end > this.now - SampleHistory.seconds);
    if (first > 0) list.splice(0, first);
  }

  /** What to ask for next: what came since the last answer, and a bit. */
  nextQuery() {
    const history = `history=${this.#missing(this.#askedAt, this.interval)}s`;
    const pause = this.haveTrendsFailed ? 60_000 : 4500;
    this.#asksTrends = this.#trendsTriedAt === null || Date.now() - this.#trendsTriedAt > pause;
    if (!this.#asksTrends) return history;
    this.#trendsTriedAt = Date.now();
    return `${history}&trends=${this.#missing(this.#trendsAskedAt, 10)}s`;
  }

  /** After a failure: whether it is worth a try to ask for less. A host in trouble may be too slow for all of it. */
  giveUpTrends() {
    this.haveTrendsFailed ||= this.#asksTrends;
    return this.#asksTrends;
  }

  #missing(askedAt, interval) {
    if (askedAt === null) return SampleHistory.seconds;
    const since = (Date.now() - askedAt) / 1000;
    return Math.min(Math.ceil(Math.abs(since) + 3 * interval + 1), SampleHistory.seconds);
  }

  /** How old the last sample was when it came, in seconds, at most an interval. */
  get age() {
    const last = this.all.at(-1);
    return last ? Math.min(this.now - last.end, this.interval) : 0;
  }

  /** How far back the samples go, in seconds. */
  get depth() {
    const [first] = this.all;
    return first ? this.now - first.end + first.seconds : 0;
  }
}

/** What the reader has chosen to see, the same in all charts; times are the host's monotonic ones. */
class View {
  span = SampleHistory.seconds;
  scale = "log";
  /** Where the charts end while the time is stopped. Null while it runs. */
  stopped = null;
  /** The instant that is read in all charts. Null for none. */
  chosen = null;
  /** What the right end is called. */
  endName = "now";
  #history;

  constructor(history) {
    this.#history = history;
  }

  get end() {
    return this.stopped ?? this.#history.now;
  }

  /** Those of a list that end in the time shown. */
  shown(list) {
    return list.filter(({ end }) => end > this.end - this.span && end <= this.end);
  }

  /** The one of a list in which the chosen instant lies. */
  at(list) {
    if (this.chosen === null) return null;
    return list.find(({ end, seconds }) => end >= this.chosen && end - seconds < this.chosen) ?? null;
  }
}
