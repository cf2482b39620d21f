// @ts-check
// The states there are to look at. A state is `when` (today, with suggested or trial sites, or the same
// of a second plan) and a year; a side of the swipe is one of them, written as one word: a year's ends
// in + where trial sites stand in it.

import { known } from "./known.js";
import { yearSpan } from "./year_rule.js";

/** @import * as Data from "./payload.js" */
/** @import { App, Side, State, When } from "./types.js" */

/** @param {string} when */
export const isOther = (when) => when.startsWith("other");

/** @param {string} when */
export const isAfter = (when) => when.endsWith("after");

/** @param {string} when */
export const isTrial = (when) => when.endsWith("trial");

/**
 * @param {string} when
 * @returns {"own" | "other"}
 */
export const planOf = (when) => (isOther(when) ? "other" : "own");

/**
 * The states that buttons choose from, for the kind shown.
 *
 * @param {App} app
 * @returns {When[]}
 */
export function states({ data, state, trials }) {
  const { kind } = state;
  /** @type {Partial<Data.KindFigures>} */
  const figures = data.figures[kind ?? ""] || {};
  const tried = trials.of(kind).length > 0;
  return [
    "before",
    .../** @type {When[]} */ (figures.after ? ["after"] : []),
    .../** @type {When[]} */ (tried && data.walk ? ["trial"] : []),
    .../** @type {When[]} */ (figures.other ? ["other"] : []),
    .../** @type {When[]} */ (figures.other_after ? ["other_after"] : []),
    .../** @type {When[]} */ (tried && figures.other && data.other?.walk ? ["other_trial"] : []),
  ];
}

/**
 * What can stand on a side of the swipe: the states, and the years in which a facility opens or closes.
 *
 * @param {App} app
 * @returns {Side[]}
 */
export function sides(app) {
  const { data, state } = app;
  const span = data.walk && state.kind ? yearSpan(app) : null;
  const { opened, closed, kind } = data.facilities;
  const years = span
    ? [...opened, ...closed].filter(
        (year, i) => year !== null && year >= span[0] && kind[i % kind.length] === state.kind,
      )
    : [];
  const others = new Set(years);
  others.delete(data.head.year);
  const tried = app.trials.of(state.kind).length
    ? [state.left, sideOf(state)].filter(isYear).map((side) => `${parseInt(side, 10)}+`)
    : [];
  return [
    ...states(app),
    ...[...others].sort((a, b) => Number(a) - Number(b)).map(String),
    ...new Set(tried),
  ];
}

/** @param {Side} side */
export const isYear = (side) => /^\d/.test(side);

/**
 * @param {Pick<State, "when" | "year">} given
 * @returns {Side}
 */
export const sideOf = ({ when, year }) => (year === null ? when : `${year}${isTrial(when) ? "+" : ""}`);

/**
 * @param {Side} side
 * @returns {Pick<State, "when" | "year">}
 */
export const stateOf = (side) =>
  isYear(side)
    ? { when: side.endsWith("+") ? "trial" : "before", year: parseInt(side, 10) }
    : { when: /** @type {When} */ (side), year: null };

/**
 * The same side with trial sites on it, or without them.
 *
 * @param {Side} side
 * @param {boolean} tried
 * @returns {Side}
 */
export function withTrials(side, tried) {
  const { when, year } = stateOf(side);
  if (tried === isTrial(when)) return side;
  return sideOf({
    when: tried ? (isOther(when) ? "other_trial" : "trial") : isOther(when) ? "other" : "before",
    year,
  });
}

/**
 * Trial sites stand on the side that is looked at; of two plans, or two years, on both.
 *
 * @param {App} app
 */
export function settleTrials(app) {
  const { data, state } = app;
  const tried = app.trials.of(state.kind).length > 0;
  const left = stateOf(state.left),
    right = stateOf(sideOf(state));
  /** @param {Side} side */
  const able = (side) => !tried || (isOther(stateOf(side).when) ? known(data.other).walk : data.walk);
  if (able(sideOf(state))) Object.assign(state, stateOf(withTrials(sideOf(state), tried)));
  const alike = planOf(left.when) === planOf(right.when) && left.year === right.year;
  if (able(state.left) && (!tried || (state.swipe && !alike))) state.left = withTrials(state.left, tried);
}

/**
 * Does some work in another state, and comes back.
 *
 * @template Result
 * @param {App} app
 * @param {Side} side
 * @param {() => Result} work
 * @returns {Result}
 */
export function inState({ state }, side, work) {
  const { when, year } = state;
  Object.assign(state, stateOf(side));
  try {
    return work();
  } finally {
    Object.assign(state, { when, year });
  }
}

/**
 * Both sides, left first, where the map is divided; else the one there is. Each with some work's result.
 *
 * @param {App} app
 */
export const isDivided = ({ state }) => state.swipe && Boolean(state.kind);

/**
 * @template Result
 * @param {App} app
 * @param {(side: Side) => Result} work
 * @returns {[Side, Result][]}
 */
export function onSides(app, work) {
  const right = sideOf(app.state);
  return (isDivided(app) ? [app.state.left, right] : [right]).map((side) => [
    side,
    inState(app, side, () => work(side)),
  ]);
}
