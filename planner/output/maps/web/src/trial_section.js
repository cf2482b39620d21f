// @ts-check
// Trial sites in the panel.

import { h } from "./dom.js";
import { known } from "./known.js";
import { cutoffWords, sideName } from "./phrases.js";
import { shareAt } from "./shares.js";
import { inState, isTrial, onSides, sideOf, stateOf, withTrials } from "./states.js";
import { save } from "./trial_table.js";

/** @import { App, Side, Ui } from "./types.js" */

/** @param {Ui} ui */
export function trialSection(ui) {
  const { app } = ui;
  const { data, state, say, trials, map } = app;
  const kind = app.kinds.get(state.kind);
  if (!kind || !data.walk) return null;
  const own = trials.of(state.kind);
  const gains = own.length
    ? triedSides(app).map((side) =>
        inState(app, side, () => ({ side, gains: trials.added(kind.id), group: app.head().group })),
      )
    : [];
  const open = app.ways.from();
  const named = open === null ? null : data.communities.name[open] || say("unnamed");
  /**
   * @param {string} id
   * @param {string} text
   * @param {() => any} onclick
   * @param {Record<string, any>} [more]
   */
  const button = (id, text, onclick, more = {}) =>
    h("button", { type: "button", id, onclick, ...more }, text);
  const rows = own.map((one, n) =>
    h(
      "li",
      {},
      h(
        "button",
        {
          type: "button",
          class: "go",
          onclick: () => map.setView(one.latlng, Math.max(map.getZoom(), 14.5)),
        },
        h("b", { class: "n" }, one.name),
        h(
          "span",
          {},
          one.community === null
            ? say("trial_name", { n: one.name })
            : data.communities.name[one.community] || say("unnamed"),
        ),
        h(
          "em",
          {},
          gains.map(({ side, gains: added, group }) =>
            h(
              "span",
              {},
              gains.length > 1 && h("small", {}, sideName(app, withTrials(side, false))),
              app.signed(added[n][group]),
            ),
          ),
        ),
      ),
      h(
        "button",
        {
          type: "button",
          class: "drop",
          "aria-label": say("trial_remove", { n: one.name }),
          title: say("trial_remove", { n: one.name }),
          onclick: () => trials.remove(one),
        },
        "×",
      ),
    ),
  );
  return h(
    "section",
    { class: "trials" },
    h("h2", {}, say("whatif")),
    h("p", { class: "note" }, say("whatif_note", cutoffWords(app))),
    h(
      "p",
      { class: "tools" },
      button(
        "trial-place",
        say(state.placing ? "whatif_stop" : "whatif_place"),
        () => {
          state.placing = !state.placing;
          app.refresh();
        },
        { "aria-pressed": String(Boolean(state.placing)), class: state.placing ? "on" : null },
      ),
      button(
        "trial-centre",
        named === null ? say("whatif_centre") : say("whatif_here", { name: named }),
        () => trials.add(open === null ? map.getCenter() : placeOf(app, open)),
      ),
    ),
    h("p", { class: "warn", role: "status" }, trials.message()),
    own.length > 0 && h("ol", {}, rows),
    own.length > 0 &&
      h(
        "div",
        { "aria-live": "polite" },
        gains.map((one) => trialSums(app, one, gains.length > 1)),
      ),
    (trials.all().length > 0 || trials.undoable()) &&
      h(
        "p",
        { class: "tools" },
        button("trial-undo", say("undo"), trials.undo, { disabled: !trials.undoable() }),
        button("trial-clear", say("clear"), trials.clear, { disabled: !trials.all().length }),
        trials.all().length > 0 &&
          button("trial-csv", say("save_csv"), () => save("trial_sites.csv", trials.csv(), "text/csv")),
        trials.all().length > 0 &&
          button("trial-toml", say("save_toml"), () =>
            save("trial_sites.toml", trials.toml(), "application/toml"),
          ),
      ),
  );
}

/**
 * Where a community is spoken of: the place of its name.
 *
 * @param {App} app
 * @param {number} community
 */
const placeOf = ({ unpack, data, drawing }, community) =>
  unpack.point(data.communities.label[community]) || drawing.communities[community].getBounds().getCenter();

/**
 * The sides shown that trial sites stand on; the one looked at, if they stand on none.
 *
 * @param {App} app
 */
function triedSides(app) {
  const shown = onSides(app, () => isTrial(app.state.when))
    .filter(([, tried]) => tried)
    .map(([side]) => side);
  return shown.length ? [...new Set(shown)] : [withTrials(sideOf(app.state), true)];
}

/**
 * What the trials add up to on one side.
 *
 * @param {App} app
 * @param {{side: Side, gains: Record<string, number>[]}} given
 * @param {boolean} named
 */
function trialSums(app, { side, gains }, named) {
  const { data, say } = app;
  const [before, after] = [withTrials(side, false), side].map((one) =>
    inState(app, one, () => known(app.view())),
  );
  const { cutoff } = inState(app, side, () => app.head());
  const rows = Object.entries(data.groups).map(([group, name]) =>
    h(
      "tr",
      {},
      h("th", { scope: "row" }, name),
      h("td", {}, app.signed(gains.reduce((sum, gain) => sum + (gain[group] || 0), 0))),
      h("td", {}, app.percent(shareAt(before.people, group, cutoff))),
      h("td", { class: "main" }, app.percent(shareAt(after.people, group, cutoff))),
    ),
  );
  const year = stateOf(side).year;
  const heads = [
    named ? sideName(app, withTrials(side, false)) : say("group"),
    say("adds"),
    year === null ? say("before") : say("year", { n: year }),
    say("trial"),
  ];
  return h(
    "div",
    {},
    h(
      "table",
      { class: "groups" },
      h(
        "thead",
        {},
        h(
          "tr",
          {},
          heads.map((name) => h("th", { scope: "col" }, name)),
        ),
      ),
      h("tbody", {}, rows),
    ),
    before.counts &&
      after.counts &&
      h(
        "p",
        { class: "change" },
        say("trial_units", {
          before: before.counts.reached,
          after: after.counts.reached,
          all: after.counts.communities,
        }),
      ),
  );
}
