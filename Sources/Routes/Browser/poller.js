"use strict";

/**
 * Asks the exporter again and again, but not while nobody looks: a hidden tab is quiet.
 *
 * After a failure it waits longer each time, up to five seconds, and asks on until it is answered.
 */
class Poller {
  static #longestPause = 5000;
  #failures = 0;
  #timer = null;
  #isAsking = false;
  #failingSince = null;

  /**
   * `ask` gives a promise of an answer; `answered` gets the answer and `pause` then tells how
   * many milliseconds to wait; `failed` gets the error, and since when there is nothing else.
   */
  constructor({ ask, pause, answered, failed }) {
    Object.assign(this, { ask, pause, answered, failed });
    document.addEventListener("visibilitychange", () => this.turn());
  }

  /** Asks now, unless an answer is awaited already or nobody looks. */
  async turn() {
    clearTimeout(this.#timer);
    if (this.#isAsking || document.hidden) return;
    this.#isAsking = true;
    const begin = Date.now();
    const [answer, error] = await this.ask().then((answer) => [answer], (error) => [null, error]);
    this.#isAsking = false;
    try {
      if (error) this.failed(error, this.#failingSince ??= begin);
      else this.answered(answer);
    } finally {
      const pause = error ? this.#pauseAfterFailure() : this.#pauseAfterAnswer();
      this.#timer = setTimeout(() => this.turn(), pause);
    }
  }

  #pauseAfterAnswer() {
    this.#failures = 0;
    this.#failingSince = null;
    return Math.max(this.pause(), 50);
  }

  #pauseAfterFailure() {
    this.#failures += 1;
    return Math.min(250 * 2 ** this.#failures, Poller.#longestPause);
  }
}

/** The answer to a request, in at most five seconds; an error that a person can read otherwise. */
async function load(address, accept) {
  let response;
  try {
    response = await fetch(address, {
      headers: { Accept: accept }, cache: "no-store", signal: AbortSignal.timeout(5000),
    });
  } catch (error) {
    throw new Error(error.name === "TimeoutError" ? "no answer in 5 s" : "it cannot be reached");
  }
  if (response.ok) return response;
  const reason = (await response.text()).split("\n")[0].slice(0, 200);
  throw new Error(`it answers ${reason || response.status}`);
}
