"use strict";

/** What is to be seen, as text for those who do not see it: in the channel of an incident. */
function reportText(overview, explained, readout) {
  const at = new Date(overview.time * 1000).toISOString().replace(/\.\d+Z/, "Z");
  const reasons = (overview.trends?.reasons ?? []).filter(({ pages_migrated_per_second: rate }) => rate > 0);
  return [
    `${overview.host ?? "This host"}, kernel ${overview.kernel ?? "?"}, at ${at}`,
    overview.summary,
    readout && `Chosen: ${readout}`,
    ...reasons.slice(0, 3).map((row) =>
      `${row.reason}: ${number(row.pages_migrated_per_second)} pages/s (${percent(row.share)}), `
      + `${number(row.pages_failed_per_second)} failed/s, median call ${duration(row.median_seconds)}`),
    explained?.text.trim(),
    location.href,
  ].filter(Boolean).join("\n") + "\n";
}

/**
 * Copies a text and shows what it is. Without encryption a browser lends its clipboard only to a
 * key press or a click, and by the older way.
 */
async function copyText(text) {
  const field = element("copied-text");
  element("copied").hidden = false;
  field.value = text;
  let isDone = false;
  try {
    await navigator.clipboard.writeText(text);
    isDone = true;
  } catch {
    field.focus();
    field.select();
    isDone = document.execCommand("copy");
  }
  show("copied-state", isDone ? "Copied. This is what it says:" : "Copy this by hand:");
}
