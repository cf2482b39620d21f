// @ts-check
// The map: what is shown follows one state; every change of it goes through `refresh`.

import { easeAccess } from "./accessibility.js";
import { rowsOf } from "./columns.js";
import { unpacker } from "./coordinates.js";
import { makeFollowing } from "./derived_indicators.js";
import { makeDrawing } from "./drawing.js";
import { fill } from "./fill.js";
import { makeIndicators } from "./indicators.js";
import { known } from "./known.js";
import { addNorth, watchTiles } from "./map_controls.js";
import { makeNumbers } from "./numbers.js";
import { once } from "./once.js";
import { unpackPlaces } from "./packed_numbers.js";
import { makePanel } from "./panel.js";
import { preparePrint } from "./print.js";
import { makeViews } from "./state_figures.js";
import { isOther, isTrial, states } from "./states.js";
import { makeTrials } from "./trials.js";
import { shaded } from "./visibility.js";
import { operates } from "./year_rule.js";

/** @import { App } from "./types.js" */

/** @import * as Data from "./payload.js" */

const AWAIT_MS = 500; // from the map drawn to its streets unpacked

/**
 * @param {L.Map} map
 * @param {Data.Payload} data
 */
export function drawPlan(map, data) {
  document.documentElement.lang = data.tag;
  const numbers = makeNumbers(data.tag);
  /**
   * @param {number | null | undefined} value
   * @param {(value: number) => string} write
   */
  const told = (value, write) => (value === null || value === undefined ? data.texts.none : write(value));
  /** @type {Partial<App> & Pick<App, "data" | "state">} the parts are added below, each to those before it */
  const parts = {
    map,
    data,
    /** @type {App["say"]} */
    say: (key, values) => fill(data.texts[key], values),
    /** @type {App["count"]} */
    count: (value) => told(value, numbers.count),
    /** @type {App["figure"]} */
    figure: (value) => told(value, numbers.figure),
    /** @type {App["amount"]} */
    amount: (value) => told(value, numbers.amount),
    /** @type {App["minutes"]} */
    minutes: (value) => told(value, numbers.minutes),
    /** @type {App["percent"]} */
    percent: (value, digits = 1) => told(value, (share) => numbers.percent(share, digits)),
    givenPercent: numbers.givenPercent,
    signed: numbers.signed,
    /** @type {App["points"]} */
    points: (was, now) =>
      was === null || now === null ? data.texts.none : numbers.points(100 * (now - was)),
    kinds: new Map(data.kinds.map((kind) => [kind.id, kind])),
    links: rowsOf(data.links),
    unpack: unpacker(data.origin),
    homePlaces: once(() => unpackPlaces(data.home_places)),
    state: {
      kind: null,
      shade: data.shade,
      scheme: null,
      when: "before",
      answer: 0,
      year: null,
      placing: false,
      reach: null,
      swipe: false,
      left: "before",
      paper: "A4",
      layers: data.layers,
    },
  };
  /** @type {App} */
  const app = /** @type {any} */ (parts);
  const { state } = app;
  state.kind = app.kinds.has(data.first) ? data.first : data.kinds.length ? data.kinds[0].id : null;
  // The terms of the state shown, which facilities there are in it, and which of them operate.
  app.head = () => app.views.terms();
  app.stands = (i) =>
    (isOther(state.when) ? known(data.other).standing : data.facilities.operating)[i] !== null;
  app.operates = (i, when = state.when) =>
    isOther(when) ? Boolean(known(data.other).standing[i]) : operates(data.facilities, i, state.year);
  app.views = makeViews(app);
  app.view = app.views.view;
  app.trials = makeTrials(app);
  app.answers = () =>
    (isOther(state.when) ? known(data.other) : data).answers.filter((answer) => answer.kind === state.kind);
  app.answer = () => app.answers()[state.answer] || app.answers()[0] || null;
  app.indicators = makeIndicators(app);
  app.following = makeFollowing(app);
  if (!app.indicators.find() && shaded(state)) state.shade = "share";

  const drawing = makeDrawing(app);
  app.drawing = drawing;
  const panel = makePanel(app, () => refresh());
  const tell = easeAccess(app);
  /** @type {L.Popup | null} */
  let card = null;
  map.on("popupopen", ({ popup }) => {
    card = popup;
  });
  map.on("popupclose", () => {
    card = null;
  });
  function refresh() {
    drawing.refresh();
    panel.refresh();
    tell();
    card?.update(); // it tells of the state shown, as all else does
  }
  app.refresh = refresh;
  app.cardShown = () => panel.refresh();
  app.whole = () => map.fitBounds(drawing.bounds, { padding: [14, 14], animate: false });
  app.chooseKind = (kind) => {
    if (kind === state.kind) return;
    panel.set("kind", kind);
    refresh();
  };
  app.show = (i) => {
    map.closePopup();
    map.fitBounds(drawing.communities[i].getBounds(), { padding: [60, 60], maxZoom: 15.5, animate: false });
    const latlng = L.latLng(
      app.unpack.point(data.communities.label[i]) || drawing.communities[i].getBounds().getCenter(),
    );
    drawing.communities[i].fire("click", { latlng }, true);
  };

  // Zooms to a place by its sort and number, shows its layer and opens its card.
  app.open = (sort, i, answer) => {
    if (sort === "communities") {
      app.show(i);
      return;
    }
    if (sort === "sites") {
      panel.set("kind", answer.kind);
      state.answer = app.answers().indexOf(answer);
      state.when = isTrial(state.when) ? (isOther(state.when) ? "other_after" : "after") : state.when;
      state.layers.sites = true;
    } else if (sort === "candidates") state.layers.candidates = true;
    else {
      state.layers[
        data.facilities.kind[i] === state.kind || app.kinds.has(data.facilities.kind[i])
          ? "facilities"
          : "others"
      ] = true;
      if (app.kinds.has(data.facilities.kind[i])) panel.set("kind", data.facilities.kind[i]);
      if (!app.operates(i)) state.year = null;
      if (!app.stands(i)) state.when = isOther(state.when) ? "before" : "other";
    }
    refresh();
    const marker = /** @type {any} */ (drawing[sort][i]);
    map.setView(marker.getLatLng(), Math.max(map.getZoom(), 15), { animate: false });
    marker.openPopup();
  };

  const within = L.latLngBounds(drawing.bounds).pad(0.6);
  map.setMaxBounds(within);
  L.control
    .zoom({ position: "topright", zoomInTitle: app.say("zoom_in"), zoomOutTitle: app.say("zoom_out") })
    .addTo(map);
  L.control.scale({ imperial: false, maxWidth: 140, position: "bottomleft" }).addTo(map);
  const credit = L.control.attribution({ prefix: false, position: "bottomright" }).addTo(map);
  const safe = document.createElement("i");
  for (const line of data.head.attribution) {
    safe.textContent = line;
    credit.addAttribution(safe.innerHTML);
  }
  addNorth(app);
  watchTiles(app);
  map.on("click", (event) => state.placing && app.trials.add(event.latlng));
  if (data.other && states(app).includes("other")) Object.assign(state, { swipe: true, when: "other" });
  refresh();
  app.whole();
  map.setMinZoom(Math.floor(map.getZoom()) - 1);
  preparePrint(app, drawing.renderers);
  requestAnimationFrame(() =>
    requestAnimationFrame(() => {
      document.body.dataset.drawn = String(Math.round(performance.now()));
      setTimeout(app.views.ground, AWAIT_MS); // so that the first click need not wait for it
    }),
  );
  /** @type {any} */ (window).plan = app;
  return app;
}
