// @ts-check
// What if: trial sites that the reader puts on the map. Each is walked to from every home at once; the
// figures follow in `state_figures.js`. Every change is one step of a history, so that it can be undone.

import { SLACK } from "./constants.js";
import { known } from "./known.js";
import { isOther, planOf, settleTrials } from "./states.js";
import { trialCsv, trialTable, trialToml } from "./trial_table.js";

/** @import { App, Pair, Trial, Wave, When } from "./types.js" */

/** @param {App} app */
export function makeTrials(app) {
  const { data, state, say } = app;
  /** @type {Trial[]} */
  let trials = [];
  /** @type {Trial[] | null} */
  let held = null; // the trials before a drag, while one goes on
  /** @type {Trial[][]} */
  const history = [];
  let serial = 0;
  let message = "";

  /**
   * A trial keeps its name as it moves; its key tells one place of it from another. Each plan has a walk
   * to it of its own, known once it is asked for.
   *
   * @param {L.LatLng} latlng
   * @param {string} kind
   * @param {string} name
   * @returns {Trial | null}
   */
  function place(latlng, kind, name) {
    /** @type {When[]} */
    const plans = data.other ? ["before", "other"] : ["before"];
    const spots = Object.fromEntries(plans.map((when) => [planOf(when), app.views.onStreet(latlng, when)]));
    if (!spots.own && !spots.other) return null;
    serial += 1;
    /** @type {Record<string, {wave: Wave, minutes: Float64Array}>} */
    const walks = {};
    return {
      key: serial,
      name,
      kind,
      latlng,
      community: communityAt(app, latlng),
      /** @param {When} [when] */
      walk(when = state.when) {
        const plan = planOf(when);
        if (!walks[plan]) {
          const wave = app.views.waveOf([spots[plan]], when);
          walks[plan] = { wave, minutes: app.views.minutesOf(wave, when) };
        }
        return walks[plan];
      },
    };
  }
  function refuse() {
    message = say("trial_off_street", { n: app.head().snap });
    app.refresh();
  }

  /** @param {Trial[]} next */
  function show(next) {
    trials = next;
    message = "";
    settleTrials(app);
    app.refresh();
  }
  /** @param {Trial[]} next */
  function become(next) {
    history.push(trials);
    show(next);
  }
  /** @param {string | null} kind */
  const of = (kind) => trials.filter((one) => one.kind === kind);

  /**
   * @param {any} latlng
   * @param {string | null} [kind]
   */
  function add(latlng, kind = state.kind) {
    if (!(app.views.ground("before") || (data.other && app.views.ground("other"))) || !kind) return null;
    const one = place(L.latLng(latlng), kind, nextName());
    if (one) become([...trials, one]);
    else refuse();
    return one;
  }
  /** A, B, ... Z, AA: the least letters not in use. Where plans are called A and B, T1, T2, ... */
  function nextName() {
    /**
     * @param {number} n
     * @returns {string}
     */
    const letters = (n) =>
      (n < 26 ? "" : letters(Math.floor(n / 26) - 1)) + String.fromCharCode(65 + (n % 26));
    /** @param {number} n */
    const name = (n) => (data.other ? `T${n + 1}` : letters(n));
    for (let n = 0; ; n++) if (!trials.some((one) => one.name === name(n))) return name(n);
  }
  /**
   * Moves a trial; while it is dragged the figures follow, and the whole drag is one step to undo.
   *
   * @param {string} name
   * @param {L.LatLng} latlng
   * @param {boolean} done
   */
  function drag(name, latlng, done) {
    const before = held || trials;
    const one = known(before.find((other) => other.name === name));
    const moved = place(L.latLng(latlng), one.kind, name);
    held = done ? null : before;
    if (!moved && !done) return;
    if (done) trials = before;
    if (!moved) refuse();
    else (done ? become : show)(before.map((other) => (other === one ? moved : other)));
  }

  /**
   * What each trial adds in a state, within the cutoff: those before it in the list stand already.
   *
   * @param {string} kind
   * @param {When} [when]
   */
  function added(kind, when = state.when) {
    const ground = app.views.ground(when),
      limit = app.views.terms(when).cutoff + SLACK;
    let minutes = app.views.ofYear(kind, isOther(when) ? "other" : "before");
    return of(kind).map((one) => {
      const next = app.views.lower(minutes, one.walk(when).minutes);
      /** @type {Record<string, number>} */
      const gain = {};
      for (const [group, weight] of Object.entries(known(ground).people)) {
        gain[group] = 0;
        for (let i = 0; i < next.length; i++) {
          if (next[i] <= limit && !(minutes[i] <= limit)) gain[group] += weight[i];
        }
      }
      minutes = next;
      return gain;
    });
  }

  return {
    add,
    drag,
    of,
    added,
    nextName,
    /**
     * @param {Trial} one
     * @param {any} latlng
     */
    move: (one, latlng) => drag(one.name, latlng, true),
    dragged: () => held !== null,
    all: () => trials,
    message: () => message,
    undoable: () => history.length > 0,
    /** @param {Trial} one */
    remove: (one) => become(trials.filter((other) => other !== one)),
    clear: () => become([]),
    undo: () => history.length && show(known(history.pop())),
    csv: () => trialCsv(app, trials),
    toml: () => trialToml(app),
    table: () => trialTable(app, trials),
  };
}

/**
 * @param {App} app
 * @param {L.LatLng} latlng
 */
function communityAt(app, latlng) {
  const { data, unpack } = app;
  if (!app.outlines) app.outlines = data.communities.shape.map(unpack.shape);
  /** @param {Pair[]} ring */
  const inRing = (ring) => {
    let inside = false;
    for (let i = 0, j = ring.length - 1; i < ring.length; j = i++) {
      const [ay, ax] = ring[i],
        [by, bx] = ring[j];
      if (
        ay > latlng.lat !== by > latlng.lat &&
        latlng.lng < ((bx - ax) * (latlng.lat - ay)) / (by - ay) + ax
      )
        inside = !inside;
    }
    return inside;
  };
  const found = app.outlines.findIndex((polygons) =>
    polygons.some((rings) => inRing(rings[0]) && !rings.slice(1).some(inRing)),
  );
  return found < 0 ? null : found;
}
