"use strict";

// Numbers as a person reads them, spelled as the text overview of /rates spells them. What is
// null or absent is not known, and never shown as 0.

const unknown = "–";

/** `0`, `0.25`, `7.1`, `850`, `12.3k`, `4.56M`. */
function number(value) {
  return scaled(value, 1000, ["", "k", "M", "G", "T", "P", "E"], "");
}

/** `0 B`, `512 B`, `4 KiB`, `1.5 GiB`. */
function bytes(value) {
  return scaled(value, 1024, ["B", "KiB", "MiB", "GiB", "TiB", "PiB", "EiB"], " ");
}

/** `12 µs`, `3.4 ms`, `1.2 s`. */
function duration(seconds) {
  return scaled(known(seconds) ? seconds * 1e6 : seconds, 1000, ["µs", "ms", "s"], " ");
}

/** Of a share of 1: `0 %`, `0.3 %`, `12 %`. Below one in a thousand it says so. */
function percent(share) {
  if (!known(share)) return unknown;
  if (share > 0 && share < 0.001) return "<0.1 %";
  return `${threeDigits(share * 100)} %`;
}

/** All digits, `1,234,567`, while a number of JavaScript has them all. */
function count(value) {
  return Number.isSafeInteger(value) ? value.toLocaleString("en") : number(value);
}

/** `02:13:05` in the time zone of the reader. */
function clock(unixSeconds) {
  return new Date(unixSeconds * 1000).toLocaleTimeString("en-GB");
}

function known(value) {
  return value !== null && value !== undefined && !Number.isNaN(value);
}

/** What `combine` makes of the values, or null where one of them is not known. */
function together(values, combine) {
  return values.every(known) ? combine(...values) : null;
}

function scaled(value, step, units, separator) {
  if (!known(value)) return unknown;
  let unit = 0;
  // What would be rounded up to a whole step belongs to the next unit.
  while (value >= step - 0.5 && unit < units.length - 1) {
    value /= step;
    unit += 1;
  }
  return threeDigits(value) + separator + units[unit];
}

/** At most two places, as many as three digits leave, and none for a whole number. */
function threeDigits(value) {
  const places = value >= 99.95 || value === 0 ? 0 : value >= 9.995 ? 1 : 2;
  return value.toFixed(places).replace(/\.0+$/, "");
}

function element(id) {
  return document.getElementById(id);
}

/** Text goes into the page as text, and only where it differs: nothing is laid out for nothing. */
function show(id, text) {
  const target = element(id);
  if (target.textContent !== text) target.textContent = text;
}

/**
 * Fills a table's body, row by row; the first cell of each row names it. A cell is its text, or
 * its text and its kind, which is a class.
 *
 * Rows and cells are kept and only their text is changed, so that a selection, the reader's place
 * and a screen reader's stay where they are.
 */
function showRows(id, rows) {
  const body = element(id);
  while (body.rows.length > rows.length) body.deleteRow(-1);
  rows.forEach((cells, place) => {
    const row = body.rows[place] ?? body.insertRow();
    cells.forEach((cell, column) => {
      const target = row.cells[column] ?? row.appendChild(emptyCell(column));
      const { text, kind } = typeof cell === "string" ? { text: cell, kind: "" } : cell;
      if (target.textContent !== text) target.textContent = text;
      if (target.className !== kind) target.className = kind;
    });
  });
}

function emptyCell(column) {
  const cell = document.createElement(column === 0 ? "th" : "td");
  if (column === 0) cell.scope = "row";
  return cell;
}

function made(name, text, kind = "") {
  const result = document.createElement(name);
  result.textContent = text;
  result.className = kind;
  return result;
}
