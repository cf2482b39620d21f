// @ts-check
// Walks on the streets: how far every node is from the nearest of some places, and what follows. The
// rule is Python's: the leg to the foot on a street, either end of that edge, then the shortest way.

/** @import { Leg, Spot, SpotColumns, Wave } from "./types.js" */
/** @import { Streets } from "./streets.js" */

export class Walker {
  /** @param {Streets} streets */
  constructor(streets) {
    this.streets = streets;
    this.first = this.head = this.edge = new Int32Array(0);
    this.cost = new Float64Array(0);
    this.linkNodes();
    this.keys = new Float64Array(0);
    this.heap = new Int32Array(0);
  }

  /** Arcs grouped by the node they leave; the search runs from facilities against the way walked. */
  linkNodes() {
    const { u, v, ahead, back, nodeCount } = this.streets;
    this.first = new Int32Array(nodeCount + 1);
    for (let e = 0; e < u.length; e++) {
      this.first[u[e] + 1] += 1;
      this.first[v[e] + 1] += 1;
    }
    for (let n = 0; n < nodeCount; n++) this.first[n + 1] += this.first[n];
    const next = this.first.slice();
    this.head = new Int32Array(2 * u.length);
    this.edge = new Int32Array(2 * u.length);
    this.cost = new Float64Array(2 * u.length);
    /**
     * @param {any} from
     * @param {number} to
     * @param {number} edge
     * @param {any} cost
     */
    const link = (from, to, edge, cost) => {
      const arc = next[from]++;
      this.head[arc] = to;
      this.edge[arc] = edge;
      this.cost[arc] = cost;
    };
    for (let e = 0; e < u.length; e++) {
      link(v[e], u[e], e, ahead[e]);
      link(u[e], v[e], e, back[e]);
    }
  }

  /**
   * A wave: metres from every node to the nearest of some places, Infinity beyond the limit. Where
   * `via` is given, it tells the arc by which each node was met, or which place, as -1 - number.
   *
   * @param {(Spot | null)[]} places
   * @param {number} limit
   * @param {Int32Array | null} [via]
   */
  wave(places, limit, via = null) {
    const { u, v, ahead, back, nodeCount } = this.streets;
    const spots = places.flatMap((spot) => (spot && spot.edge >= 0 ? [spot] : []));
    const room = 2 * (u.length + spots.length); // an entry for each arc and each end of a spot
    if (this.keys.length < room) {
      this.keys = new Float64Array(room);
      this.heap = new Int32Array(room);
    }
    const { keys, heap, first, head, cost } = this;
    const far = new Float64Array(nodeCount).fill(Infinity);
    let size = 0;
    /**
     * @param {number} key
     * @param {number} node
     */
    const push = (key, node) => {
      far[node] = key;
      let at = size++;
      while (at > 0) {
        const up = (at - 1) >> 1;
        if (keys[up] <= key) break;
        keys[at] = keys[up];
        heap[at] = heap[up];
        at = up;
      }
      keys[at] = key;
      heap[at] = node;
    };
    spots.forEach(({ edge, share, access }, n) => {
      for (const [key, node] of [
        [access + share * ahead[edge], u[edge]],
        [access + (1 - share) * back[edge], v[edge]],
      ]) {
        if (!(key <= limit && key < far[node])) continue;
        push(key, node);
        if (via) via[node] = -1 - n;
      }
    });
    while (size > 0) {
      const key = keys[0],
        node = heap[0];
      const last = keys[--size],
        moved = heap[size];
      for (let at = 0, down = 1; ; down = 2 * at + 1) {
        if (down + 1 < size && keys[down + 1] < keys[down]) down += 1;
        if (down >= size || keys[down] >= last) {
          keys[at] = last;
          heap[at] = moved;
          break;
        }
        keys[at] = keys[down];
        heap[at] = heap[down];
        at = down;
      }
      if (key > far[node]) continue;
      for (let arc = first[node]; arc < first[node + 1]; arc++) {
        const next = key + cost[arc];
        if (!(next < far[head[arc]] && next <= limit)) continue;
        push(next, head[arc]);
        if (via) via[head[arc]] = arc;
      }
    }
    return { spots, far, limit, own: groupByEdge(spots) };
  }

  /**
   * Metres from a place on an edge to the nearest spot of a wave, its own leg not counted.
   *
   * @param {Wave} wave
   * @param {number} edge
   * @param {number} share
   */
  metresAt({ far, own }, edge, share) {
    const { u, v, ahead, back } = this.streets;
    let metres = Math.min(
      far[u[edge]] + (share > 0 ? share * back[edge] : 0),
      far[v[edge]] + (share < 1 ? (1 - share) * ahead[edge] : 0),
    );
    const mine = own.get(edge);
    if (mine)
      for (const spot of mine) metres = Math.min(metres, spot.access + this.between(spot, edge, share));
    return metres;
  }

  /**
   * Metres along one edge, from a place on it to a spot on it.
   *
   * @param {Spot} spot
   * @param {number} edge
   * @param {number} share
   */
  between(spot, edge, share) {
    const { ahead, back } = this.streets;
    return spot.share >= share ? (spot.share - share) * ahead[edge] || 0 : (share - spot.share) * back[edge];
  }

