// @ts-check
// Places on the page: steps of a millionth of a degree, degrees, and the world of a web map.

/** @import { LatLngShape, Pair } from "./types.js" */

export const STEPS = 1e6;

/**
 * Return what turns places in steps from the origin into latitudes and longitudes.
 *
 * @param {number[]} origin steps east and north
 */
export function unpacker(origin) {
  const [west, south] = origin;
  /**
   * @param {number[]} flat steps of each vertex from the one before
   * @returns {Pair[]}
   */
  const run = (flat) => {
    /** @type {Pair[]} */
    const out = new Array(flat.length / 2);
    let x = west,
      y = south;
    for (let i = 0; i < flat.length; i += 2) {
      x += flat[i];
      y += flat[i + 1];
      out[i / 2] = [y / STEPS, x / STEPS];
    }
    return out;
  };
  /**
   * @param {number[]} at
   * @returns {Pair}
   */
  const place = (at) => [(at[1] + south) / STEPS, (at[0] + west) / STEPS];
  return {
    run,
    place,
    /** @param {number[] | null} at */
    point: (at) => (at ? place(at) : null),
    /** @param {number[][]} runs */
    lines: (runs) => runs.map(run),
    /**
     * @param {number[][][]} polygons
     * @returns {LatLngShape}
     */
    shape: (polygons) => polygons.map((rings) => rings.map(run)),
  };
}

/**
 * Put a place on the world of a web map, which is 256 wide.
 *
 * @param {number} lon
 * @param {number} lat
 * @param {Float64Array} out
 * @param {number} at
 */
export function placeOnWorld(lon, lat, out, at) {
  out[at] = 256 * (lon / 360 + 0.5);
  out[at + 1] = 128 * (1 - Math.asinh(Math.tan((lat * Math.PI) / 180)) / Math.PI);
}
