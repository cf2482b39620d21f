// @ts-check
// The pin of a suggested or trial site.

import { h } from "./dom.js";

/**
 * @param {string | number} number
 * @param {string} colour
 * @param {string} [css]
 */
export function pin(number, colour, css = "") {
  return L.divIcon({
    className: `pin ${css}`,
    iconSize: [26, 34],
    iconAnchor: [13, 33],
    popupAnchor: [0, -30],
    html: h("div", { style: `--kind:${colour}` }, h("i"), h("b", {}, number)),
  });
}
