// Search by name: as written, in the other script, in pinyin or by its initials.

const FOUND = 8;

function makeSearch(app) {
  const { data, say } = app;
  const plain = (text) => text.normalize("NFKC").toLowerCase().replace(/\s+/g, "");
  const lists = [...["communities", "facilities", "candidates"].map((sort) => [sort, data[sort]]), ...data.answers.map((answer) => ["sites", answer])];
  const entries = lists.flatMap(([sort, columns]) => columns.name.map((name, i) => {
    if (!name) return null;
    const [others, pinyin] = columns.spelling[i].split("|");
    const syllables = pinyin.split(" ").filter(Boolean);
    return { sort, i, answer: columns, name, written: [name, ...others.split(" ")].filter(Boolean).map(plain), pinyin: syllables.map((_, n) => syllables.slice(n).join("")), initials: syllables.map((one) => one[0]).join("") };
  }).filter(Boolean));

  // Less is better: begins with it, holds it, initials begin, pinyin begins at some syllable.
  function rank(entry, query) {
    if (entry.written.some((one) => one.startsWith(query))) return 0;
    if (entry.written.some((one) => one.includes(query))) return 1;
    if (entry.initials.startsWith(query)) return 2;
    const at = entry.pinyin.findIndex((rest) => rest.startsWith(query));
    if (at >= 0) return 3 + (at > 0);
    return query.length > 1 && entry.initials.includes(query) ? 5 : 9;
  }
  function find(text) {
    const query = plain(text);
    if (!query) return [];
    return entries.map((entry) => [rank(entry, query), entry]).filter(([score]) => score < 9)
      .sort((a, b) => a[0] - b[0] || a[1].name.length - b[1].name.length).map(([, entry]) => entry);
  }

  function about({ sort, i, answer }) {
    if (sort === "sites") return say("site", { n: answer.rank[i] });
    if (sort === "communities") return data.communities.street[i] || say("community");
    if (sort === "candidates") return say("candidate");
    const kind = app.kinds.get(data.facilities.kind[i]);
    return kind ? kind.name : data.facilities.kind[i];
  }

  let found = [], active = -1;
  const list = h("ul", { id: "found", role: "listbox", "aria-label": say("search"), hidden: true });
  const input = h("input", {
    id: "search", type: "search", role: "combobox", placeholder: say("search"), "aria-label": say("search"), autocomplete: "off", spellcheck: "false",
    "aria-controls": "found", "aria-expanded": "false", "aria-autocomplete": "list", oninput: () => show(find(input.value)),
    onkeydown: (event) => {
      if (event.key === "ArrowDown" || event.key === "ArrowUp") {
        if (!found.length) return;
        active = (active + (event.key === "ArrowDown" ? 1 : found.length - (active < 0 ? 0 : 1))) % found.length;
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
  function show(all) {
    found = all.slice(0, FOUND);
    active = -1;
    const rows = found.map((entry, n) => h("li", { id: `found-${n}`, role: "option", "aria-selected": "false", onclick: () => go(entry) }, h("span", {}, entry.name), h("small", {}, about(entry))));
    if (!found.length && input.value.trim()) rows.push(h("li", { class: "none", role: "option", "aria-disabled": "true" }, say("search_none")));
    if (all.length > FOUND) rows.push(h("li", { class: "none", role: "option", "aria-disabled": "true" }, say("search_more", { n: all.length - FOUND })));
    list.replaceChildren(...rows);
    list.hidden = !rows.length;
    input.setAttribute("aria-expanded", String(!list.hidden));
    mark();
  }
  function go(entry) {
    show([]);
    list.hidden = true;
    input.setAttribute("aria-expanded", "false");
    app.open(entry.sort, entry.i, entry.answer);
  }
  document.addEventListener("keydown", (event) => {
    if (event.key !== "/" || /^(INPUT|TEXTAREA)$/.test(document.activeElement.tagName)) return;
    event.preventDefault();
    input.focus();
  });
  input.addEventListener("blur", () => setTimeout(() => { list.hidden = true; }, 200));
  app.find = find;
  return h("div", { class: "search" }, input, list);
}
