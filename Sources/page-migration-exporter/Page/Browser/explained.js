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
  if (finding.see) row("see", made("dd", finding.see));
  return item;
}

function made(name, text, kind = "") {
  const result = document.createElement(name);
  result.textContent = text;
  result.className = kind;
  return result;
}
