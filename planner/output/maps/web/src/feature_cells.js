// @ts-check
// What the features of a layer say: their values in words, and the class that one is in.

import { isOther } from "./states.js";

/** @import * as Data from "./payload.js" */
/** @import { App } from "./types.js" */

/**
 * Return the layers with features of the plan shown.
 *
 * @param {Pick<App, "data" | "state">} app
 * @returns {Data.FeatureLayer[]}
 */
export const featuresOf = ({ data, state }) =>
  (isOther(state.when) ? data.other?.features : data.features) ?? [];

/**
 * Return a value in the words of its measure.
 *
 * @param {Pick<App, "say" | "count" | "figure" | "minutes" | "percent">} app
 * @param {Data.ColumnOfFeatures} column
 * @param {any} value
 * @returns {string}
 */
export function cellText(app, { measure }, value) {
  if (value === null) return app.say("none");
  if (measure === "share") return app.percent(value);
  if (measure === "minutes") return app.say("min_short", { n: app.minutes(value) });
  if (measure === "count") return app.count(value);
  return measure === "text" ? String(value) : app.figure(value);
}

/**
 * Return the colour of the class that a feature is in; null where it has no value.
 *
 * @param {Data.FeatureLayer} layer
 * @param {number} i
 * @returns {string | null}
 */
export function featureClass({ classes, columns }, i) {
  if (!classes) return null;
  const value = columns[classes.column].values[i];
  if (value === null) return null;
  const place = classes.bounds.findIndex((bound) => Number(value) < bound);
  return classes.colours[place < 0 ? classes.bounds.length : place];
}

/**
 * Return the classes of a layer, each with its colour and its bounds in words.
 *
 * @param {Pick<App, "say" | "count" | "figure" | "minutes" | "percent">} app
 * @param {Data.FeatureLayer} layer
 * @returns {{colour: string, text: string}[]}
 */
export function featureClasses(app, { classes, columns }) {
  if (!classes) return [];
  const bounds = classes.bounds.map((bound) => cellText(app, columns[classes.column], bound));
  return classes.colours.map((colour, n) => ({
    colour,
    text:
      n === 0
        ? app.say("class_below", { to: bounds[0] })
        : n === bounds.length
          ? app.say("class_from", { from: bounds[n - 1] })
          : `${bounds[n - 1]} – ${bounds[n]}`,
  }));
}

/**
 * Return what layers say of a facility: a heading and a value in words for each column.
 *
 * @param {App} app
 * @param {number} facility
 * @returns {[string, string][]}
 */
export function factsOfFacility(app, facility) {
  return featuresOf(app).flatMap((layer) => {
    const i = layer.facility.findIndex((own, n) => own === facility && layer.community[n] === null);
    if (i < 0) return [];
    return layer.columns
      .filter(({ values }) => values[i] !== null)
      .map((column) => /** @type {[string, string]} */ ([column.title, cellText(app, column, column.values[i])]));
  });
}
