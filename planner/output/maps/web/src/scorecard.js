// @ts-check
// The scorecard: every target with its figure, what is asked, and whether it is met; of two plans, both
// figures. A line that is opened tells its source; where the figure is known street by street, it
// shades the map, too.

import { h } from "./dom.js";
import { planYear } from "./phrases.js";
import { onSides } from "./states.js";

/** @import * as Data from "./payload.js" */
/** @import { Ui } from "./types.js" */

const VERDICTS = ["missed", "met", "due_later", "listed", "not_applicable", "missing"];

/** @type {Record<string, string>} */
const SIGNS = { missed: "✕", met: "✓", due_later: "…", listed: "·", not_applicable: "–", missing: "?" };

/**
 * A target with its line in each plan, null where the plan has none.
 *
 * @typedef {object} Target
 * @property {string} key
 * @property {string} title
 * @property {(Data.TargetText | null)[]} rows
 */

/**
 * The targets of a plan, or of two: {key, title, rows}, a row for each plan, null where it has none.
 *
 * @param {Data.Payload} data
 */
function targetsOf({ scorecard, other }) {
  const cards = other ? [scorecard, other.scorecard] : [scorecard];
  const all = new Map();
  cards.forEach((card, n) =>
    card?.rows.forEach((row) => {
      if (!all.has(row.key))
        all.set(row.key, {
          key: row.key,
          title: card.profiles[row.profile],
          rows: cards.map(() => /** @type {Data.TargetText | null} */ (null)),
        });
      all.get(row.key).rows[n] = row;
    }),
  );
  return [...all.values()];
}

/**
 * Made once, since it does not follow the state; `refresh` says so, and marks the line that shades the map.
 *
 * @param {Ui} ui
 */
