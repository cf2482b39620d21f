// The panel beside the map. Texts are set as text, never as HTML.

function makePanel(app, changed) {
  const { data, state, say } = app;
  const head = data.head;
  const body = h("div", { class: "body" });
  const fold = h("button", { class: "fold", type: "button", title: say("fold"), "aria-label": say("fold"), onclick: () => {
    document.body.classList.toggle("folded");
    app.map.invalidateSize({ animate: false });
  } }, "☰");
  const panel = h("aside", { id: "panel", lang: document.documentElement.lang },
    h("header", {},
      themeButton(app), h("h1", {}, head.title),
      h("p", { class: "sub" }, subtitle(app)), makeSearch(app)),
    body);
  document.body.prepend(fold, panel);
  if (head.synthetic) app.map.getContainer().append(h("div", { class: "stamp", title: say("synthetic_note") }, say("synthetic")));
  makeSheet(app, panel);
  preparePaper(app, panel);
  const become = (name, value) => {
    state[name] = value;
    if (name === "kind") {
      state.answer = 0;
      settleTrials(app);
      if (!states(app).includes(state.when)) state.when = "before";
      if (!sides(app).includes(state.left)) state.left = "before";
      if (shaded(state) && !app.indicators.find()) state.shade = "share";
    }
  };
  const set = (name, value) => () => {
    become(name, value);
    changed();
  };
  const ui = { app, set, flip: (name) => () => {
    state.layers[name] = !state.layers[name];
    changed();
  } };
  const card = makeScorecard(ui);
  return {
    set: become,
    refresh() {
      if (card) card.refresh();
      const focus = document.activeElement && document.activeElement.id;
      const unfolded = new Map([...body.querySelectorAll("details[id]")].map((one) => [one.id, one.open]));
      body.replaceChildren(...[
        kindChooser(ui), headline(ui), comparison(ui), trialSection(ui), yearSection(ui), legend(ui), gapList(ui), siteLists(ui), card && card.element, about(ui),
      ].flat().filter(Boolean));
      for (const one of body.querySelectorAll("details[id]")) if (unfolded.has(one.id)) one.open = unfolded.get(one.id);
      showChosen(body);
      if (focus && document.getElementById(focus)) document.getElementById(focus).focus({ preventScroll: true });
    },
  };
}

// Light or dark: as the system has it, until the reader chooses. Paper is always light.
function themeButton({ say }) {
  const wish = window.matchMedia("(prefers-color-scheme: dark)");
  let chosen = null;
  const button = h("button", { type: "button", class: "theme", id: "theme", title: say("dark"), "aria-label": say("dark"), onclick: () => {
    chosen = !isDark();
    apply();
  } }, "◐");
  const isDark = () => (chosen === null ? wish.matches : chosen);
  const apply = (paper = false) => {
    document.documentElement.classList.toggle("dark", isDark() && paper !== true);
    button.setAttribute("aria-pressed", String(isDark()));
  };
  wish.addEventListener("change", () => apply());
  window.addEventListener("beforeprint", () => apply(true));
  window.addEventListener("afterprint", () => apply());
  apply();
  return button;
}

function subtitle({ data, say }) {
  const { year, speed, limits } = data.head;
  const parts = [
    year && say("year", { n: year }),
    say("speed", { name: speed.name, mps: speed.mps.toLocaleString("en", { minimumFractionDigits: 1 }) }) + (speed.grade === "unverified" ? say("unverified") : ""),
  ];
  const reach = limits.map(([minutes, metres]) => say("limit", { minutes, metres: metres.toLocaleString() })).join(say("limits_comma"));
  return [parts.filter(Boolean).join(" · "), reach].map((line) => h("span", { class: "line" }, line));
}

function cutoffWords(app) {
  const head = app.head();
  const kind = app.kinds.get(app.state.kind);
  return { minutes: head.cutoff, group: head.group_name, kind: kind ? kind.name : "" };
}

function shareAt(table, group, minutes) {
  const row = (table[group] || []).find(([limit]) => limit === minutes);
  return row ? row[1] : null;
}

