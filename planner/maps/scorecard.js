// The scorecard: every target with its figure, what is asked, and whether it is met. A line that is
// opened tells its source; where the figure is known street by street, it shades the map, too.

const VERDICTS = ["missed", "met", "listed", "missing"];
const SIGNS = { missed: "✕", met: "✓", listed: "·", missing: "?" };

// Made once, since it does not follow the state; `refresh` marks the line that shades the map.
function makeScorecard({ app, set }) {
  const { data, state, say } = app;
  if (!data.scorecard) return null;
  const { rows, profiles } = data.scorecard;
  const shades = (row) => [row.key, `${row.key}_by_community`].find((name) => app.indicators.find(name));
  const lines = rows.map((row, i) => makeLine(row, i));
  const verdict = h("select", { id: "card-verdict", "aria-label": say("card_verdict"), onchange: filter },
    h("option", { value: "" }, say("card_all", { n: rows.length })), VERDICTS.filter((name) => rows.some((row) => row.verdict === name))
      .map((name) => h("option", { value: name }, `${say(`card_${name}`)} (${rows.filter((row) => row.verdict === name).length})`)));
  const query = h("input", { id: "card-query", type: "search", placeholder: say("card_query"), "aria-label": say("card_query"), autocomplete: "off", oninput: filter });
  const none = h("p", { class: "note", hidden: true }, say("search_none"));
  const groups = profiles.map((title, n) => h("div", { class: "group" }, profiles.length > 1 && h("h3", {}, title), h("ul", {}, lines.filter((line) => line.row.profile === n).map((line) => line.element))));
  const list = h("div", { class: "lines" }, groups, none);
  const counts = VERDICTS.map((name) => [name, rows.filter((row) => row.verdict === name).length]).filter(([, n]) => n);
  const element = h("section", { class: "scorecard" }, h("details", { id: "scorecard" },
    h("summary", {}, h("h2", {}, say("card_title")), h("span", { class: "counts" }, counts.map(([name, n]) => h("span", { class: name, title: say(`card_${name}`) }, h("i", { "aria-hidden": "true" }, SIGNS[name]), n, h("span", { class: "unseen" }, say(`card_${name}`)))))),
    profiles.length === 1 && h("p", { class: "note" }, profiles[0]),
    h("div", { class: "filters" }, verdict, query), list));

  function makeLine(row, i) {
    const name = shades(row);
    const asked = [row.must && say("card_must", { what: row.must }), row.aim && say("card_aim", { what: row.aim }), row.short_by && say("card_short", { what: row.short_by })].filter(Boolean);
    const more = h("div", { class: "more", id: `card-more-${i}`, hidden: true },
      row.note && (row.verdict !== "missing" || asked.length > 0) && h("p", {}, row.note), h("p", {}, say("card_source", { source: row.source || say("none") })),
      h("p", { class: row.grade }, say(`grade_${row.grade}`)), name && h("p", {}, say("card_shades")));
    const open = h("button", { type: "button", id: `card-${i}`, "aria-expanded": "false", "aria-controls": `card-more-${i}`, onclick: () => {
      more.hidden = !more.hidden;
      open.setAttribute("aria-expanded", String(!more.hidden));
      if (name && !more.hidden) set("shade", name)();
    } },
    h("i", { class: `verdict ${row.verdict}`, "aria-hidden": "true" }, SIGNS[row.verdict]), h("span", { class: "what" }, row.name, h("span", { class: "unseen" }, `: ${say(`card_${row.verdict}`)}`)),
    h("b", {}, row.value || "–"), h("small", {}, asked.join(say("card_comma")) || (row.verdict === "missing" && row.note) || say(`card_${row.verdict}`), row.grade === "unverified" && h("em", {}, say("grade_unverified"))));
    return { row, name, open, element: h("li", {}, open, more) };
  }
  function filter() {
    const wanted = query.value.normalize("NFKC").toLowerCase().trim();
    let shown = 0;
    for (const { row, element: line } of lines) {
      line.hidden = Boolean((verdict.value && row.verdict !== verdict.value) || (wanted && ![row.id, row.name, row.source, row.note].some((text) => text && text.toLowerCase().includes(wanted))));
      shown += !line.hidden;
    }
    for (const group of groups) group.hidden = ![...group.querySelectorAll("li")].some((line) => !line.hidden);
    none.hidden = shown > 0;
  }
  let scrolled = 0;
  list.addEventListener("scroll", () => { scrolled = list.scrollTop; });
  return {
    element,
    refresh() {
      for (const line of lines) line.open.classList.toggle("chosen", Boolean(line.name) && line.name === state.shade);
      const place = scrolled; // an element that is put back forgets it
      requestAnimationFrame(() => { list.scrollTop = place; });
    },
  };
}
