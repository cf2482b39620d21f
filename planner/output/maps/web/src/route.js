// @ts-check
// The way from a community to its nearest facility: walked along the streets from where its people live
// to the nearest of the kind and state shown, or to the one chosen, however far.

import { SLACK } from "./constants.js";
import { STEPS } from "./coordinates.js";
import { h } from "./dom.js";
import { known } from "./known.js";
import { inState, isTrial, planOf } from "./states.js";

/** @import { App, NoRoute, Pair, Route } from "./types.js" */

const INK = "#1d2b3a";

const NAME_MOST = 40; // letters of a name within a sentence

/**
 * @param {App} app
 * @param {any} renderer
 */
export function makeWays(app, renderer) {
  const { map, data, state, say, unpack } = app;
  const layer = L.layerGroup().addTo(map);
  /** @type {{community: number, facility: number | null, left: boolean} | null} */
  let asked = null; // {community, facility: null for the nearest, left: of the left side}
  /** @type {Map<string, number | null>} */
  const mains = new Map();

  /**
   * The home from which the way to all people of the community is the shortest in sum (a 1-median).
   *
   * @param {number} community
   */
  function mainHome(community) {
    const key = `${planOf(state.when)} ${community}`;
    const there = mains.get(key);
    if (there !== undefined) return there;
    const { people, homesOf, streets, places } = known(app.views.ground());
    const homes = [...homesOf(community)];
    /** @param {string} group */
    const sum = (group) => homes.reduce((total, i) => total + people[group][i], 0);
    const group = [app.head().group, ...Object.keys(people)].find((name) => sum(name) > 0);
    const settled = group ? homes.filter((i) => people[group][i] > 0) : homes;
    const xy = settled.map((i) => streets.metres(places()[i]));
    /** @type {number | null} */
    let best = null;
    let least = Infinity;
    settled.forEach((i, a) => {
      let effort = 0;
      for (let b = 0; b < settled.length && effort < least; b++)
        effort +=
          (group ? people[group][settled[b]] : 1) * Math.hypot(xy[a][0] - xy[b][0], xy[a][1] - xy[b][1]);
      if (effort < least) [best, least] = [i, effort];
    });
    mains.set(key, best);
    return best;
  }

  /**
   * All places of a kind in the state shown: where they are and what they are called.
   *
   * @param {string} kind
   */
  function goals(kind) {
    const { facility } = known(app.views.ground());
    /** @type {Route["goal"][]} */
    const out = app.views.facilitiesOf(kind).flatMap((i) =>
      facility(i).map((spot) => ({
        spot,
        at: unpack.point(data.facilities.at[i]),
        name: data.facilities.name[i],
        facility: i,
      })),
    );
    const answer = app.views.answerOf(kind);
    if (answer)
      app.views
        .sitesOf(kind)
        .forEach((spot, i) =>
          out.push({ spot, at: unpack.point(answer.at[i]), name: answer.name[i], facility: null }),
        );
    if (isTrial(state.when)) {
      for (const one of app.trials.of(kind))
        out.push({
          spot: one.walk().wave.spots[0],
          at: [one.latlng.lat, one.latlng.lng],
          name: say("trial_name", { n: one.name }),
          facility: null,
        });
    }
    return out;
  }

  /**
   * What is known of the way asked for: null where nobody lives, or the way, or why there is none.
   *
   * @param {number} community
   * @param {string | null} kind
   * @param {number | null} [facility]
   * @returns {Route | NoRoute | null}
   */
  function find(community, kind, facility = null) {
    const ground = app.views.ground();
    if (!ground || !kind) return null;
    const home = mainHome(community);
    if (home === null) return null;
    const among =
      facility === null
        ? goals(known(kind))
        : goals(known(kind)).filter((goal) => goal.facility === facility);
    if (!among.length) return { home, why: "way_none" };
    if (ground.homes.edge[home] < 0) return { home, why: "way_off_street" };
    const way = ground.walker.way(
      ground.home(home),
      among.map((goal) => goal.spot),
    );
    if (!way) return { home, why: "way_cut" };
    return { home, ...way, goal: among[way.place], minutes: way.metres / ground.perMinute };
  }

  /** @param {Route} found */
  const numbers = (found) => ({ n: app.minutes(found.minutes), m: app.count(found.metres) });

  /** @param {string} name */
  const brief = (name) =>
    [...name].length > NAME_MOST ? `${[...name].slice(0, NAME_MOST).join("")}…` : name;

  /**
   * One sentence for the card, and for who cannot see the map.
   *
   * @param {number} community
   */
  function sentence(community) {
    const kind = app.kinds.get(state.kind);
    const found = data.communities.inside[community] ? find(community, state.kind) : null;
    if (!found) return null;
    const { snap, cutoff } = app.head(),
      values = { kind: known(kind).name, snap };
    if (found.why !== undefined) return say(found.why, values);
    return say(found.minutes > cutoff + SLACK ? "way_beyond" : "way_found", {
      ...values,
      ...numbers(found),
      name: brief(found.goal.name || say("unnamed")),
      cutoff,
    });
  }

  /**
   * @param {number[]} steps
   * @returns {Pair}
   */
  const place = ([x, y]) => [(y + data.origin[1]) / STEPS, (x + data.origin[0]) / STEPS];

  /**
   * The line up to where the time runs out, and the rest.
   *
   * @param {Route} found
   */
  function parts(found) {
    const { walker, perMinute, homes } = known(app.views.ground());
    const left = app.head().cutoff * perMinute - homes.access[found.home];
    const [near, far] = walker.parted(found.legs, Math.max(0, left));
    return [near, far].map((legs) => walker.trace(legs).map(place));
  }

  const draw = () => (asked?.left ? inState(app, state.left, drawn) : drawn());
  function drawn() {
    layer.clearLayers();
    const found =
      asked && app.kinds.has(state.kind) && app.views.ground()
        ? find(asked.community, state.kind, asked.facility)
        : null;
    if (!found || found.why !== undefined) return null;
    const start = place(known(app.views.ground()).places()[found.home]),
      end = known(found.goal.at);
    // Without streets the way is not known: only from where to where it leads.
    const straight = known(data.walk).straight;
    const [near, far] = straight ? [[start, end], []] : parts(found);
    const feet = [near[0] || far[0], far[far.length - 1] || near[near.length - 1]];
    const look = { renderer, interactive: false, smoothFactor: 0, lineJoin: "round", lineCap: "round" };
    /**
     * @param {any[]} points
     * @param {any} more
     */
    const line = (points, more) =>
      points.length > 1 && layer.addLayer(L.polyline(points, { ...look, ...more }));
    const whole = [start, ...near, ...far, end];
    line(whole, { color: "#ffffff", weight: 7.5, opacity: 0.95 });
    for (const leg of [
      [start, feet[0]],
      [feet[1], end],
    ])
      line(leg, { color: INK, weight: 2.2, dashArray: "1 5" });
    line(near, { color: INK, weight: straight ? 2.2 : 4, dashArray: straight ? "8 7" : undefined });
    line(far, { color: INK, weight: 4 });
    line(far, { color: "#ffffff", weight: 1.6, lineCap: "butt" });
    /**
     * @param {Pair} at
     * @param {number} radius
     * @param {L.CircleMarkerOptions} [more]
     */
    const dot = (at, radius, more) =>
      layer.addLayer(
        L.circleMarker(at, {
          renderer,
          interactive: false,
          radius,
          color: INK,
          weight: 2.4,
          fillColor: "#ffffff",
          fillOpacity: 1,
          ...more,
        }),
      );
    dot(start, 5);
    if (far.length > 1) dot(far[0], 3.4);
    dot(end, 9, { fill: false, weight: 2 });
    /**
     * @param {Pair} at
     * @param {string} css
     * @param {string} text
     */
    const sign = (at, css, text) =>
      layer.addLayer(
        L.marker(at, {
          pane: "pins",
          interactive: false,
          keyboard: false,
          icon: L.divIcon({ className: `way ${css}`, html: h("span", {}, text), iconSize: undefined }),
          zIndexOffset: 2000,
        }),
      );
    if (far.length > 1) sign(far[0], "limit", say("minutes", { n: app.head().cutoff }));
    sign(middle(whole), "sum", say("way_label", numbers(found)));
    return L.latLngBounds(whole);
  }

  /**
   * Halfway along a line, where its label stands.
   *
   * @param {Pair[]} points
   * @returns {Pair}
   */
  function middle(points) {
    const steps = points.slice(1).map((point, i) => map.distance(points[i], point));
    let left = steps.reduce((sum, step) => sum + step, 0) / 2;
    const i = steps.findIndex((step) => {
      left -= step;
      return left <= 0;
    });
    if (i < 0) return points[0];
    const share = steps[i] ? left / steps[i] : 0;
    const [[ay, ax], [by, bx]] = [points[i], points[i + 1]];
    return [by + share * (by - ay), bx + share * (bx - ax)];
  }

  return {
    find,
    sentence,
    refresh: draw,
    /** The community that a way was asked for from, while its card or its way is shown. */
    from: () => asked?.community ?? null,
    /**
     * Draws the way.
     *
     * @param {number} community
     * @param {{facility?: number | null, left?: boolean}} [options]
     */
    ask(community, { facility = null, left = false } = {}) {
      asked = { community, facility, left };
      return draw();
    },
    clear() {
      asked = null;
      draw();
    },
    /**
     * Shows the way to one facility, whole and without the card above it.
     *
     * @param {number} community
     * @param {string} kind
     * @param {number | null} facility
     */
    choose(community, kind, facility) {
      app.chooseKind(kind);
      map.closePopup();
      const bounds = this.ask(community, { facility });
      if (bounds) map.fitBounds(bounds, { padding: [70, 70], maxZoom: 16, animate: false });
    },
  };
}
