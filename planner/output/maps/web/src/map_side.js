// @ts-check
// What follows the state shown: shaded communities, circles, facilities, sites. The map is one such
// half, or two with a divider between them, each in panes of its own and in a state of its own.

import { communityCard, communityTip, facilityCard, facilityTip, siteCard, siteTip } from "./cards.js";
import { communityLook } from "./community_look.js";
import { ESTIMATED_EDGE, WORST } from "./constants.js";
import { makeFeatures } from "./features.js";
import { known } from "./known.js";
import { pin } from "./pin.js";
import { isOther } from "./states.js";
import { makeShortMarks } from "./supply.js";
import { changes } from "./tracked_changes.js";
import { shaded, showsGaps, showsSites } from "./visibility.js";

/** @import { App, LatLngShape, Renderers } from "./types.js" */

/**
 * renderers: those of the half's panes; within(work): does some work in the state of the half.
 *
 * @param {App} app
 * @param {Renderers} renderers
 * @param {string} sitesPane
 * @param {<Result>(work: () => Result) => Result} [within]
 */
export function makeHalf(app, renderers, sitesPane, within = (work) => work()) {
  const { map, data, state, unpack } = app;
  const communities = data.communities.shape.map((shape, i) => {
    /** @type {any} it bears its number and the key of its look */
    const polygon = L.polygon(unpack.shape(shape), { renderer: renderers.communities, smoothFactor: 0.5 });
    polygon.number = i;
    return polygon;
  });
  const tipped = L.featureGroup(communities)
    .bindTooltip((/** @type {any} */ layer) => within(() => communityTip(app, layer.number)), {
      sticky: true,
      className: "tip",
      opacity: 1,
    })
    .bindPopup((/** @type {any} */ layer) => within(() => communityCard(app, layer.number)), {
      maxWidth: 480,
      minWidth: 280,
      autoPan: false,
    })
    .on("popupopen", (event) => {
      within(() =>
        app.ways.ask(event.propagatedFrom.number, { left: sitesPane === "left-sites" }),
      );
      bringIn(map, event.popup);
      app.cardShown();
    })
    .on("popupclose", () => {
      app.ways.clear();
      app.cardShown();
    });
  map.on("popupopen", () => tipped.closeTooltip());

  const largest = Math.max(1, ...data.facilities.capacity.filter((value) => value !== null));
  const facilities = data.facilities.at.map((at, i) => {
    const kind = app.kinds.get(data.facilities.kind[i]);
    const colour = kind ? kind.colour : "#777777";
    /** @type {any} it bears its number, its size and its look */
    const circle = L.circleMarker(/** @type {any} */ (unpack.point(at)), {
      renderer: renderers.facilities,
      radius: 4,
      fillOpacity: 1,
      opacity: 1,
    });
    const guessed = Boolean(data.facilities.approximate[i]);
    circle.look = (/** @type {boolean} */ operating) => ({
      color: guessed ? ESTIMATED_EDGE : operating ? "#ffffff" : colour,
      weight: operating && !guessed ? 1.2 : 2.4,
      dashArray: guessed ? "2.5 2.5" : null,
      fillColor: operating ? colour : "#ffffff",
    });
    circle.number = i;
    circle.size =
      data.facilities.capacity[i] === null ? 0.35 : Math.sqrt(data.facilities.capacity[i] / largest);
    circle.bindTooltip(() => facilityTip(app, i), { className: "tip", opacity: 1, direction: "top" });
    circle.bindPopup(() => facilityCard(app, i), { maxWidth: 340 });
    circle.on("popupopen", () => app.only(i)).on("popupclose", () => app.only(null));
    circle.on("mouseover", () => app.hover(i)).on("mouseout", () => app.hover(null));
    return circle;
  });
  const features = makeFeatures(app, renderers, within);
  const shown = {
    communities: tipped,
    rings: L.layerGroup(),
    facilities: L.layerGroup(),
    sites: L.layerGroup(),
    features: features.group,
  };
  /** @type {L.Marker[]} */
  const sites = [];
  const marks = makeShortMarks(app, renderers.facilities);
  const resize = () => {
    const factor = Math.max(0.7, Math.min(1.8, 2 ** ((map.getZoom() - 13) / 3)));
    for (const circle of facilities) {
      const own = data.facilities.kind[circle.number] === state.kind;
      circle.setRadius((own ? 3 + 5.5 * circle.size : 2.2) * factor);
    }
    marks.resize((i) => facilities[i].getRadius());
  };
  /** Only what is shown is set to its weight: Leaflet draws a line anew for each style it is given. */
  const widen = () => {
    const weight = Math.max(0.9, Math.min(2, 1.1 + (map.getZoom() - 11.5) * 0.35));
    shown.rings.eachLayer((/** @type {any} */ ring) =>
      ring.eachLayer?.(
        (/** @type {any} */ line) =>
          line.options.weight !== weight * line.options.breadth &&
          line.setStyle({ weight: weight * line.options.breadth }),
      ),
    );
  };
  map.on("zoomend", () => {
    resize();
    widen();
  });

  function paint() {
    const view = app.view();
    const worst = new Set(
      state.layers.gaps && view && showsGaps(app)
        ? view.gaps.slice(0, WORST).map(({ community }) => community)
        : [],
    );
    for (const polygon of communities) {
      const look = communityLook(app, polygon.number, worst.has(polygon.number));
      const key = Object.values(look).join();
      if (polygon.key === key) continue;
      polygon.key = key;
      polygon.setStyle(look);
      if (worst.has(polygon.number)) polygon.bringToFront();
    }
  }

  // Circles are laid out once and then only put on the map and taken off.
  const made = new Map();
  /**
   * @template Made
   * @param {string} key
   * @param {() => Made} make
   * @returns {Made}
   */
  const once = (key, make) => {
    if (!made.has(key)) made.set(key, make());
    return made.get(key);
  };
  /**
   * @param {LatLngShape} shape
   * @param {string} colour
   * @param {Record<string, any>} extra
   */
  const outline = (shape, colour, extra) => {
    /** @type {any} it bears its breadth */
    const look = { renderer: renderers.rings, interactive: false, fill: false };
    return L.layerGroup([
      L.polygon(shape, { ...look, color: "#ffffff", opacity: 0.5, breadth: 2 }),
      L.polygon(shape, { ...look, color: colour, opacity: 1, breadth: 1, ...extra }),
    ]);
  };
  function circles() {
    /** @type {L.Layer[]} */
    const wanted = [];
    const kind = state.year === null ? app.kinds.get(state.kind) : null; // the circles are those of the plan's year
    const plan = isOther(state.when) ? "other" : "own";
    const all = isOther(state.when) ? known(data.other).rings : data.rings;
    const rings = kind
      ? once(`${kind.id} ${plan} shapes`, () =>
          (all[kind.id] || []).map(({ minutes, shape }) => ({ minutes, shape: unpack.shape(shape) })),
        )
      : [];
    if (kind && state.shade === "walk") {
      wanted.push(
        ...once(`${kind.id} ${plan} bands`, () =>
          [...rings].reverse().map(({ shape }) =>
            L.polygon(shape, {
              renderer: renderers.bands,
              interactive: false,
              stroke: true,
              weight: 0.8,
              color: kind.colour,
              opacity: 0.7,
              fillColor: kind.colour,
              fillOpacity: 0.24,
            }),
          ),
        ),
      );
    }
    if (kind && state.layers.rings) {
      const last = rings.find(({ minutes }) => minutes === app.head().cutoff) || rings[rings.length - 1];
      if (last && shaded(state))
        wanted.push(once(`${kind.id} ${plan} ring`, () => outline(last.shape, kind.colour, {})));
      const answer = app.answer();
      if (answer && showsSites(app)) {
        answer.rings.forEach(({ shape }, n) =>
          wanted.push(
            once(`${kind.id} ${plan} ${state.answer} ${n}`, () =>
              outline(unpack.shape(shape), kind.colour, { dashArray: "5 4" }),
            ),
          ),
        );
      }
    }
    shown.rings.eachLayer((layer) => wanted.includes(layer) || shown.rings.removeLayer(layer));
    for (const layer of wanted) shown.rings.addLayer(layer);
    widen();
  }

  /** @type {L.Layer[]} */
  const ringed = [];
  function points() {
    for (const ring of ringed.splice(0)) shown.facilities.removeLayer(ring);
    const short = state.layers.over_capacity ? marks.short(state.kind) : new Set();
    for (const circle of facilities) {
      const own = data.facilities.kind[circle.number] === state.kind;
      const operating = app.operates(circle.number);
      const wanted =
        app.stands(circle.number) &&
        (own ? state.layers.facilities : state.layers.others) &&
        (state.year === null || operating);
      if (!wanted) {
        shown.facilities.removeLayer(circle);
        continue;
      }
      circle.setStyle({ ...circle.look(operating), fillOpacity: own ? 1 : 0.75, opacity: own ? 1 : 0.6 });
      shown.facilities.addLayer(circle);
      if (own && state.layers.others) circle.bringToFront();
      if (short.has(circle.number)) {
        ringed.push(marks.ringOf(circle.number));
        shown.facilities.addLayer(marks.ringOf(circle.number));
      }
    }
    resize();
  }

  function suggested() {
    shown.sites.clearLayers();
    sites.length = 0;
    const answer = app.answer();
    if (!answer || !showsSites(app)) return;
    answer.at.forEach((at, i) => {
      if (!at) return;
      const label = app.say("site", { n: answer.rank[i] });
      sites[i] = L.marker(unpack.place(at), {
        pane: sitesPane,
        icon: pin(answer.rank[i] ?? "", known(app.kinds.get(state.kind)).colour),
        zIndexOffset: 1000 - i,
      })
        .on("add", (event) => event.target.getElement().setAttribute("aria-label", label))
        .bindTooltip(() => within(() => siteTip(app, i)), {
          className: "tip",
          opacity: 1,
          direction: "top",
          offset: [0, -30],
        })
        .bindPopup(() => within(() => siteCard(app, i)), { minWidth: 220 })
        .addTo(shown.sites);
    });
  }

  const changed = changes();
  return {
    communities,
    facilities,
    sites,
    /** @param {boolean} on */
    show: (on) => Object.values(shown).forEach((group) => (on ? group.addTo(map) : group.remove())),
    refresh: () =>
      within(() => {
        const { kind, shade, when, year, answer, layers, swipe } = state;
        paint();
        changed("circles", circles, kind, shade, when, year, answer, layers.rings, layers.sites, swipe);
        changed(
          "points",
          points,
          kind,
          isOther(when),
          year,
          layers.facilities,
          layers.others,
          layers.over_capacity,
        );
        changed(
          "features",
          features.refresh,
          kind,
          isOther(when),
          data.features.map(({ id }) => layers[id]),
        );
        changed("sites", suggested, kind, when, year, answer, layers.sites, swipe);
      }),
  };
}

