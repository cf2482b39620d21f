// @ts-check
// Suggested sites: the answers to choose from, as a list that scrolls and can be stepped through, and the
// sites of the one that is chosen.

import { choice } from "./controls.js";
import { h } from "./dom.js";
import { known } from "./known.js";
import { inState, isAfter, isOther, onSides, sideOf } from "./states.js";

/** @import * as Data from "./payload.js" */
/** @import { Ui } from "./types.js" */

const MOST_ROWS = 10; // of a list that does not scroll

/**
 * Of the side looked at; of both, where suggested sites stand on both.
 *
 * @param {Ui} ui
 */
export function siteLists(ui) {
  const { app } = ui;
  if (app.state.year !== null && !app.state.swipe) return []; // they were chosen for the plan's own year
  const shown = onSides(app, () => isAfter(app.state.when))
    .filter(([, after]) => after)
    .map(([side]) => side);
  const right = sideOf(app.state);
  return (shown.length ? shown : [right]).map((side) =>
    inState(app, side, () => siteList(ui, side === right)),
  );
}

/**
 * choosing: whether another answer can be chosen here, which then stands on all sides.
 *
 * @param {Ui} ui
 * @param {boolean} choosing
 */
function siteList(ui, choosing) {
  const { app } = ui;
  const { data, say, state } = app;
  const answer = app.answer();
  if (!answer) return null;
  const all = app.answers();
  /** @param {Data.SiteColumns} one */
  const groups = (one) => one.groups.map((group) => data.groups[group] || group).join(say("list_comma"));
  /** @param {Data.SiteColumns} one */
  const change = (one) =>
    say("sites_change", {
      group: groups(one),
      minutes: one.minutes,
      before: app.percent(one.before),
      after: app.percent(one.after),
    });
  /** @param {Data.SiteColumns} one */
  const title = (one) => say(`model_${one.model}`, { n: one.rank.length });
  const head = h("h2", {}, say("sites"), data.other && h("small", {}, isOther(state.when) ? "B" : "A"));
  const rows = answer.rank.map((rank, i) =>
    h(
      "li",
      {},
      h(
        "button",
        {
          type: "button",
          onclick: () =>
            app.map.setView(app.unpack.place(known(answer.at[i])), Math.max(app.map.getZoom(), 14.5)),
        },
        h("b", { class: "n" }, rank),
        h("span", {}, answer.name[i] || say("unnamed")),
        h("em", {}, app.signed(answer.added[i] ?? 0)),
      ),
    ),
  );
  const asked =
    choosing && all.length > 1
      ? answerChooser(
          ui,
          all.map((one) => [title(one), one.why.length ? say("sites_no_plan") : change(one)]),
        )
      : h("p", { class: "caption" }, title(answer));
  if (answer.why.length)
    return h(
      "section",
      { class: "sites" },
      head,
      asked,
      h("p", { class: "note" }, say("sites_impossible")),
      h(
        "ul",
        {},
        answer.why.map((why) => h("li", {}, why)),
      ),
    );
  return h(
    "section",
    { class: "sites" },
    head,
    asked,
    rows.length
      ? (!choosing || all.length < 2) && h("p", { class: "change" }, change(answer))
      : h("p", { class: "note" }, say("sites_none")),
    h(
      "ol",
      { class: rows.length > MOST_ROWS ? "long" : null, tabindex: rows.length > MOST_ROWS ? 0 : null },
      rows,
    ),
    h(
      "p",
      { class: "note" },
      [
        answer.optimal ? say("sites_optimal") : say("sites_gap", { gap: app.percent(answer.gap, 2) }),
        say(answer.proposed ? "sites_proposed" : "sites_given", { n: app.count(answer.candidates) }),
      ].join(say("list_semicolon")),
    ),
  );
}

/**
 * What was asked, one below the other, each with what it comes to.
 *
 * @param {Ui} ui
 * @param {[string, string][]} rows
 */
function answerChooser(ui, rows) {
  const { app, set } = ui;
  const { say, state } = app;
  const n = Math.min(state.answer, rows.length - 1);
  /**
   * @param {string} id
   * @param {number} by
   * @param {string} sign
   */
  const step = (id, by, sign) =>
    h(
      "button",
      {
        type: "button",
        id,
        "aria-label": say(id),
        title: say(id),
        onclick: set("answer", (n + by + rows.length) % rows.length),
      },
      sign,
    );
  return h(
    "div",
    { class: "asked" },
    h(
      "p",
      { class: "steps" },
      h("span", {}, say("sites_asked", { n: n + 1, all: rows.length })),
      step("answer_back", -1, "‹"),
      step("answer_next", 1, "›"),
    ),
    choice(
      ui,
      "answer",
      say("sites"),
      rows.map(([title, comes], i) => [i, [h("b", {}, title), h("small", {}, comes)]]),
      "answers",
    ),
  );
}

/**
 * A list made anew begins at its top: what is chosen in it is brought to sight.
 *
 * @param {HTMLElement} body
 */
export function showChosen(body) {
  for (const list of /** @type {NodeListOf<HTMLElement>} */ (body.querySelectorAll(".answers"))) {
    const chosen = /** @type {HTMLElement | null} */ (list.querySelector("[aria-checked=true]"));
    if (chosen) list.scrollTop = chosen.offsetTop - (list.clientHeight - chosen.offsetHeight) / 2;
  }
}
