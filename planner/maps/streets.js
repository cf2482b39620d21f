// The streets, walked on in the page by the same rule as in Python: the nearest foot on a street and
// the leg to it, both ends of that edge, then the shortest way. All lengths are metres.

const SHARE = 65535, TICKS = 1000, SHUT = 4294967295;
const NUMBERS = { u1: Uint8Array, i1: Int8Array, u2: Uint16Array, i2: Int16Array, u4: Uint32Array, i4: Int32Array };

function unpackNumbers(text) {
  const [type, body] = text.split(":");
  const letters = atob(body);
  const bytes = new Uint8Array(letters.length);
  for (let i = 0; i < letters.length; i++) bytes[i] = letters.charCodeAt(i);
  return new NUMBERS[type](bytes.buffer);
}

// Places as Python packed them: edge (-1: none), share of the edge before the foot, leg to the foot.
function unpackFeet(feet) {
  return {
    edge: Int32Array.from(unpackNumbers(feet.edge), (edge) => edge - 1),
    share: Float64Array.from(unpackNumbers(feet.share), (share) => share / SHARE),
    access: Float64Array.from(unpackNumbers(feet.access), (cm) => cm / 100),
  };
}

// From steps on the page to metres, by the polynomial that Python fitted.
function metricFrom({ scale, powers, x, y }) {
  return (sx, sy) => {
    const u = sx / scale[0], v = sy / scale[1];
    let east = 0, north = 0;
    for (let i = 0; i < powers.length; i++) {
      const term = Math.pow(u, powers[i][0]) * Math.pow(v, powers[i][1]);
      east += x[i] * term;
      north += y[i] * term;
    }
    return [east, north];
  };
}

class Streets {
  constructor(walk, maxSnap) {
    this.maxSnap = maxSnap;
    this.toMetres = metricFrom(walk.metres);
    this.u = unpackNumbers(walk.u);
    this.v = unpackNumbers(walk.v);
    const metres = (text) => Float64Array.from(unpackNumbers(text), (cm) => (cm === SHUT ? Infinity : cm / 100));
    this.ahead = metres(walk.ahead);
    this.back = walk.back ? metres(walk.back) : this.ahead;
    this.layVertices(walk);
    this.linkNodes();
    this.layGrid();
    this.keys = new Float64Array(0);
    this.heap = new Int32Array(0);
  }

  // All edges' vertices in one row: steps for drawing, metres for snapping, share of the edge before.
  layVertices(walk) {
    const run = (text) => {
      const flat = Float64Array.from(unpackNumbers(text));
      for (let i = 2; i < flat.length; i++) flat[i] += flat[i - 2];
      return flat;
    };
    const nodes = run(walk.nodes), inner = run(walk.inner), bends = unpackNumbers(walk.bends);
    this.nodeCount = nodes.length / 2;
    const edges = this.u.length;
    const total = inner.length / 2 + 2 * edges;
    this.start = new Int32Array(edges + 1);
    this.steps = new Float64Array(2 * total);
    this.xy = new Float64Array(2 * total);
    this.at = new Float64Array(total);
    this.owner = new Int32Array(total);
    let vertex = 0, bend = 0;
    const put = (edge, from, i) => {
      const sx = from[2 * i], sy = from[2 * i + 1];
      const [x, y] = this.toMetres(sx, sy);
      this.steps[2 * vertex] = sx;
      this.steps[2 * vertex + 1] = sy;
      this.xy[2 * vertex] = x;
      this.xy[2 * vertex + 1] = y;
      this.owner[vertex] = edge;
      const first = this.start[edge];
      this.at[vertex] = vertex === first ? 0 : this.at[vertex - 1] + Math.hypot(x - this.xy[2 * vertex - 2], y - this.xy[2 * vertex - 1]);
      vertex += 1;
    };
    for (let edge = 0; edge < edges; edge++) {
      this.start[edge] = vertex;
      put(edge, nodes, this.u[edge]);
      for (let i = 0; i < bends[edge]; i++) put(edge, inner, bend++);
      put(edge, nodes, this.v[edge]);
      const drawn = this.at[vertex - 1];
      for (let i = this.start[edge]; i < vertex; i++) this.at[i] = drawn > 0 ? this.at[i] / drawn : 0;
      this.at[vertex - 1] = 1;
    }
    this.start[edges] = vertex;
  }

  // Arcs grouped by the node they leave; the search runs from facilities against the way walked.
  linkNodes() {
    const edges = this.u.length;
    this.first = new Int32Array(this.nodeCount + 1);
    for (let e = 0; e < edges; e++) {
      this.first[this.u[e] + 1] += 1;
      this.first[this.v[e] + 1] += 1;
    }
    for (let n = 0; n < this.nodeCount; n++) this.first[n + 1] += this.first[n];
    const next = this.first.slice();
    this.head = new Int32Array(2 * edges);
    this.cost = new Float64Array(2 * edges);
    for (let e = 0; e < edges; e++) {
      let arc = next[this.v[e]]++;
      this.head[arc] = this.u[e];
      this.cost[arc] = this.ahead[e];
      arc = next[this.u[e]]++;
      this.head[arc] = this.v[e];
      this.cost[arc] = this.back[e];
    }
  }

