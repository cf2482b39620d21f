// @ts-check
// The figures of the kind and state shown.

import { swipeChooser } from "./comparison.js";
import { choice } from "./controls.js";
import { h } from "./dom.js";
import { known } from "./known.js";
import { cutoffWords, sideName, stateTitle } from "./phrases.js";
import { coveredShare, shareAt } from "./shares.js";
import { isDivided, isYear, onSides, sideOf, states } from "./states.js";
import { supplySection } from "./supply.js";

/** @import * as Data from "./payload.js" */
/** @import { App, Ui } from "./types.js" */

/**
 * @param {App} app
 * @param {number | null | undefined} was
 * @param {number | null | undefined} now
 */
export const change = (app, was, now) =>
  was === null || now === null || was === undefined || now === undefined ? "" : app.signed(now - was);

/** @param {Ui} ui */
export function headline(ui) {
  const { app } = ui;
  const { data, state, say } = app;
  const kind = app.kinds.get(state.kind);
  if (!kind) return null;
  if (isDivided(app)) return versus(ui, kind);
  const right = sideOf(state);
  const all = data.walk && isYear(right) ? [...states(app), right] : states(app);
  return h(
    "section",
    { class: "headline", style: `--kind:${kind.colour}` },
    h("p", { class: "shown" }, stateTitle(app)),
    h(
      "div",
      { class: "big" },
      h("strong", {}, app.percent(coveredShare(app))),
      h("span", {}, say("people_within", cutoffWords(app))),
    ),
    leftOut(app),
    all.length > 1 &&
      choice(
        ui,
        "when",
        say("state"),
        all.map((side) => [side, sideName(app, side)]),
      ),
    swipeChooser(ui),
    shareTable(app),
    unitRows(app),
    supplySection(ui),
  );
}

/**
 * What no figure shown counts: said once where both sides leave out the same.
 *
 * @param {App} app
 */
const leftOut = (app) =>
  [...new Set(onSides(app, () => app.head().caveats).flatMap(([, told]) => told))].map((told) =>
    h("p", { class: "note left-out", role: "note" }, told),
  );

/**
 * Shares of every group within every limit.
 *
 * @param {App} app
 */
function shareTable(app) {
  const { data, say } = app;
  const view = known(app.view()),
    head = app.head();
  const limits = head.limits.map(({ minutes }) => minutes);
  const rows = Object.entries(data.groups).map(([group, name]) =>
    h(
      "tr",
      {},
      h("th", { scope: "row" }, name),
      limits.map((minutes) =>
        h(
          "td",
          { class: minutes === head.cutoff ? "main" : null },
          app.percent(shareAt(view.people, group, minutes)),
        ),
      ),
    ),
  );
  return h(
    "table",
    { class: "groups" },
    h(
      "thead",
      {},
      h(
        "tr",
        {},
        h("th", {}, say("group")),
        limits.map((n) => h("th", {}, say("minutes", { n }))),
      ),
    ),
    h("tbody", {}, rows),
  );
}

/**
 * The counts of communities, by the name of their text.
 *
 * @type {Record<string, "reached" | "linked" | "has">}
 */
const UNITS = { units_reached: "reached", units_linked: "linked", units_has: "has" };
/** @type {Data.UnitCounts} */
const NO_COUNTS = { communities: null, has: null, reached: null, linked: null };

/** @param {App} app */
function unitRows(app) {
  const { state, say } = app;
  const counts = known(app.view()).counts || NO_COUNTS;
  const today = known(app.view(state.kind, "before")).counts || NO_COUNTS;
  const all = counts.communities;
  const rows = Object.entries(UNITS).flatMap(([key, name]) => {
    const n = counts[name],
      was = today[name];
    if (n === null || !all) return [];
    return h(
      "div",
      { class: "unit" },
      h("span", {}, say(key)),
      h("b", {}, say("of_n", { n, all }), n !== was && was !== null && h("ins", {}, app.signed(n - was))),
      h("em", {}, app.percent(n / all)),
    );
  });
  return rows.length > 0 && h("div", { class: "units" }, rows);
}

/**
 * Both sides of the divided map beside each other, with what the right has more.
 *
 * @param {Ui} ui
 * @param {Data.KindText} kind
 */
function versus(ui, kind) {
  const { app } = ui;
  const { data, say } = app;
  const both = onSides(app, (side) => ({
    name: sideName(app, side),
    share: coveredShare(app),
    words: say("people_within", cutoffWords(app)),
    counts: known(app.view()).counts || NO_COUNTS,
    shares: Object.keys(data.groups).map((group) =>
      shareAt(known(app.view()).people, group, app.head().cutoff),
    ),
  })).map(([, one]) => one);
  const [left, right] = both;
  /**
   * @param {string} name
   * @param {any[]} values
   * @param {any} changed
   */
  const row = (name, values, changed) =>
    h(
      "tr",
      {},
      h("th", { scope: "row" }, name),
      values.map((value) => h("td", {}, value)),
      h("td", { class: "change" }, changed),
    );
  /** @param {...string} names */
  const heads = (...names) =>
    h(
      "thead",
      {},
      h(
        "tr",
        {},
        names.map((name) => h("th", { scope: "col" }, name)),
      ),
    );
  const units = Object.entries(UNITS).filter(([, name]) => both.some(({ counts }) => counts[name] !== null));
  return h(
    "section",
    { class: "headline", style: `--kind:${kind.colour}` },
    h(
      "div",
      { class: "versus" },
      both.map(({ name, share }) => h("p", {}, h("span", {}, name), h("strong", {}, app.percent(share)))),
      h(
        "p",
        { class: "change" },
        h("span", {}, say("points")),
        h("strong", {}, app.points(left.share, right.share)),
      ),
    ),
    h(
      "p",
      { class: "note" },
      left.words === right.words
        ? left.words
        : both.map(({ name, words }) => h("span", { class: "line" }, say("named", { name, told: words }))),
    ),
    leftOut(app),
    swipeChooser(ui),
    h(
      "table",
      { class: "groups" },
      heads(say("group"), left.name, right.name, "±"),
      h(
        "tbody",
        {},
        Object.values(data.groups).map((name, g) =>
          row(
            name,
            both.map(({ shares }) => app.percent(shares[g])),
            app.points(left.shares[g], right.shares[g]),
          ),
        ),
      ),
    ),
    units.length > 0 &&
      h(
        "table",
        { class: "groups" },
        heads(
          say("communities_all", { n: right.counts.communities ?? left.counts.communities }),
          left.name,
          right.name,
          "±",
        ),
        h(
          "tbody",
          {},
          units.map(([key, name]) =>
            row(
              say(key),
              both.map(({ counts }) => app.count(counts[name])),
              change(app, left.counts[name], right.counts[name]),
            ),
          ),
        ),
      ),
  );
}
