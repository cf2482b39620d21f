// @ts-check
// How far a walk reaches, and the minutes to the nearest facility, drawn along the streets.

import { rampColour } from "./colour.js";
import { BAND_M } from "./painting.js";
import { GRAIN_FROM } from "./raster_streets.js";

/** @import { Path, Pen, Ramp, Wave } from "./types.js" */
/** @import { Streets } from "./streets.js" */
/** @import { Walker } from "./shortest_paths.js" */

const BIN_MIN = 0.5;

/**
 * @param {Streets} streets
 * @param {Pen} pen
 * @param {number} edge
 */
function inSight({ world, start }, { seen: [x0, x1, y0, y1] }, edge) {
  for (let i = start[edge]; i < start[edge + 1]; i++) {
    if (world[2 * i] > x0 && world[2 * i] < x1 && world[2 * i + 1] > y0 && world[2 * i + 1] < y1) return true;
  }
  return false;
}

/**
 * Draws the stretch of an edge between two shares of it.
 *
 * @param {Streets} streets
 * @param {Pen} pen
 * @param {Path} path
 * @param {number} edge
 * @param {number} from
 * @param {number} to
 */
function drawStretch(streets, pen, path, edge, from, to) {
  const { world, start, at } = streets;
  const { scale, x, y } = pen;
  let begun = false;
  for (let i = start[edge]; i + 1 < start[edge + 1]; i++) {
    const a = at[i],
      b = at[i + 1];
    if (b < from || a > to) continue;
    const dx = world[2 * i + 2] - world[2 * i],
      dy = world[2 * i + 3] - world[2 * i + 1];
    const t0 = b > a ? Math.max(0, (from - a) / (b - a)) : 0,
      t1 = b > a ? Math.min(1, (to - a) / (b - a)) : 1;
    if (!begun) path.moveTo((world[2 * i] + t0 * dx) * scale - x, (world[2 * i + 1] + t0 * dy) * scale - y);
    begun = true;
    path.lineTo((world[2 * i] + t1 * dx) * scale - x, (world[2 * i + 1] + t1 * dy) * scale - y);
  }
}

/**
 * The stretches of an edge within reach of a wave, joined where they meet: [from, to, from, to, ...].
 *
 * @param {Streets} streets
 * @param {Wave} wave
 * @param {number} edge
 * @param {number} limit
 */
function stretchesWithin(streets, wave, edge, limit) {
  const { u, v, ahead, back } = streets;
  const { far, own } = wave;
  const fromU = limit - far[u[edge]],
    fromV = limit - far[v[edge]];
  const mine = own.get(edge);
  if (!(fromU > 0 || fromV > 0 || mine)) return [];
  const parts = [];
  if (fromU > 0) parts.push([0, Math.min(1, fromU / Math.max(back[edge], 1e-9))]);
  for (const spot of mine || []) {
    const left = limit - spot.access;
    if (left > 0)
      parts.push([
        Math.max(0, spot.share - left / Math.max(ahead[edge], 1e-9)),
        Math.min(1, spot.share + left / Math.max(back[edge], 1e-9)),
      ]);
  }
  if (fromV > 0) parts.push([Math.max(0, 1 - fromV / Math.max(ahead[edge], 1e-9)), 1]);
  parts.sort((a, b) => a[0] - b[0]);
  /** @type {number[]} */
  const out = [];
  for (const [from, to] of parts) {
    if (out.length && from <= out[out.length - 1]) out[out.length - 1] = Math.max(out[out.length - 1], to);
    else out.push(from, to);
  }
  return out;
}

/**
 * The streets within reach: exact along each street, the nearer the bolder, over a broad band that lets
 * the eye see them as one area.
 *
 * @param {Streets} streets
 * @param {Wave[]} waves
 * @param {number[]} limits
 * @param {string} colour
 */
