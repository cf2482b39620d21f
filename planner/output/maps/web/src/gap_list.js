// @ts-check
// The communities with the most people beyond the limit.

import { WORST } from "./constants.js";
import { h } from "./dom.js";
import { known } from "./known.js";
import { cutoffWords, sideName } from "./phrases.js";
import { coveredShare } from "./shares.js";
import { onSides } from "./states.js";

/** @import { Ui } from "./types.js" */

/** @param {Ui} ui */
export function gapList({ app }) {
  const { data, state, say } = app;
  if (!state.kind) return null;
  const both = onSides(app, (side) => ({
    name: sideName(app, side),
    gaps: known(app.view()).gaps,
    words: cutoffWords(app),
    nobody: coveredShare(app) === null,
  })).map(([, one]) => one);
  const { words, nobody } = both[both.length - 1];
  /** @type {Map<number, number[]>} */
  const all = new Map();
  both.forEach(({ gaps }, n) =>
    gaps.forEach(({ community, lacking }) =>
      all.set(community, Object.assign(all.get(community) || both.map(() => 0), { [n]: lacking })),
    ),
  );
  const title = h("h2", {}, say("gaps"));
  if (!all.size)
    return h(
      "section",
      {},
      title,
      h("p", { class: "note" }, say(nobody ? "gaps_nobody" : "gaps_none", words)),
    );
  const sorted = [...all].sort(([, a], [, b]) => Math.max(...b) - Math.max(...a));
  const most = Math.max(...sorted[0][1]) || 1;
  const shown = sorted.slice(0, WORST).map(([i, lacking]) =>
    h(
      "li",
      {},
      h(
        "button",
        { type: "button", onclick: () => app.show(i) },
        h(
          "span",
          {},
          data.communities.name[i] || say("unnamed"),
          h("small", {}, data.communities.street[i] || ""),
        ),
        lacking.map((people) => h("b", {}, say("people_plain", { n: app.count(people) }))),
        lacking.map((people) =>
          h("i", { class: "bar" }, h("i", { style: `width:${(people / most) * 100}%` })),
        ),
      ),
    ),
  );
  return h(
    "section",
    { class: both.length > 1 ? "gaps two" : "gaps" },
    title,
    h("p", { class: "note" }, say("gaps_note", words)),
    both.length > 1 &&
      h(
        "p",
        { class: "heads", "aria-hidden": "true" },
        h("span"),
        both.map(({ name }) => h("b", { title: name }, name)),
      ),
    h("ol", {}, shown),
    sorted.length > WORST && h("p", { class: "note" }, say("gaps_more", { n: sorted.length - WORST })),
  );
}
