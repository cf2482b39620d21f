// @ts-check
// The legend of layers with features: a switch for each, and its classes while it is shown.

import { h } from "./dom.js";
import { featureClasses, featuresOf } from "./feature_cells.js";
import { onSides } from "./states.js";

/** @import * as Data from "./payload.js" */
/** @import { Ui } from "./types.js" */

/**
 * @param {Ui} ui
 * @param {(name: string, sample: any, text: string) => any} layer makes the switch of a layer
 */
export function featureLegend({ app }, layer) {
  const { state, say } = app;
  const seen = onSides(app, () => featuresOf(app)).flatMap(([, layers]) => layers);
  const today = onSides(app, () => (state.when === "before" || state.when === "other") && state.year === null);
  const stays = today.some(([, is]) => !is);
  return app.data.features
    .map(({ id }) => seen.find((one) => one.id === id))
    .filter((one) => one?.kind.some((kind) => kind === null || kind === state.kind))
    .map((one) => {
      const own = /** @type {Data.FeatureLayer} */ (one);
      const on = state.layers[own.id];
      const scale = on ? featureClasses(app, own) : [];
      return [
        layer(own.id, sample(own, own.colour ?? app.kinds.get(state.kind)?.colour ?? "#777777"), own.name),
        on && h("p", { class: "note" }, own.about),
        scale.length > 0 &&
          h(
            "ul",
            { class: "scale" },
            scale.map(({ colour, text }) =>
              h("li", {}, h("i", { class: "swatch", style: `background:${colour}` }), h("span", {}, text)),
            ),
          ),
        on && stays && h("p", { class: "note stays" }, say("features_stay")),
      ];
    });
}

/**
 * @param {Data.FeatureLayer} layer
 * @param {string} colour
 */
function sample({ geometry, classes }, colour) {
  const shown = classes ? classes.colours[classes.colours.length - 1] : colour;
  if (geometry === "point") return h("i", { class: "swatch dots", style: `--kind:${shown}` }, h("b"));
  return h("i", { class: geometry === "line" ? "swatch line" : "swatch ring", style: `border-color:${shown}` });
}
