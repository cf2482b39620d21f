// The streets, laid out in the page by the same rule as in Python: what is on them is told by an edge
// and the share of it that lies before. All lengths are metres.

const SHARE = 65535, TICKS = 1000, SHUT = 4294967295;
const NUMBERS = { u1: Uint8Array, i1: Int8Array, u2: Uint16Array, i2: Int16Array, u4: Uint32Array, i4: Int32Array };

function unpackNumbers(text) {
  const [type, body] = text.split(":");
  const letters = atob(body);
  const bytes = new Uint8Array(letters.length);
  for (let i = 0; i < letters.length; i++) bytes[i] = letters.charCodeAt(i);
  return type[0] === "v" ? unpackVaried(bytes, type === "vi") : new NUMBERS[type](bytes.buffer);
}

// Seven bits a byte, the least first, the eighth while more follow; signed ones fold to 0, -1, 1, -2.
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

// Places in steps from the south-west corner, each written as the way from the one before.
function unpackRun(text) {
  const flat = Float64Array.from(unpackNumbers(text));
  for (let i = 2; i < flat.length; i++) flat[i] += flat[i - 2];
  return flat;
}

// Places on the streets as Python packed them: edge (-1: none), share of the edge before the foot, leg to the foot.
function unpackFeet(feet) {
  return {
    edge: Int32Array.from(unpackNumbers(feet.edge), (edge) => edge - 1),
    share: Float64Array.from(unpackNumbers(feet.share), (share) => share / SHARE),
    access: Float64Array.from(unpackNumbers(feet.access), (cm) => cm / 100),
  };
}

// From steps on the page to metres, by the polynomial that Python fitted.
function metricFrom({ scale, powers, x, y }) {
  return (sx, sy, out, at) => {
    const u = sx / scale[0], v = sy / scale[1];
    const us = [1, u, u * u, u * u * u], vs = [1, v, v * v, v * v * v];
    out[at] = out[at + 1] = 0;
    for (let i = 0; i < powers.length; i++) {
      const term = us[powers[i][0]] * vs[powers[i][1]];
      out[at] += x[i] * term;
      out[at + 1] += y[i] * term;
    }
  };
}

class Streets {
  constructor(walk, origin, maxSnap) {
    this.maxSnap = maxSnap;
    this.origin = origin;
    this.toMetres = metricFrom(walk.metres);
    this.u = unpackNumbers(walk.u);
    this.v = unpackNumbers(walk.v);
    const metres = (text) => Float64Array.from(unpackNumbers(text), (cm) => (cm === SHUT ? Infinity : cm / 100));
    this.ahead = metres(walk.ahead);
    this.back = walk.back ? metres(walk.back) : this.ahead;
    this.layVertices(walk);
    this.layGrid();
  }

  // All edges' vertices in one row: steps for drawing, metres for snapping, share of the edge before.
  layVertices(walk) {
    const nodes = unpackRun(walk.nodes), inner = unpackRun(walk.inner), bends = unpackNumbers(walk.bends);
    this.nodeCount = nodes.length / 2;
    const edges = this.u.length;
    const total = inner.length / 2 + 2 * edges;
    this.start = new Int32Array(edges + 1);
    this.steps = new Float64Array(2 * total);
    this.xy = new Float64Array(2 * total);
    this.at = new Float64Array(total);
    this.owner = new Int32Array(total);
    const { xy, steps, at, owner, start } = this;
    let vertex = 0, bend = 0;
    const put = (edge, from, i) => {
      steps[2 * vertex] = from[2 * i];
      steps[2 * vertex + 1] = from[2 * i + 1];
      this.toMetres(from[2 * i], from[2 * i + 1], xy, 2 * vertex);
      owner[vertex] = edge;
      at[vertex] = vertex === start[edge] ? 0 : at[vertex - 1] + Math.hypot(xy[2 * vertex] - xy[2 * vertex - 2], xy[2 * vertex + 1] - xy[2 * vertex - 1]);
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

  // Cells at least as wide as the snap limit: a street within it lies in one of the nine around.
  layGrid() {
    const { xy, owner } = this;
    const low = [Infinity, Infinity], high = [-Infinity, -Infinity];
    for (let i = 0; i < xy.length; i++) {
      low[i & 1] = Math.min(low[i & 1], xy[i]);
      high[i & 1] = Math.max(high[i & 1], xy[i]);
    }
    this.low = low;
    this.cell = Math.max(this.maxSnap, (high[0] - low[0]) / 500, (high[1] - low[1]) / 500);
    this.columns = Math.floor((high[0] - low[0]) / this.cell) + 1;
    this.rows = Math.floor((high[1] - low[1]) / this.cell) + 1;
    const each = (put) => {
      for (let i = 0; i + 1 < owner.length; i++) {
        if (owner[i] !== owner[i + 1]) continue;
        const c = this.columnOf(xy[2 * i]), d = this.columnOf(xy[2 * i + 2]);
        const r = this.rowOf(xy[2 * i + 1]), s = this.rowOf(xy[2 * i + 3]);
        for (let y = Math.min(r, s); y <= Math.max(r, s); y++) {
          for (let x = Math.min(c, d); x <= Math.max(c, d); x++) put(y * this.columns + x, i);
        }
      }
    };
    this.first = new Int32Array(this.columns * this.rows + 1);
    each((cell) => { this.first[cell + 1] += 1; });
    for (let cell = 0; cell + 1 < this.first.length; cell++) this.first[cell + 1] += this.first[cell];
    this.segments = new Int32Array(this.first[this.first.length - 1]);
    const next = this.first.slice();
    each((cell, i) => { this.segments[next[cell]++] = i; });
  }

  // A place in steps, in metres.
  metres([sx, sy]) {
    const place = [0, 0];
    this.toMetres(sx, sy, place, 0);
    return place;
  }

  columnOf(x) {
    return Math.floor((x - this.low[0]) / this.cell);
  }

  rowOf(y) {
    return Math.floor((y - this.low[1]) / this.cell);
  }

  // The nearest foot on a street, from a place in steps; null where none is near enough.
  snap(sx, sy) {
    const { xy, first, segments, columns, rows } = this;
    const [x, y] = this.metres([sx, sy]);
    const column = this.columnOf(x), row = this.rowOf(y);
    let best = this.maxSnap * this.maxSnap, found = -1, along = 0;
    for (let r = Math.max(0, row - 1); r <= Math.min(rows - 1, row + 1); r++) {
      for (let c = Math.max(0, column - 1); c <= Math.min(columns - 1, column + 1); c++) {
        for (let k = first[r * columns + c]; k < first[r * columns + c + 1]; k++) {
          const i = segments[k];
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

  // Every vertex on the world of a web map that is 256 wide: what is drawn is only scaled and moved.
  get world() {
    if (!this.onWorld) {
      const [west, south] = this.origin;
      this.onWorld = new Float64Array(this.steps.length);
      for (let i = 0; i < this.steps.length; i += 2) placeOnWorld((this.steps[i] + west) / STEPS, (this.steps[i + 1] + south) / STEPS, this.onWorld, i);
    }
    return this.onWorld;
  }
}

function placeOnWorld(lon, lat, out, at) {
  out[at] = 256 * (lon / 360 + 0.5);
  out[at + 1] = 128 * (1 - Math.asinh(Math.tan((lat * Math.PI) / 180)) / Math.PI);
}
