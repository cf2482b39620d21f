// @ts-check
// What Leaflet's own controls lack.

import { h } from "./dom.js";
import { known } from "./known.js";

/** @import { App } from "./types.js" */

/** @param {App} app */
export function addNorth(app) {
  const north = new L.Control({ position: "topright" });
  north.onAdd = () => h("div", { class: "north", "aria-hidden": "true" }, h("b", {}, "▲"), app.say("north"));
  north.addTo(app.map);
}

/**
 * Where the basemap's service cannot be reached, the reader is told; all else is in the page.
 *
 * @param {App} app
 */
export function watchTiles({ map, say }) {
  const notice = h("p", { class: "notice tiles", role: "status" });
  let missing = 0,
    loaded = 0;
  map.eachLayer(
    (layer) =>
      layer instanceof L.TileLayer &&
      layer.on("tileerror tileload", (event) => {
        if (event.type === "tileerror") missing += 1;
        else loaded += 1;
        notice.textContent = missing > loaded ? say("tiles_missing") : "";
      }),
  );
  known(map.getContainer().querySelector(".notices")).append(notice);
}