export function paintReach(streets, waves, limits, colour) {
  return (/** @type {Pen} */ pen) => {
    const edges = [];
    for (let edge = 0; edge < streets.u.length; edge++) {
      if (
        waves.every(
          ({ far, own }) =>
            far[streets.u[edge]] === Infinity && far[streets.v[edge]] === Infinity && !own.has(edge),
        )
      )
        continue;
      if (inSight(streets, pen, edge)) edges.push(edge);
    }
    const grain = edges.length > GRAIN_FROM && pen.grain();
    const paths = limits.map(() => !grain && pen.path());
    for (const edge of edges) {
      for (const wave of waves) {
        for (let n = limits.length - 1; n >= 0; n--) {
          const cuts = stretchesWithin(streets, wave, edge, limits[n]);
          if (!cuts.length) break;
          for (let k = 0; k < cuts.length; k += 2)
            drawStretch(
              streets,
              pen,
              grain ? grain.at(limits.length - n) : paths[n],
              edge,
              cuts[k],
              cuts[k + 1],
            );
        }
      }
    }
    const band = Math.max(6, BAND_M * pen.metre),
      line = limits.map((_, n) => 1.5 + 1.3 * n);
    if (grain) {
      grain.paint(colour, [
        { level: 1, breadth: band, opacity: 0.2 },
        ...line.map((breadth, n) => ({ level: n + 1, breadth, opacity: 0.5 })),
      ]);
      return;
    }
    pen.stroke(paths[paths.length - 1], { colour, opacity: 0.2, width: band });
    [...paths].reverse().forEach((path, n) => pen.stroke(path, { colour, opacity: 0.5, width: line[n] }));
  };
}

/**
 * Every street by the minutes from it to the nearest of a wave's places, up to where the time runs out.
 * Each segment is cut so finely that the colours run; the near ones lie on top.
 *
 * @param {Streets} streets
 * @param {Walker} walker
 * @param {Wave} wave
 * @param {number} perMinute
 * @param {Ramp} ramp
 */
export function paintMinutes(streets, walker, wave, perMinute, ramp) {
  return (/** @type {Pen} */ pen) => {
    const { u, v, world, start, at, ahead } = streets;
    const { scale, x, y } = pen;
    const bin = BIN_MIN * perMinute;
    /** @type {(Path | null)[]} */
    const paths = Array.from(
      { length: Math.ceil(wave.limit / bin) },
      () => /** @type {Path | null} */ (null),
    );
    const width = Math.max(2.4, Math.min(9, 42 * pen.metre));
    for (let edge = 0; edge < u.length; edge++) {
      if (wave.far[u[edge]] === Infinity && wave.far[v[edge]] === Infinity && !wave.own.has(edge)) continue;
      if (!inSight(streets, pen, edge)) continue;
      let last = -1;
      for (let i = start[edge]; i + 1 < start[edge + 1]; i++) {
        const x0 = world[2 * i] * scale - x,
          y0 = world[2 * i + 1] * scale - y;
        const dx = world[2 * i + 2] * scale - x - x0,
          dy = world[2 * i + 3] * scale - y - y0;
        const share = at[i + 1] - at[i];
        const parts = Math.max(
          1,
          Math.ceil(Math.min(Math.hypot(dx, dy) / 4, (2 * share * ahead[edge]) / bin)),
        );
        for (let k = 0; k < parts; k++) {
          const metres = walker.metresAt(wave, edge, at[i] + ((k + 0.5) / parts) * share);
          const n = metres <= wave.limit ? Math.min(paths.length - 1, Math.floor(metres / bin)) : -1;
          if (n >= 0) {
            const path = paths[n] ?? pen.path();
            paths[n] = path;
            if (n !== last) path.moveTo(x0 + (k / parts) * dx, y0 + (k / parts) * dy);
            path.lineTo(x0 + ((k + 1) / parts) * dx, y0 + ((k + 1) / parts) * dy);
          }
          last = n;
        }
      }
    }
    for (let n = paths.length - 1; n >= 0; n--) {
      if (paths[n]) pen.stroke(paths[n], { colour: rampColour(ramp, (n + 0.5) * BIN_MIN), width });
    }
  };
}
