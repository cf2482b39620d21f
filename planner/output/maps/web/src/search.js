// @ts-check
// Search by name: as written, in the other script, in pinyin or by its initials.

import { h } from "./dom.js";

/** @import { App, Sort } from "./types.js" */

const FOUND = 8;

/** @type {("communities" | "facilities" | "candidates")[]} */
const SORTS = ["communities", "facilities", "candidates"];

/**
 * What the search may find: the place of a row in its columns, and how its name can be typed.
 *
 * @typedef {object} Entry
 * @property {Sort} sort
 * @property {number} i
 * @property {any} answer
 * @property {string} name
 * @property {string[]} written
 * @property {string[]} pinyin
 * @property {string} initials
 */

/** @param {App} app */
export function makeSearch(app) {
  const { data, say } = app;
  /** @param {string} text */
  const plain = (text) => text.normalize("NFKC").toLowerCase().replace(/\s+/g, "");
  /** @type {{sort: Sort, columns: {name: (string | null)[], spelling: string[]}}[]} */
  const lists = [
    ...SORTS.map((sort) => ({ sort, columns: data[sort] })),
    ...data.answers.map((answer) => ({ sort: /** @type {Sort} */ ("sites"), columns: answer })),
  ];
  /** @type {Entry[]} */
  const entries = lists.flatMap(({ sort, columns }) =>
    columns.name.flatMap(
      /** @returns {Entry[]} */ (name, i) => {
        if (!name) return [];
        const [others, pinyin] = columns.spelling[i].split("|");
        const syllables = pinyin.split(" ").filter(Boolean);
        return [
          {
            sort,
            i,
            answer: columns,
            name,
            written: [name, ...others.split(" ")].filter(Boolean).map(plain),
            pinyin: syllables.map((_, n) => syllables.slice(n).join("")),
            initials: syllables.map((one) => one[0]).join(""),
          },
        ];
      },
    ),
  );

  /**
   * Less is better: begins with it, holds it, initials begin, pinyin begins at some syllable.
   *
   * @param {Entry} entry
   * @param {string} query
   */
  function rank(entry, query) {
    if (entry.written.some((one) => one.startsWith(query))) return 0;
    if (entry.written.some((one) => one.includes(query))) return 1;
    if (entry.initials.startsWith(query)) return 2;
    const at = entry.pinyin.findIndex((rest) => rest.startsWith(query));
    if (at >= 0) return at > 0 ? 4 : 3;
    return query.length > 1 && entry.initials.includes(query) ? 5 : 9;
  }
  /** @param {string} text */
  function find(text) {
    const query = plain(text);
    if (!query) return [];
    return entries
      .map((entry) => ({ score: rank(entry, query), entry }))
      .filter(({ score }) => score < 9)
      .sort((a, b) => a.score - b.score || a.entry.name.length - b.entry.name.length)
      .map(({ entry }) => entry);
  }

  /** @param {Entry} entry */
  function about({ sort, i, answer }) {
    if (sort === "sites") return say("site", { n: answer.rank[i] });
    if (sort === "communities") return data.communities.street[i] || say("community");
    if (sort === "candidates") return say("candidate");
    const kind = app.kinds.get(data.facilities.kind[i]);
    return kind ? kind.name : data.facilities.kind[i];
  }

  /** @type {Entry[]} */
  let found = [];
  let active = -1;
  const list = h("ul", { id: "found", role: "listbox", "aria-label": say("search"), hidden: true });
  const input = h("input", {
    id: "search",
    type: "search",
    role: "combobox",
    placeholder: say("search"),
    "aria-label": say("search"),
    autocomplete: "off",
    spellcheck: "false",
    "aria-controls": "found",
    "aria-expanded": "false",
    "aria-autocomplete": "list",
    oninput: () => show(find(input.value)),
    onkeydown: (/** @type {KeyboardEvent} */ event) => {
      if (event.key === "ArrowDown" || event.key === "ArrowUp") {
        if (!found.length) return;
        active =
          (active + (event.key === "ArrowDown" ? 1 : found.length - (active < 0 ? 0 : 1))) % found.length;
        mark();
        event.preventDefault();
      } else if (event.key === "Enter") {
        if (found.length) go(found[Math.max(active, 0)]);
      } else if (event.key === "Escape") show([]);
    },
  });
  function mark() {
    [...list.children].forEach((row, n) => row.setAttribute("aria-selected", String(n === active)));
    if (active >= 0) input.setAttribute("aria-activedescendant", `found-${active}`);
    else input.removeAttribute("aria-activedescendant");
  }
  /** @param {Entry[]} all */
  function show(all) {
    found = all.slice(0, FOUND);
    active = -1;
    const rows = found.map((entry, n) =>
      h(
        "li",
        { id: `found-${n}`, role: "option", "aria-selected": "false", onclick: () => go(entry) },
        h("span", {}, entry.name),
        h("small", {}, about(entry)),
      ),
    );
    if (!found.length && input.value.trim())
      rows.push(h("li", { class: "none", role: "option", "aria-disabled": "true" }, say("search_none")));
    if (all.length > FOUND)
      rows.push(
        h(
          "li",
          { class: "none", role: "option", "aria-disabled": "true" },
          say("search_more", { n: all.length - FOUND }),
        ),
      );
    list.replaceChildren(...rows);
    list.hidden = !rows.length;
    input.setAttribute("aria-expanded", String(!list.hidden));
    mark();
  }
  /** @param {Entry} entry */
  function go(entry) {
    show([]);
    list.hidden = true;
    input.setAttribute("aria-expanded", "false");
    app.open(entry.sort, entry.i, entry.answer);
  }
  document.addEventListener("keydown", (event) => {
    if (event.key !== "/" || /^(INPUT|TEXTAREA)$/.test(document.activeElement?.tagName ?? "")) return;
    event.preventDefault();
    input.focus();
  });
  input.addEventListener("blur", () =>
    setTimeout(() => {
      list.hidden = true;
    }, 200),
  );
  app.find = find;
  return h("div", { class: "search" }, input, list);
}
