// @ts-check
// What lies below the communities: land, water, and hatches.

/** @import * as Data from "./payload.js" */
/** @import { Renderers, Unpacker } from "./types.js" */

/**
 * Hatches for communities without people and for those left out.
 *
 * @param {L.Map} map
 * @param {any} renderer
 */
export function makeHatches(map, renderer) {
  renderer.addTo(map);
  /**
   * @param {string} tag
   * @param {Record<string, any>} props
   * @param {...any} children
   */
  const svg = (tag, props, ...children) => {
    const element = document.createElementNS("http://www.w3.org/2000/svg", tag);
    for (const [name, value] of Object.entries(props)) element.setAttribute(name, value);
    element.append(...children);
    return element;
  };
  /**
   * @param {string} id
   * @param {number} turn
   * @param {string} colour
   * @param {number} gap
   */
  const hatch = (id, turn, colour, gap) =>
    svg(
      "pattern",
      { id, width: gap, height: gap, patternUnits: "userSpaceOnUse", patternTransform: `rotate(${turn})` },
      svg("rect", { width: gap, height: gap, fill: "#efede8" }),
      svg("line", { x1: 0, y1: 0, x2: 0, y2: gap, stroke: colour, "stroke-width": 2 }),
    );
  renderer._container.prepend(
    svg("defs", {}, hatch("hatch-out", 45, "#c4c0b8", 8), hatch("hatch-empty", -45, "#dcd8d0", 5)),
  );
}

/**
 * @param {Data.BackdropShape[]} backdrop
 * @param {Data.Looks} looks
 * @param {Unpacker} unpack
 * @param {Renderers} renderers
 */
export function makeBackdrop(backdrop, looks, unpack, renderers) {
  const group = L.layerGroup();
  const order = Object.keys(looks.backdrop);
  const sorted = backdrop
    .filter(({ kind }) => looks.backdrop[kind])
    .sort((a, b) => order.indexOf(a.kind) - order.indexOf(b.kind));
  for (const { kind, shape } of sorted) {
    const wet = kind === "sea" || kind === "water" || kind === "river";
    /**
     * @param {any} renderer
     * @param {any} fillOpacity
     */
    const paint = (renderer, fillOpacity) =>
      group.addLayer(
        L.polygon(unpack.shape(shape), {
          renderer,
          interactive: false,
          fillColor: looks.backdrop[kind],
          fillOpacity,
          stroke: wet,
          color: "#7fb0c9",
          weight: 0.8,
          opacity: 0.8,
          smoothFactor: 0.8,
        }),
      );
    if (!looks.above.includes(kind)) paint(renderers.ground, 1);
    else paint(renderers.nature, wet ? 1 : 0.93);
  }
  return group;
}