/**
 * Moves the map until all of a card is seen, right of the button that folds the panel, and the card aside
 * for what lies beyond the map's end. A card stays where what it speaks of is.
 *
 * @param {L.Map} map
 * @param {any} card
 */
function bringIn(map, card) {
  card.options.offset = L.point(0, 7); // Leaflet's own: one card serves all communities
  card.getElement().classList.remove("aside");
  card.getElement().querySelector(".leaflet-popup-content").tabIndex = 0; // so that keys scroll it, too
  card.update();
  const rim = 8,
    wide = map.getSize().x > 720;
  const left = wide ? 54 : rim,
    top = wide ? 52 : rim; // clear of the menu and of the stamp
  const frame = map.getContainer().getBoundingClientRect(),
    box = card.getElement().getBoundingClientRect();
  /**
   * @param {number} low
   * @param {number} high
   * @param {number} least
   * @param {number} most
   */
  const over = (low, high, least, most) =>
    low < least ? low - least : Math.max(0, Math.min(high - most, low - least));
  const asked = L.point(
    over(box.left, box.right, frame.left + left, frame.right - rim),
    over(box.top, box.bottom, frame.top + top, frame.bottom - rim),
  );
  const given = /** @type {any} */ (map)._limitOffset(asked, map.options.maxBounds).round();
  const rest = asked.subtract(given);
  if (rest.x || rest.y) {
    // It stands beside its place then, and must not seem to point at another.
    card.options.offset = L.point(card.options.offset).subtract(rest);
    card.getElement().classList.add("aside");
    card.update();
  }
  map.panBy(given);
}
