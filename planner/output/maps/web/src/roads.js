// @ts-check
// The streets below all that stands on them.

import { placeOnWorld, STEPS } from "./coordinates.js";

/** @import { App, Painter, Path, Pen } from "./types.js" */

/** @type {Record<string, {weight: number, colour: string, opacity: number, from: number, casing?: string}>} */
const ROADS = {
  path: { weight: 0.5, colour: "#5f5662", opacity: 0.35, from: 13.5 },
  minor: { weight: 0.75, colour: "#5f5662", opacity: 0.4, from: 0 },
  middle: { weight: 1.5, colour: "#5f5662", opacity: 0.5, from: 0 },
  main: { weight: 2.0, colour: "#ffffff", casing: "#5f5662", opacity: 1, from: 0 },
};

/**
 * Streets are painted straight from their places on the world: as lines of Leaflet's they would be laid
 * out vertex by vertex at every zoom.
 *
 * @param {App} app
 * @param {Painter} painting
 */
export function makeRoads({ map, data }, painting) {
  const classes = data.streets.map(({ road, lines }) => ({
    look: ROADS[road],
    lines: lines.map((run) => worldLine(run, data.origin)),
  }));
  /** @param {Pen} pen */
  const work = (pen) => {
    const zoom = map.getZoom(),
      factor = 2 ** ((zoom - 13.5) * 0.48);
    for (const { look, lines } of classes) {
      if (zoom < look.from) continue;
      const path = pen.path(),
        width = Math.max(0.35, Math.min(14, look.weight * factor));
      for (const line of lines) drawLine(pen, path, line);
      if (look.casing)
        pen.stroke(path, {
          colour: look.casing,
          width: width + Math.min(1.6, 1.3 * Math.sqrt(factor)),
          opacity: 0.8,
        });
      pen.stroke(path, { colour: look.colour, width, opacity: look.opacity });
    }
  };
  return { show: (/** @type {boolean} */ on) => painting.show(on ? [work] : []) };
}

/**
 * A run of offsets as places on the world, and the box they lie in.
 *
 * @param {number[]} run
 * @param {number[]} given
 */
function worldLine(run, [west, south]) {
  const world = new Float64Array(run.length);
  const box = [Infinity, -Infinity, Infinity, -Infinity];
  for (let i = 0, x = west, y = south; i < run.length; i += 2) {
    x += run[i];
    y += run[i + 1];
    placeOnWorld(x / STEPS, y / STEPS, world, i);
    box[0] = Math.min(box[0], world[i]);
    box[1] = Math.max(box[1], world[i]);
    box[2] = Math.min(box[2], world[i + 1]);
    box[3] = Math.max(box[3], world[i + 1]);
  }
  return { world, box };
}

/**
 * Draws what may be seen of a line, without vertices that would share a pixel.
 *
 * @param {Pen} pen
 * @param {Path} path
 * @param {{world: Float64Array, box: number[]}} given
 */
function drawLine({ scale, x, y, seen: [x0, x1, y0, y1] }, path, { world, box }) {
  if (box[1] < x0 || box[0] > x1 || box[3] < y0 || box[2] > y1) return;
  for (let i = 0, px = 0, py = 0; i < world.length; i += 2) {
    const ax = world[i] * scale - x,
      ay = world[i + 1] * scale - y;
    if (i && i + 2 < world.length && Math.abs(ax - px) + Math.abs(ay - py) < 1) continue;
    if (i) path.lineTo(ax, ay);
    else path.moveTo(ax, ay);
    px = ax;
    py = ay;
  }
}
