// @ts-check
// What is shown in a state.

import { isAfter, isTrial } from "./states.js";

/** @import { App, State } from "./types.js" */

/**
 * Gaps are marked over figures of their kind alone, lest they seem to be of another.
 *
 * @param {App} app
 */
export const showsGaps = ({ indicators }) => Boolean(indicators.find()?.kind);

/**
 * Suggested sites are drawn in every state of the plan's own year but that with trial sites. Beside
 * another half, those that are no part of its state would only mislead.
 *
 * @param {App} app
 */
export function showsSites({ state }) {
  return (
    state.layers.sites &&
    state.year === null &&
    !isTrial(state.when) &&
    (!state.swipe || isAfter(state.when))
  );
}

/**
 * Whether communities are shaded; circles and streets by their minutes want a plain ground.
 *
 * @param {Pick<State, "shade">} given
 */
export function shaded({ shade }) {
  return shade !== "walk" && shade !== "streets";
}
