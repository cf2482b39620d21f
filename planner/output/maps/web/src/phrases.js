// @ts-check
// Words that several parts of the page share.

import { isAfter, isOther, isTrial, isYear, sideOf } from "./states.js";

/** @import { App, Side } from "./types.js" */

/** @param {App} app */
export function cutoffWords(app) {
  const head = app.head();
  const kind = app.kinds.get(app.state.kind);
  return { minutes: head.cutoff, group: head.group_name, kind: kind ? kind.name : "" };
}

/**
 * The year that the figures shown are of: where the page cannot walk, those of other years stay the plan's.
 *
 * @param {App} app
 */
export const yearShown = (app) => (app.data.walk && app.state.year) || app.head().year;

/**
 * The plan's year in brackets, where it has one.
 *
 * @param {App} app
 */
export const planYear = ({ data, say }) => (data.head.year ? say("year_bracket", { n: data.head.year }) : "");

/**
 * @param {App} app
 * @param {Side} side
 */
export function sideName({ data, say }, side) {
  if (isYear(side))
    return `${say("year", { n: parseInt(side, 10) })}${side.endsWith("+") ? ` · ${say("trial")}` : ""}`;
  if (!data.other) return say(side);
  const more = isAfter(side) ? "after" : isTrial(side) ? "trial" : null;
  return `${isOther(side) ? "B" : "A"}${more ? ` · ${say(more)}` : ""}`;
}

/**
 * The state shown, with its year.
 *
 * @param {App} app
 */
export function stateTitle(app) {
  const side = sideOf(app.state);
  const year = yearShown(app);
  const name = sideTitle(app, side);
  return isYear(side) || !year ? name : `${app.say("year", { n: year })} · ${name}`;
}

/**
 * A side by its full name, for where there is room.
 *
 * @param {App} app
 * @param {Side} side
 */
export function sideTitle(app, side) {
  const { other } = app.data;
  const short = sideName(app, side);
  if (!other || isYear(side)) return short;
  return app.say("named", { name: short, told: other.names[isOther(side) ? 1 : 0] });
}
