"use strict";

/**
 * The samples of the last ten minutes, oldest first.
 *
 * They are placed by the host's monotonic clock, which neither its administrator nor the reader's
 * computer can set.
 */
class SampleHistory {
  static seconds = 600;
  all = [];
  /** The host's monotonic time of the last answer, in seconds. */
  now = 0;
  /** What to add to monotonic times for those of the calendar. */
  calendar = 0;
  /** Seconds between two samples. */
  interval = 1;
  #askedAt = null;

  /** Takes what an answer has that was not known yet. */
  add(overview) {
    // A host that was started anew has a new clock.
    if (overview.monotonic_seconds < this.now) this.all = [];
    this.now = overview.monotonic_seconds;
    this.calendar = overview.time - overview.monotonic_seconds;
    this.interval = overview.sampler?.interval_seconds ?? this.interval;
    this.#askedAt = Date.now();
    for (const { time, seconds, pages_migrated, pages_failed } of overview.history ?? []) {
      const end = time - this.calendar;
      const last = this.all.at(-1);
      if (last && end < last.end + seconds / 2) continue;
      this.all.push({
        end, seconds,
        migrated: together([pages_migrated], (pages) => pages / seconds),
        failed: together([pages_failed], (pages) => pages / seconds),
      });
    }
    const first = this.all.findIndex((sample) => sample.end > this.now - SampleHistory.seconds);
    if (first > 0) this.all.splice(0, first);
  }

  /** How much history to ask for, in whole seconds: what came since the last answer, and a bit. */
  get missingSeconds() {
    if (this.#askedAt === null) return SampleHistory.seconds;
    const since = (Date.now() - this.#askedAt) / 1000;
    const wanted = Math.ceil(Math.abs(since) + 3 * this.interval + 1);
    return Math.min(wanted, SampleHistory.seconds);
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

  /** The samples that end in the last `span` seconds. */
  last(span) {
    return this.all.filter((sample) => sample.end > this.now - span);
  }
}
