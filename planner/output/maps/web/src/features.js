// @ts-check
// Layers that are drawn from their features: points, lines and polygons, each with a card.

import { facilityCard } from "./cards.js";
import { h } from "./dom.js";
import { cellText, featureClass, featuresOf } from "./feature_cells.js";
import { known } from "./known.js";

/** @import * as Data from "./payload.js" */
/** @import { App, Renderers } from "./types.js" */

/**
 * Return what draws the layers on a half of the map: all features of the kind shown, or of none.
 *
 * @param {App} app
 * @param {Renderers} renderers those of the half's panes
 * @param {<Result>(work: () => Result) => Result} within does some work in the state of the half
 */
export function makeFeatures(app, renderers, within) {
  const group = L.layerGroup();
  /** @type {Map<string, L.Layer>} */
  const made = new Map();
  /**
   * @param {Data.FeatureLayer} layer
   * @param {number} i
   */
  const once = (layer, i) => {
    const key = `${app.state.when.startsWith("other")} ${layer.id} ${i}`;
    const drawn = made.get(key) ?? makeFeature(app, renderers, layer, i, within);
    if (drawn) made.set(key, drawn);
    return drawn;
  };
  return {
    group,
    refresh() {
      group.clearLayers();
      for (const layer of featuresOf(app)) {
        if (!app.state.layers[layer.id]) continue;
        layer.kind.forEach((kind, i) => {
          const drawn = kind === null || kind === app.state.kind ? once(layer, i) : null;
          if (drawn) group.addLayer(drawn);
        });
      }
    },
  };
}

/**
 * Return a feature drawn, or null where it has no shape.
 *
 * @param {App} app
 * @param {Renderers} renderers
 * @param {Data.FeatureLayer} layer
 * @param {number} i
 * @param {<Result>(work: () => Result) => Result} within
 * @returns {L.Layer | null}
 */
function makeFeature(app, renderers, layer, i, within) {
  const colour = featureColour(app, layer, i);
  const drawn = shapeOf(app, renderers, layer, i, colour);
  if (!drawn) return null;
  const facility = layer.community[i] === null ? layer.facility[i] : null;
  return drawn
    .bindTooltip(() => h("div", {}, h("b", {}, layer.title[i] || layer.name)), {
      sticky: layer.geometry !== "point",
      className: "tip",
      opacity: 1,
    })
    .bindPopup(
      () => within(() => (facility === null ? featureCard(app, layer, i) : facilityCard(app, facility))),
      { maxWidth: 340 },
    );
}

/**
 * @param {App} app
 * @param {Renderers} renderers
 * @param {Data.FeatureLayer} layer
 * @param {number} i
 * @param {string} colour
 * @returns {L.Layer | null}
 */
function shapeOf({ unpack }, renderers, layer, i, colour) {
  /** @type {any} */
  const path = { renderer: renderers.features, color: colour, smoothFactor: 0.5 };
  if (layer.geometry === "line") {
    const lines = unpack.lines(known(layer.line)[i]);
    return L.featureGroup([
      L.polyline(lines, { ...path, color: "#ffffff", weight: 8, opacity: 0.9, interactive: false }),
      L.polyline(lines, { ...path, weight: 5, opacity: 1 }),
    ]);
  }
  if (layer.geometry === "polygon")
    return L.polygon(unpack.shape(known(layer.shape)[i]), {
      ...path,
      weight: 1.6,
      fillColor: colour,
      fillOpacity: 0.12,
    });
  const at = unpack.point(known(layer.point)[i]);
  return at
    ? L.circleMarker(at, {
        .../** @type {any} */ ({ renderer: renderers["feature-points"] }),
        radius: 7,
        weight: 1.5,
        color: "#20242b",
        fillColor: colour,
        fillOpacity: 1,
      })
    : null;
}

/**
 * @param {App} app
 * @param {Data.FeatureLayer} layer
 * @param {number} i
 */
function featureColour(app, layer, i) {
  if (layer.classes) return featureClass(layer, i) ?? "#999999";
  return layer.colour ?? app.kinds.get(layer.kind[i])?.colour ?? "#777777";
}

/**
 * @param {App} app
 * @param {Data.FeatureLayer} layer
 * @param {number} i
 */
function featureCard(app, layer, i) {
  return h(
    "div",
    { class: "card" },
    h("h3", {}, layer.title[i] || layer.name),
    layer.title[i] ? h("p", { class: "where" }, layer.name) : null,
    h(
      "dl",
      {},
      layer.columns
        .filter(({ values }) => values[i] !== null)
        .map((column) => [h("dt", {}, column.title), h("dd", {}, cellText(app, column, column.values[i]))]),
    ),
  );
}