export function makeScorecard({ app, set }) {
  const { data, state, say } = app;
  const targets = targetsOf(data);
  if (!targets.length) return null;
  const names = data.other ? ["A", "B"] : [null];
  const titles = [...new Set(targets.map(({ title }) => title))];
  /** @param {string} key */
  const shades = (key) => [key, `${key}_by_community`].find((name) => app.indicators.find(name));
  /**
   * @param {Target} target
   * @param {string} wanted
   */
  const has = (target, wanted) =>
    wanted === "differs"
      ? new Set(target.rows.map((row) => row?.verdict)).size > 1
      : target.rows.some((row) => row && row.verdict === wanted);
  const lines = targets.map(makeLine);
  const sieves = [...VERDICTS, ...(data.other ? ["differs"] : [])]
    .map((name) => [name, targets.filter((target) => has(target, name)).length])
    .filter(([, n]) => n);
  const verdict = h(
    "select",
    { id: "card-verdict", "aria-label": say("card_verdict"), onchange: filter },
    h("option", { value: "" }, say("card_all", { n: targets.length })),
    sieves.map(([name, n]) => h("option", { value: name }, `${say(`card_${name}`)} (${n})`)),
  );
  const query = h("input", {
    id: "card-query",
    type: "search",
    placeholder: say("card_query"),
    "aria-label": say("card_query"),
    autocomplete: "off",
    oninput: filter,
  });
  const none = h("p", { class: "note", hidden: true }, say("search_none"));
  const groups = titles.map((title) =>
    h(
      "div",
      { class: "group" },
      titles.length > 1 && h("h3", {}, title),
      h(
        "ul",
        {},
        lines.filter((line) => line.target.title === title).map((line) => line.element),
      ),
    ),
  );
  const list = h("div", { class: "lines" }, groups, none);
  /** @param {number} n */
  const counts = (n) =>
    VERDICTS.map((name) => [
      name,
      targets.filter(({ rows }) => rows[n] && rows[n].verdict === name).length,
    ]).filter(([, found]) => found);
  const sums = names.map((plan, n) =>
    h(
      "span",
      { class: "counts" },
      plan && h("b", {}, plan),
      counts(n).map(([name, found]) =>
        h(
          "span",
          { class: name, title: say(`card_${name}`) },
          h("i", { "aria-hidden": "true" }, SIGNS[name]),
          found,
          h("span", { class: "unseen" }, say(`card_${name}`)),
        ),
      ),
    ),
  );
  const stays = h("p", { class: "note stays" });
  const element = h(
    "section",
    { class: data.other ? "scorecard two" : "scorecard" },
    h(
      "details",
      { id: "scorecard" },
      h("summary", {}, h("h2", {}, say("card_title")), h("span", { class: "sums" }, sums)),
      titles.length === 1 && h("p", { class: "note" }, titles[0]),
      stays,
      h("div", { class: "filters" }, verdict, query),
      list,
    ),
  );

  /**
   * @param {Target} target
   * @param {number} i
   */
  function makeLine(target, i) {
    const name = shades(target.key);
    const rows = target.rows.flatMap((one) => one ?? []),
      row = rows[0];
    /** @param {any} one */
    const asked = (one) =>
      [
        one.must && say("card_must", { what: one.must }),
        one.aim && say("card_aim", { what: one.aim }),
        one.short_by && say("card_short", { what: one.short_by }),
      ]
        .filter(Boolean)
        .join(say("card_comma"));
    /** @param {any} one */
    const bare = (one) => ["not_applicable", "missing"].includes(one.verdict);
    /** @param {any} one */
    const told = (one) => asked(one) || (bare(one) && one.note) || say(`card_${one.verdict}`);
    /** @param {any} one */
    const noted = (one) => one.note && (!bare(one) || asked(one));
    const more = h(
      "div",
      { class: "more", id: `card-more-${i}`, hidden: true },
      [...new Set(rows.filter(noted).map((one) => one.note))].map((note) => h("p", {}, note)),
      h("p", {}, say("card_source", { source: row.source || say("none") })),
      h("p", { class: row.grade }, say(`grade_${row.grade}`)),
      name && h("p", {}, say("card_shades")),
    );
    const open = h("button", {
      type: "button",
      id: `card-${i}`,
      "aria-expanded": "false",
      "aria-controls": `card-more-${i}`,
      onclick: () => {
        more.hidden = !more.hidden;
        open.setAttribute("aria-expanded", String(!more.hidden));
        if (name && !more.hidden) set("shade", name)();
      },
    });
    /** @param {any} one */
    const sign = (one) =>
      h("i", { class: `verdict ${one.verdict}`, "aria-hidden": "true" }, SIGNS[one.verdict]);
    const unverified = row.grade === "unverified" && h("em", {}, say("grade_unverified"));
    if (!data.other)
      open.append(
        sign(row),
        h(
          "span",
          { class: "what" },
          row.name,
          h("span", { class: "unseen" }, `: ${say(`card_${row.verdict}`)}`),
        ),
        h("b", {}, row.value || "–"),
        h("small", {}, told(row), unverified || ""),
      );
    else {
      open.append(
        h("span", { class: "what" }, row.name),
        ...names.map((plan, n) => {
          const one = target.rows[n];
          return h(
            "span",
            { class: "side" },
            h("b", {}, plan),
            one
              ? [
                  sign(one),
                  h("b", {}, one.value || "–"),
                  h("span", { class: "unseen" }, say(`card_${one.verdict}`)),
                  h("small", {}, told(one)),
                ]
              : h("small", {}, say("card_absent")),
          );
        }),
        ...(unverified ? [h("small", {}, unverified)] : []),
      );
    }
    return { target, name, open, element: h("li", {}, open, more) };
  }
  function filter() {
    const wanted = query.value.normalize("NFKC").toLowerCase().trim();
    let shown = 0;
    for (const { target, element: line } of lines) {
      const words = target.rows
        .flatMap((row) => row ?? [])
        .flatMap((row) => [row.id, row.name, row.source, row.note]);
      line.hidden = Boolean(
        (verdict.value && !has(target, verdict.value)) ||
          (wanted && !words.some((text) => text?.toLowerCase().includes(wanted))),
      );
      shown += Number(!line.hidden);
    }
    for (const group of groups)
      group.hidden = ![...group.querySelectorAll("li")].some((line) => !line.hidden);
    none.hidden = shown > 0;
  }
  let scrolled = 0;
  list.addEventListener("scroll", () => {
    scrolled = list.scrollTop;
  });
  return {
    element,
    refresh() {
      const own = onSides(app, () => state.year === null && ["before", "other"].includes(state.when)).every(
        ([, one]) => one,
      );
      stays.textContent = own ? "" : say("stays", { year: planYear(app) });
      for (const line of lines)
        line.open.classList.toggle("chosen", Boolean(line.name) && line.name === state.shade);
      const place = scrolled; // an element that is put back forgets it
      requestAnimationFrame(() => {
        list.scrollTop = place;
      });
    },
  };
}
