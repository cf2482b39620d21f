// @ts-check
// The panel beside the map. Texts are set as text, never as HTML.

import { makeSheet } from "./bottom_sheet.js";
import { comparison } from "./comparison.js";
import { h } from "./dom.js";
import { gapList } from "./gap_list.js";
import { headline } from "./headline.js";
import { known } from "./known.js";
import { legend } from "./legend.js";
import { cutoffWords, sideName, yearShown } from "./phrases.js";
import { preparePaper, printOn } from "./print.js";
import { makeScorecard } from "./scorecard.js";
import { makeSearch } from "./search.js";
import { shareAt } from "./shares.js";
import { showChosen, siteLists } from "./sites.js";
import { isDivided, onSides, settleTrials, sideOf, sides, stateOf, states } from "./states.js";
import { themeButton } from "./theme_button.js";
import { trialSection } from "./trial_section.js";
import { shaded } from "./visibility.js";
import { yearSection } from "./year_slider.js";

/** @import { App, Ui } from "./types.js" */

/**
 * @param {App} app
 * @param {() => void} changed
 */
export function makePanel(app, changed) {
  const { data, state, say } = app;
  const head = data.head;
  const body = h("div", { class: "body" });
  const sub = h("p", { class: "sub" });
  const fold = h(
    "button",
    {
      class: "fold",
      type: "button",
      title: say("fold"),
      "aria-label": say("fold"),
      onclick: () => {
        document.body.classList.toggle("folded");
        app.map.invalidateSize({ animate: false });
      },
    },
    "☰",
  );
  const panel = h(
    "aside",
    { id: "panel", lang: document.documentElement.lang },
    h(
      "header",
      {},
      themeButton(app),
      h("h1", {}, head.title),
      sub,
      makeSearch(app),
    ),
    body,
  );
  document.body.prepend(fold, panel);
  if (head.synthetic)
    app.map
      .getContainer()
      .append(h("div", { class: "stamp", title: say("synthetic_note") }, say("synthetic")));
  makeSheet(app, panel);
  preparePaper(app, panel);
  /**
   * @param {any} name
   * @param {any} value
   */
  const become = (name, value) => {
    Object.assign(state, name === "when" ? stateOf(value) : { [name]: value });
    if (name === "kind") {
      state.answer = 0;
      settleTrials(app);
      if (!states(app).includes(state.when)) state.when = "before";
      if (!sides(app).includes(state.left)) state.left = "before";
      if (shaded(state) && !app.indicators.find()) state.shade = "share";
    }
  };
  /**
   * @param {any} name
   * @param {any} value
   */
  const set = (name, value) => () => {
    become(name, value);
    changed();
  };
  const ui = {
    app,
    set,
    flip: (/** @type {string} */ name) => () => {
      state.layers[name] = !state.layers[name];
      changed();
    },
  };
  const card = makeScorecard(ui);
  return {
    set: become,
    refresh() {
      if (card) card.refresh();
      sub.replaceChildren(...subtitle(app));
      const focus = document.activeElement?.id;
      const unfolded = new Map([...detailsOf(body)].map((one) => [one.id, one.open]));
      body.replaceChildren(
        ...[
          kindChooser(ui),
          headline(ui),
          comparison(ui),
          legend(ui),
          trialSection(ui),
          yearSection(ui),
          gapList(ui),
          siteLists(ui),
          card?.element,
          about(ui),
        ]
          .flat()
          .flatMap((part) => part || []),
      );
      for (const one of detailsOf(body)) if (unfolded.has(one.id)) one.open = Boolean(unfolded.get(one.id));
      showChosen(body);
      if (focus) document.getElementById(focus)?.focus({ preventScroll: true });
    },
  };
}

/**
 * The parts of the panel that unfold.
 *
 * @param {HTMLElement} body
 * @returns {NodeListOf<HTMLDetailsElement>}
 */
const detailsOf = (body) => body.querySelectorAll("details[id]");

/**
 * The terms of the state shown, or of both sides where they differ: year, speed and limits.
 *
 * @param {App} app
 */
function subtitle(app) {
  const both = onSides(app, (side) => ({ name: sideName(app, side), lines: termsOf(app) }));
  const told = both.map(([, { name, lines }]) => [app.say("named", { name, told: lines[0] }), lines[1]]);
  const differ = new Set(both.map(([, { lines }]) => lines.join())).size > 1;
  return (differ ? told.flat() : both[0][1].lines).map((line) => h("span", { class: "line" }, line));
}

/**
 * @param {App} app
 * @returns {string[]}
 */
function termsOf(app) {
  const { say, count, figure } = app;
  const { speed, limits } = app.head();
  const year = yearShown(app);
  const parts = [
    year && say("year", { n: year }),
    say("speed", { name: speed.name, mps: figure(speed.mps) }) +
      (speed.grade === "unverified" ? say("unverified") : ""),
  ];
  const reach = limits
    .map(({ minutes, metres }) => say("limit", { minutes, metres: count(metres) }))
    .join(say("limits_comma"));
  return [parts.filter(Boolean).join(" · "), reach];
}

/** @param {Ui} ui */
function kindChooser({ app, set }) {
  const { data, state, say } = app;
  if (!data.kinds.length) return h("p", { class: "note" }, say("empty_kinds"));
  const { group, cutoff } = app.head();
  const rows = data.kinds.map((kind) => {
    const view = app.view(kind.id);
    const share = view ? shareAt(view.people, group, cutoff) : null;
    const id = `kind-${kind.id}`;
    const chosen = kind.id === state.kind;
    return h(
      "label",
      { class: chosen ? "kind chosen" : "kind", style: `--kind:${kind.colour};--tint:${kind.colour}2b` },
      h("input", { type: "radio", name: "kind", id, checked: chosen, onchange: set("kind", kind.id) }),
      h("span", { class: "dot" }),
      h(
        "span",
        { class: "kind-name" },
        kind.name,
        h("small", {}, say("facilities_n", { n: app.count(app.views.placesOf(kind.id)) })),
      ),
      h("span", { class: "value" }, app.percent(share)),
      h("span", { class: "bar" }, h("i", { style: `width:${(share || 0) * 100}%` })),
    );
  });
  return h(
    "fieldset",
    { class: "kinds" },
    h("legend", {}, say("kinds")),
    rows,
    h(
      "p",
      { class: "note" },
      isDivided(app) ? say("named", { name: sideName(app, sideOf(app.state)), told: "" }) : null,
      say("kinds_note", cutoffWords(app)),
    ),
  );
}

/** @param {Ui} ui */
function about({ app }) {
  const { data, say } = app;
  const { head } = data;
  const { minutes: cutoff, metres } = known(head.limits.find(({ minutes }) => minutes === head.cutoff));
  return h(
    "section",
    { class: "about" },
    h("h2", {}, say("about")),
    head.synthetic && h("p", {}, say("synthetic_note")),
    head.note && h("p", {}, head.note),
    h(
      "p",
      {},
      say("about_people", { minutes: cutoff, metres: app.count(metres), snap: app.count(head.snap) }),
    ),
    h("p", {}, say("about_reached", { share: app.givenPercent(head.covered_share), group: head.group_name })),
    head.caveats.map((told) => h("p", {}, told)),
    head.attribution.map((line) => h("p", {}, line)),
    h(
      "p",
      { class: "tools" },
      h("button", { type: "button", onclick: () => app.whole() }, say("whole")),
      /** @type {import("./types.js").Paper[]} */ (["A4", "A3"]).map((paper) =>
        h("button", { type: "button", onclick: () => printOn(app, paper) }, say("print_on", { paper })),
      ),
    ),
  );
}
