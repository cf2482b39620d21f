// @ts-check
// Panes of the map and the renderer of each.

import { Canvas } from "./canvas.js";
import { Painting } from "./painting.js";

/** @import { Renderers } from "./types.js" */

// Panes from the ground up; what reacts to the pointer is SVG, the rest is drawn on canvas.
const PANES = [
  { name: "ground", order: 210, drawn: "canvas" },
  { name: "communities", order: 220, drawn: "svg" },
  { name: "left-communities", order: 221, drawn: "svg" },
  { name: "bands", order: 225, drawn: "canvas" },
  { name: "left-bands", order: 226, drawn: "canvas" },
  { name: "nature", order: 230, drawn: "canvas" },
  { name: "roads", order: 240, drawn: "paint" },
  { name: "minutes", order: 242, drawn: "paint" },
  { name: "left-minutes", order: 243, drawn: "paint" },
  { name: "borders", order: 245, drawn: "canvas" },
  { name: "homes", order: 247, drawn: "canvas" },
  { name: "left-homes", order: 248, drawn: "canvas" },
  { name: "rings", order: 250, drawn: "canvas" },
  { name: "left-rings", order: 251, drawn: "canvas" },
  { name: "reach", order: 252, drawn: "paint" },
  { name: "left-reach", order: 253, drawn: "paint" },
  { name: "links", order: 255, drawn: "canvas" },
  { name: "features", order: 256, drawn: "svg" },
  { name: "left-features", order: 257, drawn: "svg" },
  { name: "ways", order: 258, drawn: "svg" },
  { name: "candidates", order: 260, drawn: "svg" },
  { name: "facilities", order: 262, drawn: "svg" },
  { name: "left-facilities", order: 263, drawn: "svg" },
  { name: "feature-points", order: 264, drawn: "svg" },
  { name: "left-feature-points", order: 265, drawn: "svg" },
  { name: "names", order: 640, drawn: null },
  { name: "sites", order: 650, drawn: null },
  { name: "left-sites", order: 651, drawn: null },
  { name: "pins", order: 652, drawn: null },
  { name: "divider", order: 655, drawn: null }, // below the cards
];

/** @param {L.Map} map */
export function makePanes(map) {
  /** @type {Renderers} */
  const renderers = {};
  for (const { name, order, drawn } of PANES) {
    const pane = map.createPane(name);
    pane.style.zIndex = String(order);
    if (drawn !== null || name === "names") pane.style.pointerEvents = "none";
    if (drawn === "canvas") renderers[name] = new Canvas({ pane: name, padding: 0.15 });
    if (drawn === "paint") renderers[name] = new Painting({ pane: name, padding: 0.1, map });
    if (drawn === "svg") renderers[name] = L.svg({ pane: name, padding: 0.5 });
  }
  return renderers;
}
