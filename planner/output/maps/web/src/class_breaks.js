// @ts-check
// The classes of a shading, and the one a value falls in.

import { SLACK } from "./constants.js";
import { hasFixed, STATUS } from "./indicators.js";
import { known } from "./known.js";
import { isOther } from "./states.js";

/** @import * as Data from "./payload.js" */
/** @import { App, ShadeClass, When } from "./types.js" */

const SCHEMES = ["quantiles", "equal", "natural"];

/**
 * The schemes that the shading shown can be classed by, and the one that is.
 *
 * @param {App} app
 */
export function schemes({ indicators }) {
  const one = indicators.find();
  if (!one || one.of === "status") return [];
  return [...(hasFixed(one) ? ["fixed"] : []), ...SCHEMES];
}

/** @param {App} app */
export function schemeOf(app) {
  const all = schemes(app);
  return all.find((name) => name === app.state.scheme) ?? all[0] ?? null;
}

/**
 * The classes of the shading shown, best first (an amount: least first), and the one a value falls in.
 *
 * @param {App} app
 */
export function classes(app) {
  const { state, data } = app;
  const one = app.indicators.find();
  const scheme = schemeOf(app);
  const key = [state.kind, state.shade, scheme, isOther(state.when)].join();
  if (app.classed && app.classed.key === key) return app.classed.list;
  const { bounds, colours } = data.looks.shares;
  /** @type {ShadeClass[]} */
  let list;
  if (!one) list = [];
  else if (one.of === "status")
    list = STATUS.map((name, i) => ({
      holds: (value) => (value < 0 ? 3 : value) === i,
      text: app.say(`status_${name}`),
      colour: colours[[4, 3, 2, 0][i]],
    }));
  else if (scheme !== "fixed") list = boundClasses(app, one, known(one.bounds)[known(scheme)]);
  else if (one.of === "minutes") {
    const limits = app.head().limits.map(({ minutes }) => minutes);
    list = [...limits, Infinity].map((upto, i) => ({
      holds: (value) => (value === null ? upto === Infinity : value <= upto + SLACK),
      text: app.say(upto === Infinity ? "beyond" : "up_to", {
        n: upto === Infinity ? limits[limits.length - 1] : upto,
      }),
      colour: spread(colours, limits.length + 1, limits.length - i),
    }));
  } else {
    const edges = [0, ...bounds, 1];
    list = colours
      .map((colour, i) => ({
        /** @param {number} value */
        holds: (value) =>
          value >= edges[i] - SLACK && (i === colours.length - 1 || value < edges[i + 1] - SLACK),
        text:
          i === colours.length - 1
            ? `≥ ${app.givenPercent(edges[i])}`
            : i === 0
              ? `< ${app.givenPercent(edges[1])}`
              : `${app.givenPercent(edges[i])} – ${app.givenPercent(edges[i + 1])}`,
        colour,
      }))
      .reverse();
  }
  app.classed = { key, list };
  return list;
}

/**
 * @param {readonly string[]} colours
 * @param {number} all
 * @param {number} i
 */
const spread = (colours, all, i) =>
  colours[all < 2 ? colours.length >> 1 : Math.round((i * (colours.length - 1)) / (all - 1))];

/**
 * Classes up to each bound. At a target those that meet it begin: what equals it has met it.
 *
 * @param {App} app
 * @param {Data.IndicatorText} one
 * @param {number[]} bounds
 */
function boundClasses(app, one, bounds) {
  const { shares, amounts, target } = app.data.looks;
  /** @param {any} value */
  const say = (value) => app.indicators.written(one, value);
  const atLeast = one.better === "more";
  /** @param {number} i */
  const isTarget = (i) => one.target !== null && bounds[i] === one.target;
  const top = bounds.map((bound, i) => (isTarget(i) && atLeast ? bound - SLACK : bound + SLACK));
  const split = one.target === null ? 0 : bounds.indexOf(one.target) + 1; // classes below the target
  /** @type {ShadeClass[]} */
  const list = [...bounds, null].map((bound, i) => {
    const from = i ? bounds[i - 1] : null;
    const beyond = one.target !== null && i >= split;
    let colour = spread(amounts, bounds.length + 1, i);
    if (one.target !== null) {
      const good = beyond === atLeast;
      const rank = beyond ? i - split : split - 1 - i; // classes away from the target
      const ramp = good ? target.above : [...target.below].reverse();
      colour = ramp[Math.min(rank, ramp.length - 1)];
    } else if (one.better)
      colour = spread(shares.colours, bounds.length + 1, atLeast ? i : bounds.length - i);
    /** @param {any} range */
    const met = (range) => app.say("class_met", { range });
    let text =
      from === null
        ? bound === 0
          ? say(0)
          : app.say("class_upto", { to: say(bound) })
        : bound === null
          ? app.say("class_over", { from: say(from) })
          : `${say(from)} – ${say(bound)}`;
    if (bounds.length === 0) text = app.say("class_all");
    else if (beyond && atLeast && isTarget(i - 1))
      text =
        bound === null
          ? met(app.say("class_from", { from: say(from) }))
          : met(`${say(from)} – ${say(bound)}`);
    else if (isTarget(i) && atLeast && from === null) text = app.say("class_below", { to: say(bound) });
    else if (isTarget(i) && !atLeast)
      text =
        from === null ? met(app.say("class_upto", { to: say(bound) })) : met(`${say(from)} – ${say(bound)}`);
    return {
      /** @param {number} value */
      holds: (value) => (i === 0 || value > top[i - 1]) && (bound === null || value <= top[i]),
      text,
      colour,
    };
  });
  if (one.of === "minutes") {
    const { holds } = list[list.length - 1];
    list[list.length - 1].holds = (value) => value === null || holds(value); // none within the search
  }
  return atLeast ? list.reverse() : list;
}

/**
 * A value's class; without a value there is one only where none within the search counts as beyond.
 *
 * @param {App} app
 * @param {any} value
 */
function classOf(app, value) {
  const one = app.indicators.find();
  if (value === null && !(one && one.of === "minutes")) return null;
  return classes(app).find((each) => each.holds(value)) || null;
}

/**
 * The class of a community; none where nobody lives or nothing is known.
 *
 * @param {App} app
 * @param {number} i
 * @param {When} [when]
 */
export function communityClass(app, i, when = app.state.when) {
  const one = known(app.indicators.find());
  const nobody = one.of && known(app.view(one.kind, when)).share[i] === null;
  return nobody ? null : classOf(app, app.indicators.valueOf(i, when));
}
