"use strict";

/** Shows what `/rates` says: the heading, the sentence, the large numbers and the windows. */
function showRates(overview) {
  const sampled = overview.sampler !== null;
  show("host", overview.host ?? "This host");
  show("facts", factsOf(overview));
  show("summary", unbroken(overview.summary));
  show("version", overview.version);
  showCards(overview, sampled);
  showRows("window-rows", windowRows(overview));
  showSampler(overview.sampler);
  element("history").hidden = !sampled;
  reasonsProblem = overview.reasons?.error ?? null;
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

/** Where nothing is sampled, the cards show what the kernel has counted since it started. */
function showCards(overview, sampled) {
  const view = (counter) => overview.counters[counter];
  const figure = (counter) =>
    sampled ? number(view(counter).per_second.now) : number(view(counter).total);
  const columns = column(sampled ? (counter) => counter.per_second.now : (counter) => counter.total);
  const page = overview.page_size_bytes;

  show("migrated", figure("pages_migrated"));
  show("migrated-bytes", bytes(columns.bytes(overview)) + (sampled ? "/s" : ""));
  show("failed", figure("pages_failed"));
  show("failed-share", tried(columns.tried(overview), columns.share(overview)));
  show("thp-migrated", figure("thp_migrated"));
  show("thp-split", figure("thp_split"));
  show("thp-lost", number(columns.lost(overview)));
  show("thp-rule", lossRule(overview.thp_failed_includes_split));
  for (const [id, counter] of [["migrated", "pages_migrated"], ["failed", "pages_failed"]]) {
    show(`${id}-10s`, number(view(counter).per_second["10s"]));
    show(`${id}-5m`, number(view(counter).per_second["5m"]));
    show(`${id}-peak`, number(view(counter).per_second_max["5m"]));
  }
  for (const unit of document.querySelectorAll(".unit")) {
    unit.textContent = unit.dataset.counted + (sampled ? "/s now" : " since boot");
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

/** The figures that follow from several counters, all taken by `value` from the same column. */
function column(value) {
  const of = (overview, name) => value(overview.counters[name]);
  return {
    bytes: (overview) =>
      together([of(overview, "pages_migrated")], (pages) => pages * overview.page_size_bytes),
    tried(overview) {
      return together([of(overview, "pages_migrated"), of(overview, "pages_failed")],
        (migrated, failed) => migrated + failed);
    },
    share(overview) {
      return together([this.tried(overview), of(overview, "pages_failed")],
        (tried, failed) => (tried > 0 ? failed / tried : null));
    },
    lost: (overview) => {
      const includesSplit = overview.thp_failed_includes_split;
      return together([of(overview, "thp_failed"), of(overview, "thp_split"), includesSplit],
        (failed, split) => (includesSplit ? Math.max(0, failed - split) : failed));
    },
  };
}

/** The same rows as in the text overview. A share or a loss has no peak: it would mix samples. */
function windowRows(overview) {
  const means = ["now", "10s", "1m", "5m"].map((name) => (counter) => counter.per_second[name]);
  const peaks = ["1m", "5m"].map((name) => (counter) => counter.per_second_max[name]);
  const total = (counter) => counter.total;
  const rates = [...means, ...peaks];
  const plain = (title, name) =>
    [title, count(overview.counters[name].total),
      ...rates.map((value) => number(value(overview.counters[name])))];
  const derived = (title, of, columns) =>
    [title, ...columns.map((value) => of(column(value)))];
  const beside = [total, ...means];
  return [
    plain("pages migrated", "pages_migrated"),
    derived("bytes migrated", (figures) => bytes(figures.bytes(overview)), [total, ...rates]),
    plain("pages failed", "pages_failed"),
    [...derived("failure share", (figures) => percent(figures.share(overview)), beside), "", ""],
    plain("THPs migrated", "thp_migrated"),
    plain("THPs split", "thp_split"),
    [...derived("THPs lost", (figures) => number(figures.lost(overview)), beside), "", ""],
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
