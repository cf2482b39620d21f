// @ts-check
// Shares of people within a limit.

/** @import * as Data from "./payload.js" */
/** @import { App } from "./types.js" */

/**
 * @param {Record<string, Data.ShareWithin[]>} table
 * @param {string} group
 * @param {number} minutes
 */
export function shareAt(table, group, minutes) {
  const row = (table[group] || []).find((one) => one.minutes === minutes);
  return row ? row.share : null;
}

/**
 * The share of people covered, of the kind and state shown.
 *
 * @param {App} app
 */
export function coveredShare(app) {
  const view = app.view(),
    head = app.head();
  return view ? shareAt(view.people, head.group, head.cutoff) : null;
}
