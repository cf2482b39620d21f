// @ts-check
// year_slider

import { h } from "./dom.js";
import { known } from "./known.js";
import { isTrial } from "./states.js";
import { operates, yearSpan } from "./year_rule.js";

/** @import { Ui } from "./types.js" */

/**
 * A slider over the years of the facilities. Shares are worked out here for the people of the plan.
 *
 * @param {Ui} ui
 */
export function yearSection(ui) {
  const { app } = ui;
  const { data, state, say } = app;
  const span = yearSpan(app);
  if (!span || !state.kind) return null;
  const [first, last] = span;
  const own = data.head.year;
  const shown = state.year === null ? own || last : state.year;
  const of = data.facilities;
  /** @param {number} year */
  const count = (year) => of.kind.filter((kind, i) => kind === state.kind && operates(of, i, year)).length;
  const most = Math.max(1, count(first), count(last), count(shown));
  const bars = [];
  for (let year = first; year <= last; year++)
    bars.push(
      h("i", {
        class: year === shown ? "now" : null,
        style: `height:${Math.round((26 * count(year)) / most) + 2}px`,
        title: say("named", { name: say("year", { n: year }), told: say("facilities_n", { n: count(year) }) }),
      }),
    );
  const slide = h("input", {
    id: "year",
    type: "range",
    min: first,
    max: last,
    step: 1,
    value: shown,
    "aria-label": say("years"),
    "aria-valuetext": say("year", { n: shown }),
    oninput: (/** @type {any} */ event) => {
      const year = Number(event.target.value);
      Object.assign(state, {
        when: isTrial(state.when) ? "trial" : "before",
        year: year === own ? null : year,
      });
      app.refresh();
    },
  });
  return h(
    "section",
    { class: "years", style: `--kind:${known(app.kinds.get(state.kind)).colour}` },
    h("h2", {}, say("years")),
    h("div", { class: "columns", "aria-hidden": "true" }, bars),
    slide,
    h(
      "p",
      { class: "line" },
      h("b", {}, say("year", { n: shown })),
      h("span", {}, say("years_count", { n: count(shown), kind: known(app.kinds.get(state.kind)).name })),
      state.year !== null &&
        h(
          "button",
          {
            type: "button",
            id: "year-own",
            onclick: () => {
              state.year = null;
              app.refresh();
            },
          },
          own ? say("years_back", { n: own }) : say("years_back_none"),
        ),
    ),
    h("p", { class: "note" }, say(data.walk ? "years_note" : "years_counts_only")),
  );
}
