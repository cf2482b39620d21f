// @ts-check
// Which facilities operate in a year, and which years there are.

/** @import * as Data from "./payload.js" */
/** @import { App } from "./types.js" */

/**
 * Which facilities operate: those of the plan, or by their years as the plan reads them.
 *
 * @param {Data.FacilityColumns} facilities
 * @param {number} i
 * @param {number | null} year
 */
export function operates(facilities, i, year) {
  if (year === null || facilities.operating[i] === null) return Boolean(facilities.operating[i]);
  const { state, opened, closed } = facilities;
  if (closed[i] !== null && closed[i] <= year) return false;
  const begun = opened[i] !== null && opened[i] <= year;
  if (state[i] === "existing" || (state[i] === "closed" && closed[i] !== null))
    return begun || opened[i] === null;
  return begun && (state[i] === "under_construction" || state[i] === "proposed");
}

/** @param {App} app */
export function yearSpan({ data }) {
  const years = [...data.facilities.opened, ...data.facilities.closed].filter((year) => year !== null);
  if (!years.length) return null;
  const all = data.head.year ? [...years, data.head.year] : years;
  const first = Math.min(...all),
    last = Math.max(...all);
  return first < last ? [Math.max(first, last - 60), last] : null;
}
