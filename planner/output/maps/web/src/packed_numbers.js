// @ts-check
// Numbers as Python packed them: type and base64, little-endian.

/** @import { Integers, Pair } from "./types.js" */

/** @import * as Data from "./payload.js" */

export const SHARE = 65535,
  TICKS = 1000,
  SHUT = 4294967295;

/** @type {Record<string, any>} */
const NUMBERS = {
  u1: Uint8Array,
  i1: Int8Array,
  u2: Uint16Array,
  i2: Int16Array,
  u4: Uint32Array,
  i4: Int32Array,
};

/**
 * @param {string} text
 * @returns {Integers}
 */
export function unpackNumbers(text) {
  const [type, body] = text.split(":");
  const letters = atob(body);
  const bytes = new Uint8Array(letters.length);
  for (let i = 0; i < letters.length; i++) bytes[i] = letters.charCodeAt(i);
  return type[0] === "v" ? unpackVaried(bytes, type === "vi") : new NUMBERS[type](bytes.buffer);
}

/**
 * Seven bits a byte, the least first, the eighth while more follow; signed ones fold to 0, -1, 1, -2.
 *
 * @param {Uint8Array} bytes
 * @param {boolean} signed
 */
function unpackVaried(bytes, signed) {
  let count = 0;
  for (let i = 0; i < bytes.length; i++) if (bytes[i] < 128) count += 1;
  const out = signed ? new Int32Array(count) : new Uint32Array(count);
  for (let i = 0, n = 0; n < count; n++) {
    let number = 0;
    for (let shift = 0; ; shift += 7) {
      const byte = bytes[i++];
      number |= (byte & 127) << shift;
      if (byte < 128) break;
    }
    out[n] = signed ? (number >>> 1) ^ -(number & 1) : number;
  }
  return out;
}

/**
 * Places in steps from the south-west corner, each written as the way from the one before.
 *
 * @param {string} text
 */
export function unpackRun(text) {
  const flat = Float64Array.from(unpackNumbers(text));
  for (let i = 2; i < flat.length; i++) flat[i] += flat[i - 2];
  return flat;
}

/**
 * Places in steps, each of its own.
 *
 * @param {string | null} text
 * @returns {Pair[]}
 */
export function unpackPlaces(text) {
  if (text === null) return [];
  const flat = unpackRun(text);
  return Array.from({ length: flat.length / 2 }, (_, i) => [flat[2 * i], flat[2 * i + 1]]);
}

/**
 * Places on the streets as Python packed them: edge (-1: none), share of the edge before the foot, leg to the foot.
 *
 * @param {Data.Feet} feet
 */
export function unpackFeet(feet) {
  return {
    edge: Int32Array.from(unpackNumbers(feet.edge), (edge) => edge - 1),
    share: Float64Array.from(unpackNumbers(feet.share), (share) => share / SHARE),
    access: Float64Array.from(unpackNumbers(feet.access), (cm) => cm / 100),
  };
}
