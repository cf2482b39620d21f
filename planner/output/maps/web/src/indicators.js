// @ts-check
// The indicators that communities can be shaded by.

/** @import * as Data from "./payload.js" */
/** @import { App, When } from "./types.js" */

/**
 * The indicators that can be chosen with the kind shown, and what the shading is of.
 *
 * @param {App} app
 */
export function makeIndicators(app) {
  const { data, state } = app;
  /** @param {string | null} kind */
  const ofKind = (kind) => data.indicators.filter((one) => one.kind === kind || one.kind === null);
  const known = new Map(data.indicators.map((one) => [`${one.kind || ""} ${one.name}`, one]));
  /** @type {{name?: string, kind?: string | null, found?: Data.IndicatorText | null}} */
  let last = {}; // asked for every community
  /**
   * @param {string} [name]
   * @param {string | null} [kind]
   */
  const find = (name = state.shade, kind = state.kind) => {
    if (last.name !== name || last.kind !== kind)
      last = { name, kind, found: known.get(`${kind} ${name}`) || known.get(` ${name}`) || null };
    return last.found;
  };
  /**
   * @param {number} i
   * @param {When} [when]
   * @param {any} [one]
   */
  function valueOf(i, when = state.when, one = find()) {
    if (!one || !data.communities.inside[i]) return null;
    if (!one.of) return app.following.valueOf(one, i, when);
    /** @type {Record<string, any> | null} its columns by name */
    const view = app.view(one.kind, when);
    if (!view) return null;
    if (one.of !== "status") return view[one.of]?.[i] ?? null;
    return view.has && view.share[i] !== null
      ? ["has", "reached", "linked"].findIndex((name) => view[name][i])
      : null;
  }
  /**
   * @param {Data.IndicatorText} one
   * @param {any} value
   */
  const written = (one, value) => {
    if (value === null || value === undefined) return app.say("no_figure");
    if (one.of === "status") return app.say(`status_${STATUS[value < 0 ? 3 : value]}`);
    if (one.unit === "share") return app.percent(value);
    return one.unit === "minutes" ? app.say("min_short", { n: app.minutes(value) }) : app.amount(value);
  };
  return { ofKind, find, valueOf, written };
}

export const STATUS = ["has", "reached", "linked", "none"];

/** @param {Data.IndicatorText} one */
export const hasFixed = (one) => one.of === "share" || one.of === "minutes";
