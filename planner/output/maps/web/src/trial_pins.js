// @ts-check
// Trial sites on the map.

import { h } from "./dom.js";
import { known } from "./known.js";
import { pin } from "./pin.js";

/** @import { App, Trial } from "./types.js" */

/**
 * Trial sites on the map. A pin stays the same while its trial moves, so that it can be dragged.
 *
 * @param {App} app
 */
export function makePins(app) {
  const { map, data, state, say } = app;
  const layer = L.layerGroup().addTo(map);
  const pins = new Map();
  /** @param {Trial} one */
  function make(one) {
    const label = say("trial_name", { n: one.name });
    /** @type {number | null} */
    let frame = null;
    return L.marker(one.latlng, {
      pane: "pins",
      icon: pin(one.name, known(app.kinds.get(one.kind)).colour, "trial"),
      draggable: true,
      autoPan: true,
      zIndexOffset: 3000,
    })
      .on("add", (event) => event.target.getElement().setAttribute("aria-label", label))
      .on("drag", (event) => {
        frame =
          frame ||
          requestAnimationFrame(() => {
            frame = null;
            app.trials.drag(one.name, event.target.getLatLng(), false);
          });
      })
      .on("dragend", (event) => {
        cancelAnimationFrame(frame ?? 0);
        frame = null;
        app.trials.drag(one.name, event.target.getLatLng(), true);
      })
      .bindTooltip(() => h("div", {}, h("b", {}, label), h("br"), say("trial_drag")), {
        className: "tip",
        opacity: 1,
        direction: "top",
        offset: [0, -30],
      });
  }
  return {
    refresh() {
      const shown = data.walk && state.layers.trials ? app.trials.of(state.kind) : [];
      /** @param {any} one */
      const key = (one) => `${one.kind} ${one.name}`;
      for (const [name, marker] of pins) {
        if (shown.some((one) => key(one) === name)) continue;
        marker.remove();
        pins.delete(name);
      }
      for (const one of shown) {
        if (!pins.has(key(one))) pins.set(key(one), make(one).addTo(layer));
        if (!app.trials.dragged()) pins.get(key(one)).setLatLng(one.latlng);
      }
    },
  };
}