function kindChooser({ app, set }) {
  const { data, state, say } = app;
  if (!data.kinds.length) return h("p", { class: "note" }, say("empty_kinds"));
  const rows = data.kinds.map((kind) => {
    const share = shareAt(data.figures[kind.id].before.people, data.head.group, data.head.cutoff);
    const id = `kind-${kind.id}`;
    const chosen = kind.id === state.kind;
    return h("label", { class: chosen ? "kind chosen" : "kind", style: `--kind:${kind.colour};--tint:${kind.colour}2b` },
      h("input", { type: "radio", name: "kind", id, checked: chosen, onchange: set("kind", kind.id) }),
      h("span", { class: "dot" }),
      h("span", { class: "kind-name" }, kind.name, h("small", {}, say("facilities_n", { n: app.count(kind.operating) }))),
      h("span", { class: "value" }, app.percent(share)),
      h("span", { class: "bar" }, h("i", { style: `width:${(share || 0) * 100}%` })));
  });
  return h("fieldset", { class: "kinds" }, h("legend", {}, say("kinds")), rows,
    h("p", { class: "note" }, say("kinds_note", cutoffWords(app))));
}

// One of several, as radio buttons are: one stop of the tab key, arrows go on to the next.
function choice({ app, set }, name, label, options, css = "choice") {
  const chosen = options.findIndex(([value]) => app.state[name] === value);
  const step = (event) => {
    const by = { ArrowRight: 1, ArrowDown: 1, ArrowLeft: -1, ArrowUp: -1 }[event.key];
    if (!by) return;
    event.preventDefault();
    const [value] = options[(Math.max(chosen, 0) + by + options.length) % options.length];
    document.getElementById(`${name}-${value}`).focus();
    set(name, value)();
  };
  return h("div", { class: css, role: "radiogroup", "aria-label": label, onkeydown: step },
    options.map(([value, text], i) => h("button", {
      type: "button", role: "radio", id: `${name}-${value}`, "aria-checked": String(i === chosen), tabindex: i === Math.max(chosen, 0) ? 0 : -1, onclick: set(name, value),
    }, text)));
}

// The share of people covered, of the kind and state shown.
function coveredShare(app) {
  const view = app.view(), head = app.head();
  return view ? shareAt(view.people, head.group, head.cutoff) : null;
}

const change = (app, was, now) => (was === null || now === null || was === undefined || now === undefined ? "" : app.signed(now - was));

function headline(ui) {
  const { app } = ui;
  const { state, say } = app;
  const kind = app.kinds.get(state.kind);
  if (!kind) return null;
  if (isDivided(app)) return versus(ui, kind);
  const all = states(app);
  return h("section", { class: "headline", style: `--kind:${kind.colour}` },
    h("div", { class: "big" }, h("strong", {}, app.percent(coveredShare(app))), h("span", {}, say("people_within", cutoffWords(app)))),
    all.length > 1 && choice(ui, "when", say("state"), all.map((when) => [when, sideName(app, when)])),
    swipeChooser(ui), shareTable(app), unitRows(app), supplySection(ui));
}

// Shares of every group within every limit.
function shareTable(app) {
  const { data, say } = app;
  const view = app.view(), head = app.head();
  const limits = head.limits.map(([minutes]) => minutes);
  const rows = Object.entries(data.groups).map(([group, name]) => h("tr", {}, h("th", { scope: "row" }, name),
    limits.map((minutes) => h("td", { class: minutes === head.cutoff ? "main" : null }, app.percent(shareAt(view.people, group, minutes))))));
  return h("table", { class: "groups" }, h("thead", {}, h("tr", {}, h("th", {}, say("group")), limits.map((n) => h("th", {}, say("minutes", { n }))))), h("tbody", {}, rows));
}

const UNITS = [["units_reached", 2], ["units_linked", 3], ["units_has", 1]];

function unitRows(app) {
  const { state, say } = app;
  const counts = app.view().counts || [0, null, null, null];
  const today = app.view(state.kind, "before").counts || [];
  const all = counts[0];
  const rows = UNITS.filter(([, i]) => counts[i] !== null && all).map(([key, i]) => {
    const n = counts[i], was = today[i];
    return h("div", { class: "unit" }, h("span", {}, say(key)), h("b", {}, say("of_n", { n, all }), n !== was && was !== null && h("ins", {}, n > was ? `+${n - was}` : `−${was - n}`)), h("em", {}, app.percent(n / all)));
  });
  return rows.length > 0 && h("div", { class: "units" }, rows);
}

