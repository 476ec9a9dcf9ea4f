"use strict";

// The nodes as a drawing: fast tiers above slow ones, and arrows as thick as what moves.

/** Pages per second as a width: a tenfold is three pixels more. */
const thickness = (rate) => (rate > 0 ? 1.5 + 3 * Math.log10(1 + rate) : 1);

function showFlow(nodes, rates) {
  const root = element("flow");
  const tiers = Map.groupBy
    ? [...Map.groupBy(nodes, (node) => node.memory_tier).entries()]
    : [...new Set(nodes.map((node) => node.memory_tier))].map((tier) => [tier, nodes.filter((node) => node.memory_tier === tier)]);
  tiers.sort(([one], [other]) => (one ?? Infinity) - (other ?? Infinity));
  root.parentElement.hidden = nodes.length < 2;
  if (nodes.length < 2) return;
  const shownNodes = Math.max(...tiers.map(([, members]) => members.length));
  const [box, gapX, height, gapY] = [200, 110, 60, 78];
  const width = shownNodes * box + (shownNodes - 1) * gapX + 8;
  const total = tiers.length * height + (tiers.length - 1) * gapY + 8;
  const marks = [];
  const said = [];
  tiers.forEach(([tier, members], row) => {
    const y = 4 + row * (height + gapY);
    const left = (width - members.length * box - (members.length - 1) * gapX) / 2;
    members.forEach((node, place) => {
      const x = left + place * (box + gapX);
      marks.push(
        svgElement("rect", { class: "node", x, y, width: box, height, rx: 8 }),
        svgText(`node ${node.node}`, x + 12, y + 24, "start", "name"),
        svgText(known(tier) ? `tier ${tier}` : "", x + box - 12, y + 24, "end"),
        svgText(`${bytes(node.free_bytes)} of ${bytes(node.memory_bytes)} free`, x + 12, y + 46, "start"));
      if (row < tiers.length - 1) {
        const middle = x + box / 2;
        const below = [y + height + 4, y + height + gapY - 4];
        marks.push(
          ...arrow("demoted", middle - 18, ...below, node.demoted_from_per_second, "end"),
          ...arrow("promoted", middle + 18, ...below.reverse(), node.promoted_to_per_second, "start"));
        said.push(`node ${node.node}: ${number(node.promoted_to_per_second)} pages/s promoted to it, `
          + `${number(node.demoted_from_per_second)} demoted from it`);
      }
      // Which node a page went to the kernel does not say: one line for all of them.
      if (place > 0) {
        const across = Math.max(0, (rates.numa_pages_migrated ?? 0) - (rates.pages_promoted ?? 0));
        const [x1, x2, middle] = [x - gapX + 4, x - 4, y + height / 2];
        marks.push(svgElement("path", {
          class: `flow balanced${across > 0 ? "" : " none"}`, "stroke-width": thickness(across).toFixed(1),
          d: `M${x1} ${middle}H${x2}`,
        }), svgText(place === 1 ? `${number(across)}/s` : "", (x1 + x2) / 2, middle - 14, "middle"));
        if (place === 1) said.push(`between the nodes of a tier NUMA balancing moves ${number(across)} pages/s`);
      }
    });
  });
  setAttributes(root, { viewBox: `0 0 ${width} ${total}`, width, height: total, "aria-label": `${said.join("; ")}.` });
  root.replaceChildren(...marks);
}

/** From `y1` to `y2`, with its number beside it. */
function arrow(kind, x, y1, y2, rate, anchor) {
  const direction = Math.sign(y2 - y1);
  const width = thickness(rate);
  const head = 6 + width / 2;
  const none = rate > 0 ? "" : " none";
  return [
    svgElement("path", {
      class: `flow ${kind}${none}`, "stroke-width": width.toFixed(1), d: `M${x} ${y1}V${y2 - direction * head}`,
    }),
    svgElement("path", {
      class: `head ${kind}${none}`, d: `M${x - head} ${y2 - direction * head}H${x + head}L${x} ${y2}Z`,
    }),
    svgText(`${number(rate)}/s`, anchor === "end" ? x - 14 : x + 14, (y1 + y2) / 2 + 4, anchor),
    svgText(kind, anchor === "end" ? x - 14 : x + 14, (y1 + y2) / 2 + 20, anchor, "kind"),
  ];
}
