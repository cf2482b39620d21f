// Streets painted straight from the network's columns: how far a walk reaches, and the minutes to the
// nearest facility as a surface. Leaflet's own lines would copy every vertex at every zoom.

const BIN_MIN = 0.5;
const BAND_M = 70;
const STREETS_AT_ONCE = 100;
const MANY_PARTS = 20;

// A canvas that paints what it is given whenever the map has moved; on paper the same is drawn as SVG.
const Painting = Canvas.extend({
  show(works) {
    const had = this.works;
    this.works = works;
    if (!works.length) this.remove();
    else if (!this._map) this.addTo(this.options.map);
    else if (had !== works) this._redraw();
  },
  _draw() {
    for (const work of this.works || []) work(canvasPen(this._map, this._bounds, this._ctx));
  },
  onPaper(on) {
    const { map } = this.options;
    if (on && this._map) {
      this.remove();
      this.paper = L.svg({ pane: this.options.pane, padding: 0.1 }).addTo(map);
      for (const work of this.works) work(svgPen(map, this.paper._bounds, this.paper._rootGroup));
    } else if (!on && this.paper) {
      this.paper.remove();
      this.paper = null;
      this.show(this.works);
    }
  },
});

// What a pen knows: the scale from the world to the map's pixels, where the map begins, and what is
// seen of the world, a band's width about.
function penAt(map, bounds) {
  const { x, y } = map.getPixelOrigin();
  const scale = Math.pow(2, map.getZoom());
  const metre = (256 * scale) / (40075016 * Math.cos((map.getCenter().lat * Math.PI) / 180)); // in pixels
  const rim = 12 + BAND_M * metre;
  const { min, max } = bounds;
  const seen = [(min.x - rim + x) / scale, (max.x + rim + x) / scale, (min.y - rim + y) / scale, (max.y + rim + y) / scale];
  return { x, y, scale, metre, seen };
}

// A path in parts: tens of thousands of streets are stroked far sooner part by part than all at once.
class Strokes {
  constructor() {
    this.parts = [];
    this.left = 0;
  }

  moveTo(x, y) {
    if (this.left-- <= 0) {
      this.parts.push(new Path2D());
      this.left = STREETS_AT_ONCE;
    }
    this.parts[this.parts.length - 1].moveTo(x, y);
  }

  lineTo(x, y) {
    this.parts[this.parts.length - 1].lineTo(x, y);
  }
}

// What shines through is drawn in full on a sheet of its own, lest streets be darker where parts meet.
function canvasPen(map, bounds, ctx) {
  const { canvas } = ctx;
  let sheet = null;
  const cleared = () => {
    if (!sheet) sheet = Object.assign(document.createElement("canvas"), { width: canvas.width, height: canvas.height }).getContext("2d");
    sheet.setTransform(1, 0, 0, 1, 0, 0);
    sheet.clearRect(0, 0, canvas.width, canvas.height);
    sheet.setTransform(ctx.getTransform());
    return sheet;
  };
  return {
    ...penAt(map, bounds),
    path: () => new Strokes(),
    grain: () => new Grain(ctx),
    stroke({ parts }, { colour, width, opacity = 1, cap = "round" }) {
      if (!parts.length) return;
      const pen = opacity < 1 && parts.length > 1 ? cleared() : ctx;
      const plain = pen !== ctx && parts.length > MANY_PARTS && width <= 6; // round ends take half the time
      Object.assign(pen, { strokeStyle: colour, lineWidth: width, globalAlpha: pen === ctx ? opacity : 1, lineCap: plain ? "butt" : cap, lineJoin: plain ? "bevel" : "round" });
      for (const part of parts) pen.stroke(part);
      ctx.globalAlpha = 1;
      if (pen === ctx) return;
      ctx.save();
      ctx.setTransform(1, 0, 0, 1, 0, 0);
      ctx.globalAlpha = opacity;
      ctx.drawImage(pen.canvas, 0, 0);
      ctx.restore();
    },
  };
}

