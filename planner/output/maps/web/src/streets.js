// @ts-check
// The streets, laid out in the page by the same rule as in Python: what is on them is told by an edge
// and the share of it that lies before. All lengths are metres.

import { placeOnWorld, STEPS } from "./coordinates.js";
import { SHUT, unpackNumbers, unpackRun } from "./packed_numbers.js";

/** @import * as Data from "./payload.js" */
/** @import { Pair } from "./types.js" */

/**
 * From steps on the page to metres, by the polynomial that Python fitted.
 *
 * @param {Data.MetresFit} fit
 */
function metricFrom({ scale, u: powersU, v: powersV, x, y }) {
  return (
    /** @type {number} */ sx,
    /** @type {number} */ sy,
    /** @type {Float64Array | number[]} */ out,
    /** @type {number} */ at,
  ) => {
    const u = sx / scale[0],
      v = sy / scale[1];
    const us = [1, u, u * u, u * u * u],
      vs = [1, v, v * v, v * v * v];
    out[at] = out[at + 1] = 0;
    for (let i = 0; i < x.length; i++) {
      const term = us[powersU[i]] * vs[powersV[i]];
      out[at] += x[i] * term;
      out[at + 1] += y[i] * term;
    }
  };
}

export class Streets {
  /**
   * @param {Data.WalkColumns} walk
   * @param {number[]} origin
   * @param {number} maxSnap
   */
  constructor(walk, origin, maxSnap) {
    this.maxSnap = maxSnap;
    this.origin = origin;
    this.toMetres = metricFrom(walk.metres);
    this.u = unpackNumbers(walk.u);
    this.v = unpackNumbers(walk.v);
    /** @param {string} text */
    const metres = (text) =>
      Float64Array.from(unpackNumbers(text), (cm) => (cm === SHUT ? Infinity : cm / 100));
    this.ahead = metres(walk.ahead);
    this.back = walk.back ? metres(walk.back) : this.ahead;
    this.nodeCount = 0;
    this.start = this.owner = this.first = this.segments = new Int32Array(0);
    this.steps = this.xy = this.at = new Float64Array(0);
    this.low = [0, 0];
    this.cell = this.columns = this.rows = 0;
    /** @type {Float64Array | null} */
    this.onWorld = null;
    this.layVertices(walk);
    this.layGrid();
  }

  /**
   * All edges' vertices in one row: steps for drawing, metres for snapping, share of the edge before.
   *
   * @param {Data.WalkColumns} walk
   */
  layVertices(walk) {
    const nodes = unpackRun(walk.nodes),
      inner = unpackRun(walk.inner),
      bends = unpackNumbers(walk.bends);
    this.nodeCount = nodes.length / 2;
    const edges = this.u.length;
    const total = inner.length / 2 + 2 * edges;
    this.start = new Int32Array(edges + 1);
    this.steps = new Float64Array(2 * total);
    this.xy = new Float64Array(2 * total);
    this.at = new Float64Array(total);
    this.owner = new Int32Array(total);
    const { xy, steps, at, owner, start } = this;
    let vertex = 0,
      bend = 0;
    /**
     * @param {number} edge
     * @param {any} from
     * @param {number} i
     */
    const put = (edge, from, i) => {
      steps[2 * vertex] = from[2 * i];
      steps[2 * vertex + 1] = from[2 * i + 1];
      this.toMetres(from[2 * i], from[2 * i + 1], xy, 2 * vertex);
      owner[vertex] = edge;
      at[vertex] =
        vertex === start[edge]
          ? 0
          : at[vertex - 1] +
            Math.hypot(xy[2 * vertex] - xy[2 * vertex - 2], xy[2 * vertex + 1] - xy[2 * vertex - 1]);
      vertex += 1;
    };
    for (let edge = 0; edge < edges; edge++) {
      start[edge] = vertex;
      put(edge, nodes, this.u[edge]);
      for (let i = 0; i < bends[edge]; i++) put(edge, inner, bend++);
      put(edge, nodes, this.v[edge]);
      const drawn = at[vertex - 1];
      for (let i = start[edge]; i < vertex; i++) at[i] = drawn > 0 ? at[i] / drawn : 0;
      at[vertex - 1] = 1;
    }
    start[edges] = vertex;
  }

