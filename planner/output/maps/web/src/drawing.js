// @ts-check
// The map as a whole: the ground, one half or two of what follows the state, links, homes, names.

import { makeBackdrop, makeHatches } from "./backdrop.js";
import { candidateCard } from "./cards.js";
import { h } from "./dom.js";
import { gapLabels, Labels, placeLabels } from "./labels.js";
import { makeKey } from "./map_key.js";
import { makeHalf } from "./map_side.js";
import { makeHomes, makeLinks, makeMinutes, makeReach } from "./overlays.js";
import { makePanes } from "./panes.js";
import { makeRoads } from "./roads.js";
import { makeWays } from "./route.js";
import { onSides } from "./states.js";
import { makeSwipe } from "./swipe.js";
import { changes } from "./tracked_changes.js";
import { makePins } from "./trial_pins.js";
import { shaded, showsSites } from "./visibility.js";

/** @import { App, Label } from "./types.js" */

const REST_MS = 350; // how long the pointer rests on a facility before its reach is shown

/** @param {App} app */
export function makeDrawing(app) {
  const { map, data, state, unpack } = app;
  const panes = makePanes(map);
  makeHatches(map, panes.communities);
  const corner = unpack.place([0, 0]);
  const far = unpack.place(data.size);
  const bounds = [corner, far];
  if (data.tiles === "none") makeBackdrop(data.backdrop, data.looks, unpack, panes).addTo(map);
  const roads = makeRoads(app, panes.roads);

  const half = makeHalf(app, panes, "sites");
  half.show(true);
  L.layerGroup([
    L.polyline(unpack.lines(data.towns.border), {
      renderer: panes.borders,
      interactive: false,
      color: "#4d4650",
      weight: 1.3,
      opacity: 0.75,
      dashArray: "7 3 1.5 3",
    }),
    L.polyline(unpack.lines(data.towns.outline), {
      renderer: panes.borders,
      interactive: false,
      color: "#3d3740",
      weight: 1.8,
      opacity: 0.85,
      dashArray: data.communities.estimated ? "7 5" : undefined,
    }),
  ]).addTo(map);

  const links = makeLinks(app, panes.links);
  const reach = makeReach(app, panes.reach),
    minutes = makeMinutes(app, panes.minutes),
    pins = makePins(app);
  app.ways = makeWays(app, panes.ways);
  // The facility whose card is open shows whom it serves and how far it reaches; so does one that the
  // pointer rests on, while no other's card is open.
  /** @type {number | null} */
  let opened = null;
  /** @type {number | undefined} */
  let waiting;
  /** @type {number | null} */
  let frame = null;
  /** @param {number | null} i */
  const reaching = (i) => {
    if (state.reach === i) return;
    state.reach = i;
    reach();
  };
  app.only = (i) => {
    clearTimeout(waiting);
    opened = i;
    links.only(i);
    reaching(i);
  };
  app.hover = (i) => {
    clearTimeout(waiting);
    if (opened === null) waiting = setTimeout(reaching, i === null ? 80 : REST_MS, i);
  };
  const spare = L.layerGroup();
  const candidates = [];
  for (const [i, at] of data.candidates.at.entries()) {
    candidates[i] = L.circleMarker(/** @type {any} */ (unpack.point(at)), {
      renderer: panes.candidates,
      radius: 2.6,
      weight: 1,
      color: "#3b3b3b",
      fillColor: "#ffffff",
      fillOpacity: 0.9,
    })
      .bindPopup(() => candidateCard(app, i))
      .addTo(spare);
  }
  const labels = new Labels(map, "names");
  const homes = makeHomes(app, panes.homes);
  /**
   * @param {L.Layer} layer
   * @param {boolean} on
   */
  const toggle = (layer, on) => (on ? layer.addTo(map) : layer.remove());
  const changed = changes();
  const swipe = makeSwipe(app, panes);
  const names = placeLabels(app, half.communities);
  const key = makeKey(app);
  const stays = h("p", { class: "notice", role: "status" });
  map.getContainer().append(h("div", { class: "notices" }, stays));
  return {
    bounds,
    candidates,
    communities: half.communities,
    facilities: half.facilities,
    sites: half.sites,
    renderers: panes,
    refresh() {
      const { kind, shade, when, year, answer, layers } = state;
      const trials = app.trials.all().map((one) => one.key);
      half.refresh();
      changed("candidates", () => toggle(spare, layers.candidates), layers.candidates);
      changed("links", () => links.show(layers.links), kind, layers.links);
      changed("homes", () => homes.show(layers.homes), kind, when, year, answer, trials, layers.homes);
      changed("swipe", swipe.refresh, state, trials);
      changed("reach", reach, kind, when, year, trials, state.reach, layers.rings, layers.trials);
      changed("minutes", minutes, shade === "streets" && [kind, when, year, answer, trials]);
      changed("ways", app.ways.refresh, kind, when, year, answer, trials);
      changed("pins", pins.refresh, kind, trials, app.trials.dragged(), layers.trials);
      map.getContainer().classList.toggle("placing", state.placing);
      changed("roads", () => roads.show(layers.streets), layers.streets);
      const told = shaded(state)
        ? onSides(app, () => app.following.note(app.indicators.find() ?? null))
            .map(([, note]) => note)
            .find(Boolean)
        : "";
      if (stays.textContent !== (told || "")) stays.textContent = told || "";
      if (key.refresh()) labels.controls = null;
      if (app.trials.dragged()) return; // names move aside when the trial stands
      labels.on = layers.labels;
      labels.cut = swipe.cut;
      const suggested = onSides(app, () =>
        ((showsSites(app) && app.answer()?.at) || []).flatMap((at) => (at ? [unpack.place(at)] : [])),
      );
      labels.avoid = [
        ...suggested.flatMap(([, places], n) => places.map((at) => ({ at, left: n < suggested.length - 1 }))),
        ...app.trials.of(kind).map((one) => ({ at: one.latlng })),
      ];
      const gaps = onSides(app, () => gapLabels(app));
      labels.use([
        ...gaps.map(([, own], n) =>
          own.map((/** @type {Label} */ item) => ({ ...item, left: n < gaps.length - 1 })),
        ),
        ...names,
      ]);
    },
    label: () => {
      frame =
        frame ||
        requestAnimationFrame(() => {
          frame = null;
          labels.place();
        });
    },
  };
}
