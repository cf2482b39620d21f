// @ts-check
// Colours: mixed, and along a ramp.

import { known } from "./known.js";

/** @import * as Data from "./payload.js" */
/** @import { Ramp } from "./types.js" */

/**
 * A colour laid over another, as it looks: older browsers cannot mix colours themselves.
 *
 * @param {string} colour
 * @param {number} share
 * @param {string} ground
 */
export function tint(colour, share, ground) {
  /**
   * @param {string} text
   * @param {number} i
   */
  const part = (text, i) => parseInt(text.slice(i, i + 2), 16);
  return `rgb(${[1, 3, 5].map((i) => Math.round(part(colour, i) * share + part(ground, i) * (1 - share))).join(",")})`;
}

/**
 * The colours of minutes: those of the looks within the cutoff, then on to where the search ends.
 *
 * @param {Data.Payload} data
 */
export function minutesRamp({ looks, head, walk }) {
  const { cutoff } = head,
    end = Math.max(known(walk).search, cutoff + 1);
  /** @type {Ramp} */
  const near = looks.minutes.within.map((colour, i, all) => [(i / (all.length - 1)) * cutoff, colour]);
  /** @type {Ramp} */
  const far = looks.minutes.beyond.map((colour, i, all) => [
    cutoff + ((i + 1) / all.length) * (end - cutoff),
    colour,
  ]);
  return { ramp: [...near, ...far], cutoff, end };
}

/**
 * A colour of a ramp, [value, colour] by value, mixed between its stops.
 *
 * @param {Ramp} ramp
 * @param {number} value
 */
export function rampColour(ramp, value) {
  const n = ramp.findIndex(([stop]) => stop >= value);
  if (n <= 0) return ramp[n < 0 ? ramp.length - 1 : 0][1];
  const [low, from] = ramp[n - 1],
    [high, to] = ramp[n];
  return tint(to, (value - low) / (high - low), from);
}
