// Shapes of the map: unpacking, panes, and the layers that Leaflet draws.

const STEPS = 1e6;

function h(tag, props, ...children) {
  const element = document.createElement(tag);
  for (const [name, value] of Object.entries(props || {})) {
    if (value === null || value === undefined || value === false) continue;
    if (name.startsWith("on")) element.addEventListener(name.slice(2), value);
    else element.setAttribute(name, value === true ? "" : value);
  }
  element.append(...children.flat(3).filter((child) => child !== null && child !== undefined && child !== false)
    .map((child) => (child instanceof Node ? child : String(child))));
  return element;
}

function unpacker(origin) {
  const [west, south] = origin;
  const run = (flat) => {
    const out = new Array(flat.length / 2);
    let x = west, y = south;
    for (let i = 0; i < flat.length; i += 2) {
      x += flat[i];
      y += flat[i + 1];
      out[i / 2] = [y / STEPS, x / STEPS];
    }
    return out;
  };
  return {
    run,
    point: (at) => (at ? [(at[1] + south) / STEPS, (at[0] + west) / STEPS] : null),
    lines: (runs) => runs.map(run),
    shape: (polygons) => polygons.map((rings) => rings.map(run)),
  };
}

// Panes from the ground up; what reacts to the pointer is SVG, the rest is drawn on canvas.
const PANES = [
  ["ground", 210, "canvas"], ["communities", 220, "svg"], ["left-communities", 221, "svg"], ["bands", 225, "canvas"], ["left-bands", 226, "canvas"],
  ["nature", 230, "canvas"], ["roads", 240, "paint"], ["minutes", 242, "paint"], ["left-minutes", 243, "paint"], ["borders", 245, "canvas"], ["homes", 247, "canvas"], ["left-homes", 248, "canvas"], ["rings", 250, "canvas"], ["left-rings", 251, "canvas"], ["reach", 252, "paint"], ["left-reach", 253, "paint"],
  ["links", 255, "canvas"], ["ways", 258, "svg"], ["candidates", 260, "svg"], ["facilities", 262, "svg"], ["left-facilities", 263, "svg"],
  ["names", 640, null], ["sites", 650, null], ["left-sites", 651, null], ["pins", 652, null],
];

// Leaflet's canvas forgets that a drawing was asked for when it is taken off the map and put back.
const Canvas = L.Canvas.extend({
  _redraw() {
    if (this._ctx) L.Canvas.prototype._redraw.call(this);
  },
  _destroyContainer() {
    L.Canvas.prototype._destroyContainer.call(this);
    this._redrawRequest = null;
  },
});

// Leaflet asks the projection for every vertex at every zoom, and drops those that share a place only
// later. A line's places on the world are kept here, and what would be dropped is never made.
const worlds = new WeakMap();
L.Polyline.include({
  _projectLatlngs(latlngs, result, projectedBounds) {
    if (!(latlngs[0] instanceof L.LatLng)) {
      for (const part of latlngs) this._projectLatlngs(part, result, projectedBounds);
      return;
    }
    if (!worlds.has(latlngs)) {
      worlds.set(latlngs, new Float64Array(2 * latlngs.length));
      latlngs.forEach(({ lng, lat }, i) => placeOnWorld(lng, lat, worlds.get(latlngs), 2 * i));
    }
    const world = worlds.get(latlngs), scale = Math.pow(2, this._map.getZoom()), origin = this._map.getPixelOrigin();
    const near = this.options.smoothFactor * this.options.smoothFactor, ring = [];
    for (let i = 0, at = null; i < world.length; i += 2) {
      const x = Math.round(world[i] * scale) - origin.x, y = Math.round(world[i + 1] * scale) - origin.y;
      if (near && at && i + 2 < world.length && (x - at.x) ** 2 + (y - at.y) ** 2 <= near) continue;
      at = L.point(x, y);
      ring.push(at);
      projectedBounds.extend(at);
    }
    result.push(ring);
  },
});

function makePanes(map) {
  const renderers = {};
  for (const [name, order, kind] of PANES) {
    const pane = map.createPane(name);
    pane.style.zIndex = order;
    if (kind !== null || name === "names") pane.style.pointerEvents = "none";
    if (kind === "canvas") renderers[name] = new Canvas({ pane: name, padding: 0.15 });
    if (kind === "paint") renderers[name] = new Painting({ pane: name, padding: 0.1, map });
    if (kind === "svg") renderers[name] = L.svg({ pane: name, padding: 0.5 });
  }
  return renderers;
}

// Hatches for communities without people and for those left out.
function makeHatches(map, renderer) {
  renderer.addTo(map);
  const svg = (tag, props, ...children) => {
    const element = document.createElementNS("http://www.w3.org/2000/svg", tag);
    for (const [name, value] of Object.entries(props)) element.setAttribute(name, value);
    element.append(...children);
    return element;
  };
  const hatch = (id, turn, colour, gap) => svg("pattern",
    { id, width: gap, height: gap, patternUnits: "userSpaceOnUse", patternTransform: `rotate(${turn})` },
    svg("rect", { width: gap, height: gap, fill: "#efede8" }),
    svg("line", { x1: 0, y1: 0, x2: 0, y2: gap, stroke: colour, "stroke-width": 2 }));
  renderer._container.prepend(svg("defs", {}, hatch("hatch-out", 45, "#c4c0b8", 8), hatch("hatch-empty", -45, "#dcd8d0", 5)));
}

function makeBackdrop(backdrop, looks, unpack, renderers) {
  const group = L.layerGroup();
  const order = Object.keys(looks.backdrop);
  const sorted = backdrop.filter(([kind]) => looks.backdrop[kind])
    .sort((a, b) => order.indexOf(a[0]) - order.indexOf(b[0]));
  for (const [kind, shape] of sorted) {
    const wet = kind === "sea" || kind === "water" || kind === "river";
    const paint = (renderer, fillOpacity) => group.addLayer(L.polygon(unpack.shape(shape), {
      renderer, interactive: false, fillColor: looks.backdrop[kind], fillOpacity,
      stroke: wet, color: "#7fb0c9", weight: 0.8, opacity: 0.8, smoothFactor: 0.8,
    }));
    if (!looks.above.includes(kind)) paint(renderers.ground, 1);
    else paint(renderers.nature, wet ? 1 : 0.93);
  }
  return group;
}

function pin(number, colour, css = "") {
  return L.divIcon({
    className: `pin ${css}`, iconSize: [26, 34], iconAnchor: [13, 33], popupAnchor: [0, -30],
    html: h("div", { style: `--kind:${colour}` }, h("i"), h("b", {}, number)),
  });
}