class Trace {
  constructor() {
    this.text = [];
  }

  moveTo(x, y) {
    this.text.push("M", x.toFixed(1), " ", y.toFixed(1));
  }

  lineTo(x, y) {
    this.text.push("L", x.toFixed(1), " ", y.toFixed(1));
  }
}

function svgPen(map, bounds, group) {
  return {
    ...penAt(map, bounds),
    path: () => new Trace(),
    grain: () => null,
    stroke(path, { colour, width, opacity = 1, cap = "round" }) {
      const element = document.createElementNS("http://www.w3.org/2000/svg", "path");
      const look = { d: path.text.join(""), fill: "none", stroke: colour, "stroke-width": width, "stroke-opacity": opacity, "stroke-linecap": cap, "stroke-linejoin": "round" };
      for (const [name, value] of Object.entries(look)) element.setAttribute(name, value);
      group.append(element);
    },
  };
}

function inSight({ world, start }, { seen: [x0, x1, y0, y1] }, edge) {
  for (let i = start[edge]; i < start[edge + 1]; i++) {
    if (world[2 * i] > x0 && world[2 * i] < x1 && world[2 * i + 1] > y0 && world[2 * i + 1] < y1) return true;
  }
  return false;
}

// Draws the stretch of an edge between two shares of it.
function drawStretch(streets, pen, path, edge, from, to) {
  const { world, start, at } = streets;
  const { scale, x, y } = pen;
  let begun = false;
  for (let i = start[edge]; i + 1 < start[edge + 1]; i++) {
    const a = at[i], b = at[i + 1];
    if (b < from || a > to) continue;
    const dx = world[2 * i + 2] - world[2 * i], dy = world[2 * i + 3] - world[2 * i + 1];
    const t0 = b > a ? Math.max(0, (from - a) / (b - a)) : 0, t1 = b > a ? Math.min(1, (to - a) / (b - a)) : 1;
    if (!begun) path.moveTo((world[2 * i] + t0 * dx) * scale - x, (world[2 * i + 1] + t0 * dy) * scale - y);
    begun = true;
    path.lineTo((world[2 * i] + t1 * dx) * scale - x, (world[2 * i + 1] + t1 * dy) * scale - y);
  }
}

// The stretches of an edge within reach of a wave, joined where they meet: [from, to, from, to, ...].
function stretchesWithin(streets, wave, edge, limit) {
  const { u, v, ahead, back } = streets;
  const { far, own } = wave;
  const fromU = limit - far[u[edge]], fromV = limit - far[v[edge]];
  const mine = own.get(edge);
  if (!(fromU > 0 || fromV > 0 || mine)) return [];
  const parts = [];
  if (fromU > 0) parts.push([0, Math.min(1, fromU / Math.max(back[edge], 1e-9))]);
  for (const spot of mine || []) {
    const left = limit - spot.access;
    if (left > 0) parts.push([Math.max(0, spot.share - left / Math.max(ahead[edge], 1e-9)), Math.min(1, spot.share + left / Math.max(back[edge], 1e-9))]);
  }
  if (fromV > 0) parts.push([Math.max(0, 1 - fromV / Math.max(ahead[edge], 1e-9)), 1]);
  parts.sort((a, b) => a[0] - b[0]);
  const out = [];
  for (const [from, to] of parts) {
    if (out.length && from <= out[out.length - 1]) out[out.length - 1] = Math.max(out[out.length - 1], to);
    else out.push(from, to);
  }
  return out;
}