  /** Cells at least as wide as the snap limit: a street within it lies in one of the nine around. */
  layGrid() {
    const { xy, owner } = this;
    const low = [Infinity, Infinity],
      high = [-Infinity, -Infinity];
    for (let i = 0; i < xy.length; i++) {
      low[i & 1] = Math.min(low[i & 1], xy[i]);
      high[i & 1] = Math.max(high[i & 1], xy[i]);
    }
    this.low = low;
    this.cell = Math.max(this.maxSnap, (high[0] - low[0]) / 500, (high[1] - low[1]) / 500);
    this.columns = Math.floor((high[0] - low[0]) / this.cell) + 1;
    this.rows = Math.floor((high[1] - low[1]) / this.cell) + 1;
    /** @param {any} put */
    const each = (put) => {
      for (let i = 0; i + 1 < owner.length; i++) {
        if (owner[i] !== owner[i + 1]) continue;
        const c = this.columnOf(xy[2 * i]),
          d = this.columnOf(xy[2 * i + 2]);
        const r = this.rowOf(xy[2 * i + 1]),
          s = this.rowOf(xy[2 * i + 3]);
        for (let y = Math.min(r, s); y <= Math.max(r, s); y++) {
          for (let x = Math.min(c, d); x <= Math.max(c, d); x++) put(y * this.columns + x, i);
        }
      }
    };
    this.first = new Int32Array(this.columns * this.rows + 1);
    each((/** @type {number} */ cell) => {
      this.first[cell + 1] += 1;
    });
    for (let cell = 0; cell + 1 < this.first.length; cell++) this.first[cell + 1] += this.first[cell];
    this.segments = new Int32Array(this.first[this.first.length - 1]);
    const next = this.first.slice();
    each((/** @type {number} */ cell, /** @type {number} */ i) => {
      this.segments[next[cell]++] = i;
    });
  }

  /**
   * A place in steps, in metres.
   *
   * @param {Pair} place
   */
  metres([sx, sy]) {
    const place = [0, 0];
    this.toMetres(sx, sy, place, 0);
    return place;
  }

  /** @param {number} x */
  columnOf(x) {
    return Math.floor((x - this.low[0]) / this.cell);
  }

  /** @param {number} y */
  rowOf(y) {
    return Math.floor((y - this.low[1]) / this.cell);
  }

  /**
   * The nearest foot on a street, from a place in steps; null where none is near enough.
   *
   * @param {number} sx
   * @param {number} sy
   */
  snap(sx, sy) {
    const { xy, first, segments, columns, rows } = this;
    const [x, y] = this.metres([sx, sy]);
    const column = this.columnOf(x),
      row = this.rowOf(y);
    let best = this.maxSnap * this.maxSnap,
      found = -1,
      along = 0;
    for (let r = Math.max(0, row - 1); r <= Math.min(rows - 1, row + 1); r++) {
      for (let c = Math.max(0, column - 1); c <= Math.min(columns - 1, column + 1); c++) {
        for (let k = first[r * columns + c]; k < first[r * columns + c + 1]; k++) {
          const i = segments[k];
          const dx = xy[2 * i + 2] - xy[2 * i],
            dy = xy[2 * i + 3] - xy[2 * i + 1];
          const px = x - xy[2 * i],
            py = y - xy[2 * i + 1];
          const square = dx * dx + dy * dy;
          const t = square > 0 ? Math.min(Math.max((px * dx + py * dy) / square, 0), 1) : 0;
          const away = (px - t * dx) ** 2 + (py - t * dy) ** 2;
          if (away < best || (away === best && i < found)) {
            best = away;
            found = i;
            along = t;
          }
        }
      }
    }
    if (found < 0) return null;
    const share = this.at[found] + along * (this.at[found + 1] - this.at[found]);
    return { edge: this.owner[found], share, access: Math.sqrt(best) };
  }

  // Every vertex on the world of a web map that is 256 wide: what is drawn is only scaled and moved.
  get world() {
    if (!this.onWorld) {
      const [west, south] = this.origin;
      this.onWorld = new Float64Array(this.steps.length);
      for (let i = 0; i < this.steps.length; i += 2)
        placeOnWorld((this.steps[i] + west) / STEPS, (this.steps[i + 1] + south) / STEPS, this.onWorld, i);
    }
    return this.onWorld;
  }
}
