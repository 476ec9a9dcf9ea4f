"use strict";

/** Shows what `/rates` says: the heading, the sentence, the large numbers and the windows. */
function showRates(overview) {
  const sampled = Boolean(overview.sampler);
  show("host", overview.host ?? "This host");
  show("facts", factsOf(overview));
  show("summary", unbroken(overview.summary));
  showCards(overview, sampled);
  showRows("window-rows", windowRows(overview));
  // A window that is shorter than the sampler's interval never has a rate.
  const isOffered = !(overview.sampler?.interval_seconds > 10);
  for (const row of element("window-rows").parentElement.rows) row.cells[3].hidden = !isOffered;
  showSampler(overview.sampler);
  element("history").hidden = !sampled;
}

function factsOf(overview) {
  const facts = [];
  if (overview.kernel) facts.push(`kernel ${overview.kernel}`);
  facts.push(`pages of ${bytes(overview.page_size_bytes)}`);
  if (known(overview.thp_size_bytes)) facts.push(`THPs of ${bytes(overview.thp_size_bytes)}`);
  facts.push(overview.sampler
    ? `sampled every ${duration(overview.sampler.interval_seconds)}` : "not sampled");
  return unbroken(facts.join(" · "));
}

/** A number and its unit stay on one line. */
function unbroken(text) {
  return text.replace(/(\d) (?=[A-Za-zµ%])/g, "$1\u00a0");
}

/**
 * The window of the large numbers: the sentence's, which does not flicker; until that is full the last
 * interval. Where nothing is sampled, what the kernel has counted since it started.
 */
function windowOfCards({ sampler, counters }) {
  if (!sampler) return ["total", " since boot"];
  const rates = counters.pages_migrated.per_second;
  const titles = { "10s": "10\u00a0s", "1m": "1\u00a0min", "5m": "5\u00a0min" };
  const window = Object.keys(titles).find((window) => known(rates[window]));
  return window ? [window, `/s, mean of ${titles[window]}`] : ["now", "/s now"];
}

function showCards(overview, sampled) {
  const { counters, derived } = overview;
  const [column, unit] = windowOfCards(overview);
  const figure = (counter) => number(columnsOf(counters[counter])[column]);

  show("migrated", figure("pages_migrated"));
  show("migrated-bytes", bytes(derived.bytes_migrated[column]) + (sampled ? "/s" : ""));
  show("failed", figure("pages_failed"));
  show("failed-share", tried(derived.pages_tried[column], derived.failure_share[column]));
  show("thp-migrated", figure("thp_migrated"));
  show("thp-split", figure("thp_split"));
  show("thp-lost", number(derived.thp_lost[column]));
  show("thp-rule", lossRule(overview.thp_failed_includes_split));
  for (const [id, counter] of [["migrated", "pages_migrated"], ["failed", "pages_failed"]]) {
    show(`${id}-now`, number(counters[counter].per_second.now));
    show(`${id}-5m`, number(counters[counter].per_second["5m"]));
    show(`${id}-peak`, number(counters[counter].per_second_max["5m"]));
  }
  // A healthy host's 0 is no alarm, and what is not known is none either.
  for (const id of ["migrated", "failed"]) {
    const value = columnsOf(counters[`pages_${id}`])[column];
    element(id).parentElement.classList.toggle("some", value > 0);
  }
  show("thp-window", unit.replace(/^\/s,? ?/, ""));
  for (const mark of document.querySelectorAll(".unit")) {
    // Three stand side by side in the card of THPs, whose title says of what time they are.
    const text = mark.dataset.counted + (mark.dataset.counted === "THPs" ? (sampled ? "/s" : "") : unit);
    if (mark.textContent !== text) mark.textContent = text;
  }
  for (const asides of document.querySelectorAll(".asides")) asides.hidden = !sampled;
}

function tried(pages, share) {
  if (!known(pages)) return unknown;
  return pages > 0 ? `${percent(share)} of the pages tried` : "no page was tried";
}

/** What `failed` says of THPs depends on the kernel, and so does what is lost. */
function lossRule(failedIncludesSplit) {
  switch (failedIncludesSplit) {
    case true: return "Lost: neither moved nor split. This kernel counts split THPs as failed, too; here they are not.";
    case false: return "Lost: neither moved nor split, as this kernel counts them.";
    default: return "What is lost is not known for this kernel.";
  }
}

/** A counter in the columns of the windows' table, without its peaks. */
function columnsOf(counter) {
  return { total: counter.total, ...counter.per_second };
}

/** The same rows as in the text overview. A share or a loss has no peak: it would mix samples. */
function windowRows(overview) {
  const { counters, derived, page_size_bytes: page } = overview;
  const peaks = (counter) => Object.values(counter.per_second_max);
  const plain = (title, name) => {
    const { total, ...rates } = columnsOf(counters[name]);
    return [title, count(total), ...[...Object.values(rates), ...peaks(counters[name])].map(number)];
  };
  const shown = (title, columns, spell) => [title, ...Object.values(columns).map(spell)];
  const none = peaks(counters.pages_migrated).map(() => "");
  return [
    plain("pages migrated", "pages_migrated"),
    [...shown("bytes migrated", derived.bytes_migrated, bytes),
      ...peaks(counters.pages_migrated).map((pages) => bytes(together([pages], () => pages * page)))],
    plain("pages failed", "pages_failed"),
    [...shown("failure share", derived.failure_share, percent), ...none],
    plain("THPs migrated", "thp_migrated"),
    plain("THPs split", "thp_split"),
    [...shown("THPs lost", derived.thp_lost, number), ...none],
  ];
}

function showSampler(sampler) {
  if (!sampler) {
    show("sampler-note", "The sampler is off (--collector.rates.interval=0): totals only.");
    return;
  }
  const plural = (count, word) => `${count} ${word}${count === 1 ? "" : "s"}`;
  const facts = [
    plural(sampler.late_total, "late sample"), plural(sampler.resets_total, "counter reset"),
  ];
  const error = sampler.error ? ` It cannot read: ${sampler.error}.` : "";
  show("sampler-note", `Sampler: ${facts.join(", ")}.${error}`);
}
