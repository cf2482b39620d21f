// @ts-check
// Streets within reach as a grain of pixels: tens of thousands of short lines are put down in a tenth of
// the time that a canvas strokes them in. Seen from so far, the eye does not tell the difference.

import { known } from "./known.js";

export const GRAIN_FROM = 40000; // edges in sight

// A sheet as large as a canvas; each pixel keeps the nearest limit that a street crosses it within.
export class Grain {
  /** @param {CanvasRenderingContext2D} ctx */
  constructor(ctx) {
    const { a, e, f } = ctx.getTransform();
    this.ctx = ctx;
    this.ratio = a;
    this.left = e;
    this.top = f;
    this.width = ctx.canvas.width;
    this.height = ctx.canvas.height;
    this.level = new Uint8Array(this.width * this.height);
    this.now = 0;
    this.x = 0;
    this.y = 0;
  }

  /** @param {number} level */
  at(level) {
    this.now = level;
    return this;
  }

  /**
   * @param {number} x
   * @param {number} y
   */
  moveTo(x, y) {
    this.x = x * this.ratio + this.left;
    this.y = y * this.ratio + this.top;
  }

  /**
   * @param {number} x
   * @param {number} y
   */
  lineTo(x, y) {
    const { level, width, height, now, x: x0, y: y0 } = this;
    this.moveTo(x, y);
    const steps = Math.max(1, Math.ceil(Math.max(Math.abs(this.x - x0), Math.abs(this.y - y0))));
    const dx = (this.x - x0) / steps,
      dy = (this.y - y0) / steps;
    for (let k = 0; k <= steps; k++) {
      const px = Math.floor(x0 + k * dx),
        py = Math.floor(y0 + k * dy);
      if (px >= 0 && px < width && py >= 0 && py < height && level[py * width + px] < now)
        level[py * width + px] = now;
    }
  }

  /**
   * Paints discs around the pixels that have a level or more, one over the other.
   *
   * @param {string} colour
   * @param {{level: number, breadth: number, opacity: number}[]} discs
   */
  paint(colour, discs) {
    const { level, width, height, ratio, ctx } = this;
    const marks = new Uint8Array(level.length);
    const stamps = discs.map(({ breadth }) => discOf((breadth * ratio) / 2, width));
    const rim = Math.max(...stamps.map((stamp) => stamp.rim));
    for (let y = rim; y < height - rim; y++) {
      for (let i = y * width + rim; i < (y + 1) * width - rim; i++) {
        if (!level[i]) continue;
        for (let n = 0; n < discs.length; n++) {
          if (level[i] < discs[n].level) continue;
          const { offsets } = stamps[n];
          for (let k = 0; k < offsets.length; k++) marks[i + offsets[k]] |= 1 << n;
        }
      }
    }
    const [red, green, blue] = [1, 3, 5].map((at) => parseInt(colour.slice(at, at + 2), 16));
    const inks = Uint32Array.from({ length: 1 << discs.length }, (_, mark) => {
      const through = discs.reduce(
        (left, { opacity }, n) => (mark & (1 << n) ? left * (1 - opacity) : left),
        1,
      );
      return ((Math.round(255 * (1 - through)) << 24) | (blue << 16) | (green << 8) | red) >>> 0;
    });
    const sheet = new ImageData(width, height);
    const pixels = new Uint32Array(sheet.data.buffer);
    for (let i = 0; i < marks.length; i++) if (marks[i]) pixels[i] = inks[marks[i]];
    const canvas = Object.assign(document.createElement("canvas"), { width, height });
    known(canvas.getContext("2d")).putImageData(sheet, 0, 0);
    ctx.save();
    ctx.setTransform(1, 0, 0, 1, 0, 0);
    ctx.drawImage(canvas, 0, 0);
    ctx.restore();
  }
}

/**
 * The pixels of a disc as steps in a sheet so wide, and how far they lead from its middle.
 *
 * @param {number} radius
 * @param {number} width
 */
function discOf(radius, width) {
  const rim = Math.floor(radius),
    offsets = [];
  for (let y = -rim; y <= rim; y++)
    for (let x = -rim; x <= rim; x++) if (x * x + y * y <= radius * radius) offsets.push(y * width + x);
  return { rim, offsets };
}
