// @ts-check
// What lies over the communities: links and homes.

import { minutesRamp } from "./colour.js";
import { SLACK } from "./constants.js";
import { known } from "./known.js";
import { isOther, isTrial } from "./states.js";
import { paintMinutes, paintReach } from "./street_drawing.js";

/** @import * as Data from "./payload.js" */
/** @import { App, Painter, State, View, Wave, Work } from "./types.js" */

/**
 * @param {App} app
 * @param {any} renderer
 */
export function makeLinks(app, renderer) {
  const { data, unpack, map, state } = app;
  const layer = L.layerGroup().addTo(map);
  let all = false;
  /** @type {number | null} */
  let one = null;
  const draw = () => {
    layer.clearLayers();
    const chosen = app.links.filter(
      ({ facility }) => facility === one || (all && data.facilities.kind[facility] === state.kind),
    );
    const lines = chosen.flatMap(({ facility, community }) => {
      const from = unpack.point(data.facilities.at[facility]),
        to = unpack.point(data.communities.label[community]);
      return from && to ? [[from, to]] : [];
    });
    const kind = app.kinds.get(one === null ? state.kind : data.facilities.kind[one]);
    if (lines.length)
      layer.addLayer(
        L.polyline(lines, {
          renderer,
          interactive: false,
          color: known(kind).colour,
          weight: 1.3,
          opacity: 0.85,
          smoothFactor: 0,
        }),
      );
  };
  return {
    /** @param {boolean} on */
    show(on) {
      all = on;
      draw();
    },
    /** @param {number | null} facility */
    only(facility) {
      one = facility;
      draw();
    },
  };
}

/**
 * The streets within reach of the trial sites, of a year's facilities, or of one facility looked at.
 *
 * @param {App} app
 * @param {Painter} painting
 */
export function makeReach(app, painting) {
  const { data, state, views } = app;
  return () => {
    const kind = app.kinds.get(state.kind);
    const trials = state.layers.trials && isTrial(state.when) ? app.trials.of(state.kind) : [];
    const yearly = state.year !== null && state.layers.rings && kind;
    const own = state.reach;
    const ground = app.views.ground();
    // A lattice stands for streets that are not known: it is no way to show.
    if (!ground || data.walk?.straight || !(yearly || trials.length || own !== null)) {
      painting.show([]);
      return;
    }
    const { streets, walker, facility, perMinute } = ground,
      head = app.head();
    const limits = head.limits
      .map(({ minutes }) => minutes * perMinute)
      .filter((metres) => metres <= head.cutoff * perMinute);
    /** @type {Work[]} */
    const works = [];
    /**
     * @param {Wave[]} waves
     * @param {string} colour
     */
    const add = (waves, colour) => works.push(paintReach(streets, waves, limits, colour));
    if (yearly) add([views.yearWave(kind.id)], kind.colour);
    if (trials.length)
      add(
        trials.map((one) => one.walk().wave),
        known(kind).colour,
      );
    if (own !== null) {
      const of = app.kinds.get(data.facilities.kind[own]);
      add([walker.wave(facility(own), limits[limits.length - 1])], of ? of.colour : "#777777");
    }
    painting.show(works);
  };
}

/**
 * The minutes from every street to the nearest facility of the state shown.
 *
 * @param {App} app
 * @param {Painter} painting
 */
export function makeMinutes(app, painting) {
  return () => {
    const ground = app.state.shade === "streets" && app.state.kind && app.views.ground();
    painting.show(
      ground
        ? [
            paintMinutes(
              ground.streets,
              ground.walker,
              app.views.wave(),
              ground.perMinute,
              minutesRamp(app.data).ramp,
            ),
          ]
        : [],
    );
  };
}

/**
 * Digits of the homes in a state, which tell the limit that each is within; null where there are none.
 *
 * @param {Data.HomeColumns} homes
 * @param {State} state
 * @returns {string | null}
 */
function digitsOf(homes, { when, kind }) {
  const digits = when === "trial" || when === "other_trial" ? null : homes[when];
  return (digits && kind && digits[kind]) || null;
}

/**
 * Where people live: dark beyond the cutoff, white within. Made when first asked for.
 *
 * @param {App} app
 * @param {any} renderer
 */
export function makeHomes(app, renderer) {
  const { data, state, unpack, map } = app;
  const layer = L.layerGroup();
  /** @type {any[] | null} circles that bear their size */
  let dots = null;
  const scale = () => {
    const factor = Math.max(0.5, Math.min(1.8, 2 ** ((map.getZoom() - 14) / 2.5)));
    for (const dot of dots ?? []) dot.setRadius(dot.size * factor);
  };
  map.on("zoomend", () => map.hasLayer(layer) && scale());
  const make = () => {
    const { people } = known(data.homes);
    const most = Math.max(1, ...people.map(Number));
    dots = app.homePlaces().map((at, i) => {
      /** @type {any} */
      const dot = L.circleMarker(unpack.place(at), { renderer, interactive: false, weight: 0.7 });
      dot.size = 1.4 + 3 * Math.sqrt((people[i] || 0) / most);
      if (people[i]) layer.addLayer(dot);
      return dot;
    });
  };
  return {
    /** @param {boolean} on */
    show(on) {
      /** @type {Partial<View>} */
      const view = (state.kind && app.view()) || {};
      const homes = view.homes && (!isOther(state.when) || data.homes?.other) ? view.homes : null; // of a second plan only where it has the same homes
      const digits = data.homes && !homes ? digitsOf(data.homes, state) : null;
      if (!on || !data.homes || !(homes || digits)) {
        layer.remove();
        return;
      }
      if (!dots) make();
      const head = app.head();
      const last = head.limits.findIndex(({ minutes }) => minutes === head.cutoff);
      dots?.forEach((dot, i) =>
        Object.assign(
          dot.options,
          (homes ? homes[i] > head.cutoff + SLACK : Number(digits?.[i]) > last)
            ? { color: "#ffffff", opacity: 0.5, fillColor: "#3f1038", fillOpacity: 1 }
            : { color: "#5f5662", opacity: 0.8, fillColor: "#ffffff", fillOpacity: 1 },
        ),
      );
      scale();
      layer.remove().addTo(map);
    },
  };
}
