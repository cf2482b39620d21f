// @ts-check
// The panel where there is little room: a sheet to pull up on a phone.

import { h } from "./dom.js";

/** @import { App } from "./types.js" */

const SHEET = ["low", "half", "high"];

/**
 * A grip above the panel: a tap goes to the next height, a pull to the nearest.
 *
 * @param {App} app
 * @param {HTMLElement} panel
 */
export function makeSheet(app, panel) {
  const { map, say } = app;
  /** @param {string} height */
  const set = (height) => {
    document.body.dataset.sheet = height;
    panel.style.removeProperty("top");
    grip.setAttribute("aria-expanded", String(height !== "low"));
    map.invalidateSize({ animate: false });
  };
  const grip = h("button", {
    type: "button",
    class: "grip",
    "aria-label": say("fold"),
    "aria-controls": "panel",
    onclick: () => {
      if (!pulled) set(SHEET[(SHEET.indexOf(document.body.dataset.sheet ?? "") + 1) % SHEET.length]);
    },
  });
  /** @type {number | null} */
  let from = null;
  let pulled = false;
  grip.addEventListener("pointerdown", (event) => {
    from = event.clientY;
    pulled = false;
    grip.setPointerCapture(event.pointerId);
  });
  grip.addEventListener("pointermove", (event) => {
    if (from === null || Math.abs(event.clientY - from) < 6) return;
    pulled = true;
    panel.style.top = `${Math.max(0, event.clientY - 12)}px`;
  });
  /** @param {PointerEvent} event */
  const drop = (event) => {
    if (from === null) return;
    from = null;
    if (!pulled) return;
    const share = 1 - event.clientY / window.innerHeight;
    set(share < 0.3 ? "low" : share < 0.7 ? "half" : "high");
  };
  grip.addEventListener("pointerup", drop);
  grip.addEventListener("pointercancel", drop);
  panel.prepend(grip);
  document.body.dataset.sheet = "half";
  grip.setAttribute("aria-expanded", "true");
}
