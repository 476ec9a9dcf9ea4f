"use strict";

/** What `/explain` found, in its own words. Where it found nothing, the sentence above is enough. */
function showExplained(report) {
  const section = element("explained");
  section.hidden = report.findings.length === 0;
  section.classList.toggle("warned", report.findings.some(({ severity }) => severity === "warning"));
  show("explained-title", report.sentence);
  // Built anew only where something else is said: a reader's place and selection stay.
  const told = JSON.stringify(report.findings);
  if (showExplained.told === told) return;
  showExplained.told = told;
  element("findings").replaceChildren(...report.findings.map(findingOf));
}

/** The runbook, one click away. Nothing but an address of the web becomes a link. */
function runbookOf(address) {
  if (!address.startsWith("https://")) return made("dd", address);
  const detail = document.createElement("dd");
  const link = detail.appendChild(made("a", address.split("/").at(-1)));
  Object.assign(link, { href: address, rel: "noreferrer" });
  return detail;
}

function findingOf(finding) {
  const item = made("li", "", finding.severity);
  item.append(made("h3", finding.sentence));
  const list = item.appendChild(document.createElement("dl"));
  const row = (term, ...details) => list.append(made("dt", term), ...details);
  for (const because of finding.because) row("because", made("dd", because));
  for (const kind of ["try", "undo"]) {
    if (!finding[kind]) continue;
    const detail = document.createElement("dd");
    detail.append(made("code", finding[kind]));
    row(kind, detail);
  }
  if (finding.but) row("but", made("dd", finding.but));
  if (finding.see) row("see", runbookOf(finding.see));
  return item;
}
