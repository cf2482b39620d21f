// @ts-check
// Streets painted straight from the network's columns, on canvas and on paper. Leaflet's own lines would
// copy every vertex at every zoom.

import { Canvas } from "./canvas.js";
import { Grain } from "./raster_streets.js";

/** @import { Pen, Stroke, Work } from "./types.js" */

export const BAND_M = 70;

const STREETS_AT_ONCE = 100;

const MANY_PARTS = 20;

/**
 * What a pen knows: the scale from the world to the map's pixels, where the map begins, and what is
 * seen of the world, a band's width about.
 *
 * @param {L.Map} map
 * @param {any} bounds
 * @returns {Pick<Pen, "x" | "y" | "scale" | "metre" | "seen">}
 */
function penAt(map, bounds) {
  const { x, y } = map.getPixelOrigin();
  const scale = 2 ** map.getZoom();
  const metre = (256 * scale) / (40075016 * Math.cos((map.getCenter().lat * Math.PI) / 180)); // in pixels
  const rim = 12 + BAND_M * metre;
  const { min, max } = bounds;
  /** @type {Pen["seen"]} */
  const seen = [
    (min.x - rim + x) / scale,
    (max.x + rim + x) / scale,
    (min.y - rim + y) / scale,
    (max.y + rim + y) / scale,
  ];
  return { x, y, scale, metre, seen };
}

// A path in parts: tens of thousands of streets are stroked far sooner part by part than all at once.
class Strokes {
  constructor() {
    /** @type {Path2D[]} */
    this.parts = [];
    this.left = 0;
  }

  /**
   * @param {number} x
   * @param {number} y
   */
  moveTo(x, y) {
    if (this.left-- <= 0) {
      this.parts.push(new Path2D());
      this.left = STREETS_AT_ONCE;
    }
    this.parts[this.parts.length - 1].moveTo(x, y);
  }

  /**
   * @param {number} x
   * @param {number} y
   */
  lineTo(x, y) {
    this.parts[this.parts.length - 1].lineTo(x, y);
  }
}

/**
 * What shines through is drawn in full on a sheet of its own, lest streets be darker where parts meet.
 *
 * @param {L.Map} map
 * @param {any} bounds
 * @param {CanvasRenderingContext2D} ctx
 */
function canvasPen(map, bounds, ctx) {
  const { canvas } = ctx;
  /** @type {any} */
  let sheet = null;
  const cleared = () => {
    if (!sheet)
      sheet = Object.assign(document.createElement("canvas"), {
        width: canvas.width,
        height: canvas.height,
      }).getContext("2d");
    sheet.setTransform(1, 0, 0, 1, 0, 0);
    sheet.clearRect(0, 0, canvas.width, canvas.height);
    sheet.setTransform(ctx.getTransform());
    return sheet;
  };
  return {
    ...penAt(map, bounds),
    path: () => new Strokes(),
    grain: () => new Grain(ctx),
    /**
     * @param {Strokes} strokes
     * @param {Stroke} look
     */
    stroke({ parts }, { colour, width, opacity = 1, cap = "round" }) {
      if (!parts.length) return;
      const pen = opacity < 1 && parts.length > 1 ? cleared() : ctx;
      const plain = pen !== ctx && parts.length > MANY_PARTS && width <= 6; // round ends take half the time
      Object.assign(pen, {
        strokeStyle: colour,
        lineWidth: width,
        globalAlpha: pen === ctx ? opacity : 1,
        lineCap: plain ? "butt" : cap,
        lineJoin: plain ? "bevel" : "round",
      });
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
    /** @type {string[]} */
    this.text = [];
  }

  /**
   * @param {number} x
   * @param {number} y
   */
  moveTo(x, y) {
    this.text.push("M", x.toFixed(1), " ", y.toFixed(1));
  }

  /**
   * @param {number} x
   * @param {number} y
   */
  lineTo(x, y) {
    this.text.push("L", x.toFixed(1), " ", y.toFixed(1));
  }
}

/**
 * @param {L.Map} map
 * @param {any} bounds
 * @param {SVGElement} group
 */
function svgPen(map, bounds, group) {
  return {
    ...penAt(map, bounds),
    path: () => new Trace(),
    /** @returns {null} */
    grain: () => null,
    /**
     * @param {Trace} path
     * @param {Stroke} given
     */
    stroke(path, { colour, width, opacity = 1, cap = "round" }) {
      const element = document.createElementNS("http://www.w3.org/2000/svg", "path");
      const look = {
        d: path.text.join(""),
        fill: "none",
        stroke: colour,
        "stroke-width": width,
        "stroke-opacity": opacity,
        "stroke-linecap": cap,
        "stroke-linejoin": "round",
      };
      for (const [name, value] of Object.entries(look)) element.setAttribute(name, String(value));
      group.append(element);
    },
  };
}

// A canvas that paints what it is given whenever the map has moved; on paper the same is drawn as SVG.
export const Painting = Canvas.extend({
  /** @param {Work[]} works */
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
  /** @param {boolean} on */
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