  // Cells as wide as the snap limit: a street within it lies in one of the nine cells around.
  layGrid() {
    this.cells = new Map();
    const size = this.maxSnap;
    for (let i = 0; i + 1 < this.owner.length; i++) {
      if (this.owner[i] !== this.owner[i + 1]) continue;
      const column = (k) => Math.floor(this.xy[2 * k] / size), row = (k) => Math.floor(this.xy[2 * k + 1] / size);
      for (let c = Math.min(column(i), column(i + 1)); c <= Math.max(column(i), column(i + 1)); c++) {
        for (let r = Math.min(row(i), row(i + 1)); r <= Math.max(row(i), row(i + 1)); r++) {
          const key = `${c} ${r}`;
          if (!this.cells.has(key)) this.cells.set(key, []);
          this.cells.get(key).push(i);
        }
      }
    }
  }

  // The nearest foot on a street, from a place in steps; null where none is near enough.
  snap(sx, sy) {
    const [x, y] = this.toMetres(sx, sy);
    const { xy } = this;
    const column = Math.floor(x / this.maxSnap), row = Math.floor(y / this.maxSnap);
    let best = this.maxSnap * this.maxSnap, found = -1, along = 0;
    for (let c = column - 1; c <= column + 1; c++) {
      for (let r = row - 1; r <= row + 1; r++) {
        for (const i of this.cells.get(`${c} ${r}`) || []) {
          const dx = xy[2 * i + 2] - xy[2 * i], dy = xy[2 * i + 3] - xy[2 * i + 1];
          const px = x - xy[2 * i], py = y - xy[2 * i + 1];
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

  // Metres from every node to the nearest of some places; Infinity beyond the limit.
  spread(spots, limit) {
    const room = 2 * (this.u.length + spots.length); // an entry for each arc and each end of a spot
    if (this.keys.length < room) {
      this.keys = new Float64Array(room);
      this.heap = new Int32Array(room);
    }
    const { keys, heap, first, head, cost } = this;
    const far = new Float64Array(this.nodeCount).fill(Infinity);
    let size = 0;
    const push = (key, node) => {
      if (!(key <= limit && key < far[node])) return;
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
    for (const { edge, share, access } of spots) {
      push(access + share * this.ahead[edge], this.u[edge]);
      push(access + (1 - share) * this.back[edge], this.v[edge]);
    }
    while (size > 0) {
      const key = keys[0], node = heap[0];
      const last = keys[--size], moved = heap[size];
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
      for (let arc = first[node]; arc < first[node + 1]; arc++) push(key + cost[arc], head[arc]);
    }
    return far;
  }

  // Metres from homes to the nearest of some places, given what `spread` found from these places.
  toHomes(homes, spots, far, limit) {
    const own = new Map();
    for (const spot of spots) own.set(spot.edge, [...(own.get(spot.edge) || []), spot]);
    const { u, v, ahead, back } = this;
    const out = new Float64Array(homes.edge.length).fill(Infinity);
    for (let i = 0; i < out.length; i++) {
      const edge = homes.edge[i], share = homes.share[i];
      if (edge < 0) continue;
      let metres = Math.min(far[u[edge]] + (share > 0 ? share * back[edge] : 0), far[v[edge]] + (share < 1 ? (1 - share) * ahead[edge] : 0));
      for (const spot of own.get(edge) || []) {
        const between = spot.share >= share ? (spot.share - share) * ahead[edge] : (share - spot.share) * back[edge];
        metres = Math.min(metres, spot.access + between);
      }
      metres += homes.access[i];
      if (metres <= limit + 1e-6) out[i] = metres;
    }
    return out;
  }

  // The stretches of street within reach, cut where the way runs out: rows of steps.
  pieces(spots, far, limit) {
    const out = [];
    const own = new Map();
    for (const spot of spots) own.set(spot.edge, [...(own.get(spot.edge) || []), spot]);
    for (let edge = 0; edge < this.u.length; edge++) {
      const fromU = limit - far[this.u[edge]], fromV = limit - far[this.v[edge]];
      const mine = own.get(edge);
      if (!(fromU > 0 || fromV > 0 || mine)) continue;
      const parts = [];
      if (fromU > 0) parts.push([0, Math.min(1, fromU / Math.max(this.back[edge], 1e-9))]);
      for (const spot of mine || []) {
        const left = limit - spot.access;
        if (left > 0) parts.push([Math.max(0, spot.share - left / Math.max(this.ahead[edge], 1e-9)), Math.min(1, spot.share + left / Math.max(this.back[edge], 1e-9))]);
      }
      if (fromV > 0) parts.push([Math.max(0, 1 - fromV / Math.max(this.ahead[edge], 1e-9)), 1]);
      parts.sort((a, b) => a[0] - b[0]);
      let open = null;
      for (const part of parts) {
        if (open && part[0] <= open[1]) open[1] = Math.max(open[1], part[1]);
        else {
          if (open) out.push(this.cut(edge, open[0], open[1]));
          open = [...part];
        }
      }
      if (open) out.push(this.cut(edge, open[0], open[1]));
    }
    return out;
  }

  cut(edge, from, to) {
    const { at, steps } = this;
    const row = [];
    for (let i = this.start[edge]; i + 1 < this.start[edge + 1]; i++) {
      if (at[i + 1] < from || at[i] > to) continue;
      const place = (share) => {
        const t = at[i + 1] > at[i] ? Math.min(1, Math.max(0, (share - at[i]) / (at[i + 1] - at[i]))) : 0;
        return [steps[2 * i] + t * (steps[2 * i + 2] - steps[2 * i]), steps[2 * i + 1] + t * (steps[2 * i + 3] - steps[2 * i + 1])];
      };
      if (!row.length) row.push(place(from));
      row.push(place(to));
    }
    return row;
  }
}
