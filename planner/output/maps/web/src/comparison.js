// @ts-check
// Comparing: which two states stand side by side, and what differs between two plans.

import { h } from "./dom.js";
import { known } from "./known.js";
import { sideName } from "./phrases.js";
import { sideOf, sides, stateOf } from "./states.js";

/** @import { Side, Ui } from "./types.js" */

const LISTED = 8;

/**
 * Whether the map is divided, and what stands on either side.
 *
 * @param {Ui} ui
 */
export function swipeChooser({ app }) {
  const { state, say } = app;
  const all = sides(app);
  if (all.length < 2) return null;
  const right = sideOf(state);
  const turn = () => {
    state.swipe = !state.swipe;
    if (state.swipe && right === state.left)
      Object.assign(
        state,
        stateOf(all.includes("other") ? "other" : known(all.find((side) => side !== state.left))),
      );
    app.refresh();
  };
  /**
   * @param {string} id
   * @param {string} label
   * @param {Side | null} chosen
   * @param {(side: Side) => void} act
   */
  const pick = (id, label, chosen, act) =>
    h(
      "label",
      { class: "side" },
      h("span", {}, label),
      h(
        "select",
        {
          id,
          onchange: (/** @type {any} */ event) => {
            act(event.target.value);
            app.refresh();
          },
        },
        all.map((side) => h("option", { value: side, selected: side === chosen }, sideName(app, side))),
      ),
    );
  return h(
    "div",
    { class: "beside" },
    h(
      "label",
      {},
      h("input", { type: "checkbox", id: "swipe", checked: state.swipe, onchange: turn }),
      say("swipe"),
    ),
    state.swipe &&
      h(
        "div",
        { class: "sides" },
        pick("swipe-left", say("swipe_left"), all.includes(state.left) ? state.left : null, (side) => {
          state.left = side;
        }),
        pick("swipe-right", say("swipe_right"), all.includes(right) ? right : null, (side) =>
          Object.assign(state, stateOf(side)),
        ),
      ),
  );
}

/**
 * What differs between two plans: shares of all kinds, and more of the kind shown.
 *
 * @param {Ui} ui
 */
export function comparison({ app }) {
  const { data, state, say } = app;
  const { other } = data;
  if (!other) return null;
  const group = data.head.group;
  /** @param {...string} names */
  const head = (...names) =>
    h(
      "thead",
      {},
      h(
        "tr",
        {},
        names.map((name) => h("th", { scope: "col" }, name)),
      ),
    );
  /** @param {string} kind */
  const nameOf = (kind) => known(app.kinds.get(kind)).name;
  const shares = other.shares
    .filter((row) => row.group === group)
    .map(({ state: when, kind, first: was, second: now }) =>
      h(
        "tr",
        { class: kind === state.kind ? "chosen" : null },
        h("th", { scope: "row" }, nameOf(kind), when === "after" && h("small", {}, say("after"))),
        h("td", {}, app.percent(was)),
        h("td", {}, app.percent(now)),
        h("td", { class: "change" }, app.points(was, now)),
      ),
    );
  const units = other.units
    .filter(({ kind }) => kind === state.kind)
    .map(({ what, first: was, second: now }) =>
      h(
        "tr",
        {},
        h("th", { scope: "row" }, what),
        h("td", {}, app.count(was)),
        h("td", {}, app.count(now)),
        h(
          "td",
          { class: "change" },
          was === null || now === null || was === now ? "" : app.signed(now - was),
        ),
      ),
    );
  /**
   * @param {any[]} list
   * @param {(one: any) => any} one
   */
  const rows = (list, one) =>
    h(
      "ul",
      { class: "plain" },
      list.slice(0, LISTED).map(one),
      list.length > LISTED && h("li", { class: "note" }, say("search_more", { n: list.length - LISTED })),
    );
  const changes = other.changes.filter(({ kind }) => kind === state.kind);
  const decided = other.targets.filter(({ turn }) => turn !== "figure");
  /**
   * @param {string} kind
   * @param {string} id
   */
  const open = (kind, id) => {
    const i = data.facilities.id.findIndex((one, n) => one === id && data.facilities.kind[n] === kind);
    return i < 0 ? null : () => app.open("facilities", i);
  };
  /**
   * @param {string} id
   * @param {any[]} list
   * @param {(one: any) => any} one
   * @param {string} [name]
   */
  const details = (id, list, one, name = say(id)) =>
    list.length > 0 &&
    h(
      "details",
      { id, open: list.length <= LISTED },
      h("summary", {}, `${name} · ${list.length}`),
      rows(list, one),
    );
  return h(
    "section",
    { class: "comparison" },
    h("h2", {}, say("compare")),
    h(
      "dl",
      {},
      other.names.flatMap((name, i) => [h("dt", {}, "AB"[i]), h("dd", {}, name)]),
    ),
    other.notes.map((note) => h("p", { class: "note" }, note)),
    h(
      "table",
      { class: "groups" },
      head(say("compare_shares", { group: data.head.group_name }), "A", "B", say("points")),
      h("tbody", {}, shares),
    ),
    units.length > 0 &&
      h("table", { class: "groups" }, head(nameOf(known(state.kind)), "A", "B", "±"), h("tbody", {}, units)),
    details("compare_facilities", changes, ({ kind, id, name, words }) => {
      const go = open(kind, id);
      return h(
        "li",
        {},
        go
          ? h("button", { type: "button", class: "link", onclick: go }, name || id)
          : h("span", {}, name || id),
        h("small", {}, words),
      );
    }),
    details("compare_targets", decided, ({ name, turn, words, first: was, second: now }) =>
      h(
        "li",
        { class: `turn ${turn}` },
        h("span", {}, name),
        h("small", {}, `${words}${was || now ? ` (${was || say("none")} → ${now || say("none")})` : ""}`),
      ),
    ),
    details("compare_settings", other.settings, ({ name, first: was, second: now }) =>
      h("li", {}, h("span", {}, name), h("small", {}, `${was || say("none")} → ${now || say("none")}`)),
    ),
  );
}