// The streets within reach: exact along each street, the nearer the bolder, over a broad band that lets
// the eye see them as one area.
function paintReach(streets, waves, limits, colour) {
  return (pen) => {
    const edges = [];
    for (let edge = 0; edge < streets.u.length; edge++) {
      if (waves.every(({ far, own }) => far[streets.u[edge]] === Infinity && far[streets.v[edge]] === Infinity && !own.has(edge))) continue;
      if (inSight(streets, pen, edge)) edges.push(edge);
    }
    const grain = edges.length > GRAIN_FROM && pen.grain();
    const paths = limits.map(() => !grain && pen.path());
    for (const edge of edges) {
      for (const wave of waves) {
        for (let n = limits.length - 1; n >= 0; n--) {
          const cuts = stretchesWithin(streets, wave, edge, limits[n]);
          if (!cuts.length) break;
          for (let k = 0; k < cuts.length; k += 2) drawStretch(streets, pen, grain ? grain.at(limits.length - n) : paths[n], edge, cuts[k], cuts[k + 1]);
        }
      }
    }
    const band = Math.max(6, BAND_M * pen.metre), line = limits.map((_, n) => 1.5 + 1.3 * n);
    if (grain) {
      grain.paint(colour, [[1, band, 0.2], ...line.map((width, n) => [n + 1, width, 0.5])]);
      return;
    }
    pen.stroke(paths[paths.length - 1], { colour, opacity: 0.2, width: band });
    [...paths].reverse().forEach((path, n) => pen.stroke(path, { colour, opacity: 0.5, width: line[n] }));
  };
}

// Every street by the minutes from it to the nearest of a wave's places, up to where the time runs out.
// Each segment is cut so finely that the colours run; the near ones lie on top.
function paintMinutes(streets, walker, wave, perMinute, ramp) {
  return (pen) => {
    const { u, v, world, start, at, ahead } = streets;
    const { scale, x, y } = pen;
    const bin = BIN_MIN * perMinute;
    const paths = Array.from({ length: Math.ceil(wave.limit / bin) }, () => null);
    const width = Math.max(2.4, Math.min(9, 42 * pen.metre));
    for (let edge = 0; edge < u.length; edge++) {
      if (wave.far[u[edge]] === Infinity && wave.far[v[edge]] === Infinity && !wave.own.has(edge)) continue;
      if (!inSight(streets, pen, edge)) continue;
      let last = -1;
      for (let i = start[edge]; i + 1 < start[edge + 1]; i++) {
        const x0 = world[2 * i] * scale - x, y0 = world[2 * i + 1] * scale - y;
        const dx = world[2 * i + 2] * scale - x - x0, dy = world[2 * i + 3] * scale - y - y0;
        const share = at[i + 1] - at[i];
        const parts = Math.max(1, Math.ceil(Math.min(Math.hypot(dx, dy) / 4, (2 * share * ahead[edge]) / bin)));
        for (let k = 0; k < parts; k++) {
          const metres = walker.metresAt(wave, edge, at[i] + ((k + 0.5) / parts) * share);
          const n = metres <= wave.limit ? Math.min(paths.length - 1, Math.floor(metres / bin)) : -1;
          if (n >= 0) {
            if (!paths[n]) paths[n] = pen.path();
            if (n !== last) paths[n].moveTo(x0 + (k / parts) * dx, y0 + (k / parts) * dy);
            paths[n].lineTo(x0 + ((k + 1) / parts) * dx, y0 + ((k + 1) / parts) * dy);
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

// The colours of minutes: those of the looks within the cutoff, then on to where the search ends.
function minutesRamp({ looks, head, walk }) {
  const { cutoff } = head, end = Math.max(walk.search, cutoff + 1);
  const near = looks.minutes.within.map((colour, i, all) => [(i / (all.length - 1)) * cutoff, colour]);
  const far = looks.minutes.beyond.map((colour, i, all) => [cutoff + ((i + 1) / all.length) * (end - cutoff), colour]);
  return { ramp: [...near, ...far], cutoff, end };
}

// A colour of a ramp, [value, colour] by value, mixed between its stops.
function rampColour(ramp, value) {
  const n = ramp.findIndex(([stop]) => stop >= value);
  if (n <= 0) return ramp[n < 0 ? ramp.length - 1 : 0][1];
  const [low, from] = ramp[n - 1], [high, to] = ramp[n];
  return tint(to, (value - low) / (high - low), from);
}
