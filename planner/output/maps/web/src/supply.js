// @ts-check
// Who is served within capacity: the marks of facilities that are short, and what cards and panel say.

import { rowsOf } from "./columns.js";
import { h } from "./dom.js";

/** @import * as Data from "./payload.js" */
/** @import { App, Ui } from "./types.js" */

/**
 * The question of capacity on a kind, in the state it was asked of: today in the plan's year.
 *
 * @param {App} app
 * @param {string | null} [kind]
 */
export function supplyOf({ data, state }, kind = state.kind) {
  const own = state.when === "before" && state.year === null ? data.supply[kind ?? ""] : null;
  return own || null;
}

/**
 * @param {App} app
 * @param {number} i
 */
function loadOf(app, i) {
  const own = supplyOf(app, app.data.facilities.kind[i]);
  return (own && rowsOf(own.facilities).find(({ facility }) => facility === i)) || null;
}

/**
 * The facilities of a kind that are short, by their numbers.
 *
 * @param {App} app
 * @param {string | null} [kind]
 */
export function shortOnes(app, kind = app.state.kind) {
  const own = supplyOf(app, kind);
  return own ? own.facilities.facility.filter((_, row) => own.facilities.short[row]) : [];
}

/**
 * Rings around the facilities of a kind that are short: a shape, so that it shows without colour.
 *
 * @param {App} app
 * @param {any} renderer
 */
export function makeShortMarks(app, renderer) {
  const { data, unpack } = app;
  const rings = new Map();
  /** @param {number} i */
  const ringOf = (i) => {
    if (!rings.has(i))
      rings.set(
        i,
        L.circleMarker(/** @type {any} */ (unpack.point(data.facilities.at[i])), {
          renderer,
          interactive: false,
          className: "short-ring",
          fill: false,
          color: "#1f1418",
          weight: 2,
          dashArray: "3.5 2.2",
        }),
      );
    return rings.get(i);
  };
  return {
    /** @param {string | null} kind */
    short: (kind) => new Set(shortOnes(app, kind)),
    ringOf,
    /** @param {(i: number) => number} radiusOf */
    resize: (radiusOf) => rings.forEach((ring, i) => ring.setRadius(radiusOf(i) + 3.6)),
  };
}

/**
 * @param {App} app
 * @param {Data.KindSupply} own
 */
function supplyWords({ say, givenPercent }, own) {
  return {
    group: own.group,
    minutes: own.minutes,
    need: own.need === 1 ? "" : say("supply_need", { share: givenPercent(own.need) }),
  };
}

// Of the people asked about: served, in reach but over capacity, out of reach.
/** @type {(keyof Data.SplitPeople)[]} */
const PARTS = ["served", "over_capacity", "out_of_reach"];

/** @param {Ui} ui */
export function supplySection(ui) {
  const { app } = ui;
  const own = supplyOf(app);
  if (!own) return null;
  const total = PARTS.reduce((sum, part) => sum + Number(own.all[part]), 0);
  if (!total) return null;
  return h(
    "div",
    { class: "supply" },
    h("p", { class: "note" }, app.say("supply_note", supplyWords(app, own))),
    h(
      "div",
      { class: "parts", "aria-hidden": "true" },
      PARTS.map((part) => h("i", { class: part, style: `flex:${own.all[part]}` })),
    ),
    PARTS.map((part) =>
      h(
        "div",
        { class: "unit" },
        h("span", {}, h("i", { class: `part ${part}` }), app.say(part)),
        h("b", {}, app.say("people", { n: app.count(own.all[part]) })),
        h("em", {}, app.percent(Number(own.all[part]) / total)),
      ),
    ),
  );
}

/**
 * @param {App} app
 * @param {number} i
 */
export function communitySupply(app, i) {
  const { data, say } = app;
  return data.kinds
    .map((kind) => ({ kind, own: supplyOf(app, kind.id) }))
    .flatMap(({ kind, own }) =>
      own && PARTS.some((part) => own.communities[part][i]) ? [{ kind, own }] : [],
    )
    .map(({ kind, own }) =>
      h(
        "p",
        { class: "served" },
        h("i", { class: "dot", style: `--kind:${kind.colour}` }),
        say("supply_card", { kind: kind.name, ...supplyWords(app, own) }),
        " ",
        PARTS.map((part) => h("span", {}, `${say(part)} `, h("b", {}, app.count(own.communities[part][i])))),
      ),
    );
}

/**
 * @param {App} app
 * @param {number} i
 */
export function facilitySupply(app, i) {
  const found = loadOf(app, i);
  if (!found) return [];
  const { say, count } = app;
  const of = found.capacity
    ? `${count(found.people)} / ${count(found.capacity)}${say("use_share", { share: app.percent(Number(found.people) / found.capacity) })}`
    : count(found.people);
  return [
    [say("use"), of],
    [say("wanted"), say("people", { n: count(found.wanted) })],
    [say("mean_minutes"), found.minutes === null ? null : say("min_short", { n: app.minutes(found.minutes) })],
  ];
}

/**
 * @param {App} app
 * @param {number} i
 */
export function shortNote(app, i) {
  const found = loadOf(app, i);
  if (!found?.short) return null;
  const of = shortOnes(app, app.data.facilities.kind[i]).length;
  return h(
    "p",
    { class: "short" },
    app.say(found.lack ? "short_wanted" : "short_full", { n: app.count(found.lack) }),
    app.say("short_rank", { rank: found.rank, of }),
  );
}
