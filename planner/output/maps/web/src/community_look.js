// @ts-check
// The look of one community.

import { communityClass } from "./class_breaks.js";

/** @import { App, When } from "./types.js" */

/**
 * @param {App} app
 * @param {number} i
 * @param {boolean} worst
 * @param {When} [when]
 */
export function communityLook(app, i, worst, when = app.state.when) {
  const { data } = app;
  const bare = data.tiles === "none"; // no basemap below that should show through
  /** @type {L.PathOptions} */
  const edge = data.communities.estimated
    ? { stroke: true, color: "#57504a", weight: 0.9, opacity: 0.8, dashArray: "5 4" }
    : { stroke: true, color: "#6f675e", weight: 0.6, opacity: 0.5, dashArray: undefined };
  if (!data.communities.inside[i])
    return {
      ...edge,
      fillColor: "url(#hatch-out)",
      dashArray: "3 3",
      color: "#8d877e",
      fillOpacity: bare ? 0.8 : 0.5,
      opacity: 0.9,
    };
  const one = app.indicators.find();
  if (!one) return { ...edge, fillColor: "#f7f4ec", fillOpacity: bare ? 0.9 : 0.2 };
  const strong = worst ? { color: "#31102a", weight: 2.6, opacity: 1 } : {};
  const fillOpacity = bare ? 0.92 : 0.6;
  const found = communityClass(app, i, when);
  if (!found) return { ...edge, ...strong, fillColor: "url(#hatch-empty)", fillOpacity };
  return { ...edge, ...strong, fillColor: found.colour, fillOpacity };
}