  /**
   * Metres from homes to the nearest spot of a wave.
   *
   * @param {SpotColumns} homes
   * @param {Wave} wave
   */
  toHomes(homes, wave) {
    const out = new Float64Array(homes.edge.length).fill(Infinity);
    for (let i = 0; i < out.length; i++) {
      if (homes.edge[i] < 0) continue;
      const metres = homes.access[i] + this.metresAt(wave, homes.edge[i], homes.share[i]);
      if (metres <= wave.limit + 1e-6) out[i] = metres;
    }
    return out;
  }

  /**
   * The way walked from a home to the nearest of some places, or null: stretches of edges from the
   * home's foot on, as [edge, from share, to share], the number of the place, and the metres.
   *
   * @param {Spot | null} home
   * @param {(Spot | null)[]} places
   */
  way(home, places) {
    if (!home || home.edge < 0) return null;
    const numbers = places.map((_, n) => n).filter((n) => places[n] && places[n].edge >= 0);
    const via = new Int32Array(this.streets.nodeCount);
    const wave = this.wave(places, Infinity, via);
    const metres = this.metresAt(wave, home.edge, home.share);
    if (!Number.isFinite(metres)) return null;
    const { u, v, back } = this.streets;
    /**
     * @param {Leg[]} legs
     * @param {number} n
     */
    const done = (legs, n) => ({ legs, place: numbers[n], metres: home.access + metres });
    for (const spot of wave.own.get(home.edge) || []) {
      if (spot.access + this.between(spot, home.edge, home.share) <= metres)
        return done([[home.edge, home.share, spot.share]], wave.spots.indexOf(spot));
    }
    const byU = wave.far[u[home.edge]] + (home.share > 0 ? home.share * back[home.edge] : 0) <= metres;
    /** @type {Leg[]} */
    const legs = [[home.edge, home.share, byU ? 0 : 1]];
    let node = byU ? u[home.edge] : v[home.edge];
    while (via[node] >= 0) {
      const edge = this.edge[via[node]];
      const ahead = node === u[edge]; // an arc leads against the way walked
      legs.push(ahead ? [edge, 0, 1] : [edge, 1, 0]);
      node = ahead ? v[edge] : u[edge];
    }
    const last = wave.spots[-1 - via[node]];
    legs.push([last.edge, node === u[last.edge] ? 0 : 1, last.share]);
    return done(legs, -1 - via[node]);
  }

  /**
   * A way's stretches up to so many metres from its begin, and those after.
   *
   * @param {Leg[]} legs
   * @param {number} metres
   * @returns {[near: Leg[], far: Leg[]]}
   */
  parted(legs, metres) {
    const { ahead, back } = this.streets;
    /** @type {Leg[]} */
    const near = [];
    /** @type {Leg[]} */
    const far = [];
    let left = metres;
    for (const [edge, from, to] of legs) {
      const length = Math.abs(to - from) * (to >= from ? ahead : back)[edge];
      if (left >= length) near.push([edge, from, to]);
      else if (left > 0) {
        const cut = from + (left / length) * (to - from);
        near.push([edge, from, cut]);
        far.push([edge, cut, to]);
      } else far.push([edge, from, to]);
      left -= length;
    }
    return [near, far];
  }

  /**
   * The vertices of stretches of edges, in steps.
   *
   * @param {Leg[]} legs
   */
  trace(legs) {
    const { start, at, steps } = this.streets;
    const out = [];
    for (const [edge, from, to] of legs) {
      /** @param {number} share */
      const place = (share) => {
        let i = start[edge];
        while (i + 2 < start[edge + 1] && at[i + 1] < share) i += 1;
        const t = at[i + 1] > at[i] ? Math.min(1, Math.max(0, (share - at[i]) / (at[i + 1] - at[i]))) : 0;
        out.push([
          steps[2 * i] + t * (steps[2 * i + 2] - steps[2 * i]),
          steps[2 * i + 1] + t * (steps[2 * i + 3] - steps[2 * i + 1]),
        ]);
      };
      const inner = [];
      for (let i = start[edge]; i < start[edge + 1]; i++)
        if (at[i] > Math.min(from, to) && at[i] < Math.max(from, to))
          inner.push([steps[2 * i], steps[2 * i + 1]]);
      place(from);
      out.push(...(from <= to ? inner : inner.reverse()));
      place(to);
    }
    return out;
  }
}

/**
 * The wave of the places of two.
 *
 * @param {Wave} one
 * @param {Wave} other
 */
export function bothWaves(one, other) {
  const spots = [...one.spots, ...other.spots];
  return {
    spots,
    far: one.far.map((metres, node) => Math.min(metres, other.far[node])),
    limit: Math.min(one.limit, other.limit),
    own: groupByEdge(spots),
  };
}

/** @param {Spot[]} spots */
function groupByEdge(spots) {
  const own = new Map();
  for (const spot of spots) {
    if (!own.has(spot.edge)) own.set(spot.edge, []);
    own.get(spot.edge).push(spot);
  }
  return own;
}
