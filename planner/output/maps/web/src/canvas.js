// @ts-check
// The canvas that layers are drawn on.

/** @type {any} its private parts are not typed */
const LeafletCanvas = L.Canvas;

/** Leaflet's canvas forgets that a drawing was asked for when it is taken off the map and put back. */
export const Canvas = LeafletCanvas.extend({
  _redraw() {
    if (this._ctx) LeafletCanvas.prototype._redraw.call(this);
  },
  _destroyContainer() {
    LeafletCanvas.prototype._destroyContainer.call(this);
    this._redrawRequest = null;
  },
});
