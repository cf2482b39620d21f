// @ts-check
// Lines laid out faster than Leaflet does.

import { placeOnWorld } from "./coordinates.js";

// Leaflet asks the projection for every vertex at every zoom, and drops those that share a place only
// later. A line's places on the world are kept here, and what would be dropped is never made.
const worlds = new WeakMap();

export function speedUpLines() {
  L.Polyline.include({
    /**
     * @param {any} latlngs
     * @param {any} result
     * @param {any} projectedBounds
     */
    _projectLatlngs(latlngs, result, projectedBounds) {
      if (!(latlngs[0] instanceof L.LatLng)) {
        for (const part of latlngs) this._projectLatlngs(part, result, projectedBounds);
        return;
      }
      if (!worlds.has(latlngs)) {
        worlds.set(latlngs, new Float64Array(2 * latlngs.length));
        latlngs.forEach((/** @type {L.LatLng} */ { lng, lat }, /** @type {number} */ i) =>
          placeOnWorld(lng, lat, worlds.get(latlngs), 2 * i),
        );
      }
      const world = worlds.get(latlngs),
        scale = 2 ** this._map.getZoom(),
        origin = this._map.getPixelOrigin();
      const near = this.options.smoothFactor * this.options.smoothFactor,
        ring = [];
      for (let i = 0, at = null; i < world.length; i += 2) {
        const x = Math.round(world[i] * scale) - origin.x,
          y = Math.round(world[i + 1] * scale) - origin.y;
        if (near && at && i + 2 < world.length && (x - at.x) ** 2 + (y - at.y) ** 2 <= near) continue;
        at = L.point(x, y);
        ring.push(at);
        projectedBounds.extend(at);
      }
      result.push(ring);
    },
  });
}
