// @ts-check
// For those who read by ear, by keyboard, at a larger size or without motion.

import { h } from "./dom.js";
import { known } from "./known.js";
import { cutoffWords, sideName } from "./phrases.js";
import { shareAt } from "./shares.js";
import { sideOf } from "./states.js";

/** @import { App } from "./types.js" */

/** @param {App} app */
export function easeAccess(app) {
  const { map, say } = app;
  const viewport = document.querySelector('meta[name="viewport"]');
  if (viewport) viewport.setAttribute("content", "width=device-width, initial-scale=1"); // folium forbids to enlarge
  if (window.matchMedia("(prefers-reduced-motion: reduce)").matches) keepStill(map);
  map.getContainer().setAttribute("role", "main");
  map.getContainer().setAttribute("aria-label", say("map_label"));

  /**
   * A shape that listens for focus is a stop of the tab key in some browsers: hundreds, without a name.
   * The search and the lists of the panel lead to each of them.
   *
   * @param {any} layer
   */
  const passBy = (layer) => layer instanceof L.Path && layer.getElement()?.setAttribute("tabindex", "-1");
  map.eachLayer(passBy);
  map.on("layeradd", ({ layer }) => passBy(layer));

  // One place that tells what has changed; the panel itself is written anew each time.
  const told = h("p", { class: "told", role: "status", "aria-live": "polite" });
  map.getContainer().append(told);
  map.on("popupopen", ({ popup }) => {
    const close = known(popup.getElement()).querySelector(".leaflet-popup-close-button");
    if (close) close.setAttribute("aria-label", say("close"));
    const card = /** @type {HTMLElement} */ (
      known(popup.getElement()).querySelector(".leaflet-popup-content")
    );
    // biome-ignore lint/performance/useDomNodeTextContent: what is told is what is seen, in its lines
    told.textContent = card.innerText;
  });
  document.addEventListener("keydown", (event) => {
    if (event.key !== "Escape") return;
    map.closePopup();
    map.eachLayer((layer) => layer.closeTooltip?.());
    if (app.state.placing) {
      app.state.placing = false;
      app.refresh();
    }
  });
  /** @type {string | null} */
  let before = null;
  return () => {
    const now = inShort(app);
    if (before !== null && now !== before) told.textContent = now;
    before = now;
  };
}

/**
 * What the panel says first: the share of the kind and state shown.
 *
 * @param {App} app
 */
function inShort(app) {
  const { state } = app;
  const view = app.view();
  if (!view) return "";
  const head = app.head();
  const share = app.percent(shareAt(view.people, head.group, head.cutoff));
  return app.say("named", {
    name: sideName(app, sideOf(state)),
    told: `${app.say("people_within", cutoffWords(app))} ${share}`,
  });
}

/** @param {L.Map} map */
function keepStill(map) {
  Object.assign(map.options, {
    zoomAnimation: false,
    fadeAnimation: false,
    markerZoomAnimation: false,
    inertia: false,
  });
  Object.assign(map, { _zoomAnimated: false, _fadeAnimated: false });
  map.panBy = (offset, options) => L.Map.prototype.panBy.call(map, offset, { ...options, animate: false });
}