// Both sides of the divided map beside each other, with what the right has more.
function versus(ui, kind) {
  const { app } = ui;
  const { data, say } = app;
  const both = onSides(app, (side) => ({
    name: sideName(app, side), share: coveredShare(app), words: say("people_within", cutoffWords(app)), counts: app.view().counts || [],
    shares: Object.keys(data.groups).map((group) => shareAt(app.view().people, group, app.head().cutoff)),
  })).map(([, one]) => one);
  const [left, right] = both;
  const row = (name, values, changed) => h("tr", {}, h("th", { scope: "row" }, name), values.map((value) => h("td", {}, value)), h("td", { class: "change" }, changed));
  const heads = (...names) => h("thead", {}, h("tr", {}, names.map((name) => h("th", { scope: "col" }, name))));
  const units = UNITS.filter(([, i]) => both.some(({ counts }) => counts[i] !== null && counts[i] !== undefined));
  return h("section", { class: "headline", style: `--kind:${kind.colour}` },
    h("div", { class: "versus" }, both.map(({ name, share }) => h("p", {}, h("span", {}, name), h("strong", {}, app.percent(share)))),
      h("p", { class: "change" }, h("span", {}, say("points")), h("strong", {}, app.points(left.share, right.share)))),
    h("p", { class: "note" }, left.words === right.words ? left.words : both.map(({ name, words }) => h("span", { class: "line" }, `${name}: ${words}`))),
    swipeChooser(ui),
    h("table", { class: "groups" }, heads(say("group"), left.name, right.name, "±"), h("tbody", {}, Object.values(data.groups).map((name, g) => row(name, both.map(({ shares }) => app.percent(shares[g])), app.points(left.shares[g], right.shares[g]))))),
    units.length > 0 && h("table", { class: "groups" }, heads(say("communities_all", { n: right.counts[0] ?? left.counts[0] }), left.name, right.name, "±"), h("tbody", {}, units.map(([key, i]) => row(say(key), both.map(({ counts }) => app.count(counts[i])), change(app, left.counts[i], right.counts[i]))))));
}

function gapList({ app }) {
  const { data, state, say } = app;
  if (!state.kind) return null;
  const both = onSides(app, (side) => ({ name: sideName(app, side), gaps: app.view().gaps, words: cutoffWords(app), nobody: coveredShare(app) === null })).map(([, one]) => one);
  const { words, nobody } = both[both.length - 1];
  const all = new Map();
  both.forEach(({ gaps }, n) => gaps.forEach(([i, lacking]) => all.set(i, Object.assign(all.get(i) || both.map(() => 0), { [n]: lacking }))));
  const title = h("h2", {}, say("gaps"));
  if (!all.size) return h("section", {}, title, h("p", { class: "note" }, say(nobody ? "gaps_nobody" : "gaps_none", words)));
  const sorted = [...all].sort(([, a], [, b]) => Math.max(...b) - Math.max(...a));
  const most = Math.max(...sorted[0][1]) || 1;
  const shown = sorted.slice(0, WORST).map(([i, lacking]) => h("li", {}, h("button", { type: "button", onclick: () => app.show(i) },
    h("span", {}, data.communities.name[i] || say("unnamed"), h("small", {}, data.communities.street[i] || "")),
    lacking.map((people) => h("b", {}, say("people_plain", { n: app.count(Math.round(people)) }))),
    lacking.map((people) => h("i", { class: "bar" }, h("i", { style: `width:${(people / most) * 100}%` }))))));
  return h("section", { class: both.length > 1 ? "gaps two" : "gaps" }, title, h("p", { class: "note" }, say("gaps_note", words)),
    both.length > 1 && h("p", { class: "heads", "aria-hidden": "true" }, h("span"), both.map(({ name }) => h("b", { title: name }, name))), h("ol", {}, shown),
    sorted.length > WORST && h("p", { class: "note" }, say("gaps_more", { n: sorted.length - WORST })));
}

function about({ app }) {
  const { data, say } = app;
  const { head } = data;
  const [cutoff, metres] = head.limits.find(([minutes]) => minutes === head.cutoff);
  const out = data.communities.inside.filter((inside) => !inside).length;
  return h("section", { class: "about" }, h("h2", {}, say("about")),
    head.synthetic && h("p", {}, say("synthetic_note")),
    head.note && h("p", {}, head.note),
    h("p", {}, say("about_people", { minutes: cutoff, metres: app.count(metres), snap: app.count(head.snap) })),
    h("p", {}, say("about_reached", { share: app.percent(head.covered_share, 0), group: head.group_name })),
    out > 0 && h("p", {}, say("about_left_out", { n: out, share: app.percent(1 - head.inside_share, 0) })),
    head.attribution.map((line) => h("p", {}, line)),
    h("p", { class: "tools" },
      h("button", { type: "button", onclick: () => app.whole() }, say("whole")),
      h("button", { type: "button", onclick: () => window.print() }, say("print"))));
}
