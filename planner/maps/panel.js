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
      if (app.trials.of(value).length) state.when = "trial";
      else if (!states(app).includes(state.when)) state.when = "before";
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
        kindChooser(ui), headline(ui), comparison(ui), trialSection(ui), yearSection(ui), legend(ui), gapList(ui), siteList(ui), card && card.element, about(ui),
      ].filter(Boolean));
      for (const one of body.querySelectorAll("details[id]")) if (unfolded.has(one.id)) one.open = unfolded.get(one.id);
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
    limits.map(([minutes, metres]) => say("limit", { minutes, metres: metres.toLocaleString() })).join(say("limits_comma")),
  ];
  return parts.filter(Boolean).join(" · ");
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
function choice({ app, set }, name, label, options) {
  const chosen = options.findIndex(([value]) => app.state[name] === value);
  const step = (event) => {
    const by = { ArrowRight: 1, ArrowDown: 1, ArrowLeft: -1, ArrowUp: -1 }[event.key];
    if (!by) return;
    event.preventDefault();
    const [value] = options[(Math.max(chosen, 0) + by + options.length) % options.length];
    document.getElementById(`${name}-${value}`).focus();
    set(name, value)();
  };
  return h("div", { class: "choice", role: "radiogroup", "aria-label": label, onkeydown: step },
    options.map(([value, text], i) => h("button", {
      type: "button", role: "radio", id: `${name}-${value}`, "aria-checked": String(i === chosen), tabindex: i === Math.max(chosen, 0) ? 0 : -1, onclick: set(name, value),
    }, text)));
}

function headline(ui) {
  const { app } = ui;
  const { data, state, say } = app;
  const kind = app.kinds.get(state.kind);
  if (!kind) return null;
  const view = app.view(), head = app.head();
  const limits = head.limits.map(([minutes]) => minutes);
  const rows = Object.entries(data.groups).map(([group, name]) => h("tr", {}, h("th", { scope: "row" }, name),
    limits.map((minutes) => h("td", { class: minutes === head.cutoff ? "main" : null }, app.percent(shareAt(view.people, group, minutes))))));
  const [all, has, reached, linked] = view.counts || [0, null, null, null];
  const today = app.view(state.kind, "before").counts || [];
  const units = [["units_reached", reached, today[2]], ["units_linked", linked, today[3]], ["units_has", has, today[1]]]
    .filter(([, n]) => n !== null && all)
    .map(([key, n, was]) => h("div", { class: "unit" }, h("span", {}, say(key)), h("b", {}, say("of_n", { n, all }), n !== was && was !== null && h("ins", {}, n > was ? `+${n - was}` : `−${was - n}`)), h("em", {}, app.percent(n / all))));
  return h("section", { class: "headline", style: `--kind:${kind.colour}` },
    h("div", { class: "big" }, h("strong", {}, app.percent(shareAt(view.people, head.group, head.cutoff))), h("span", {}, say("people_within", cutoffWords(app)))),
    states(app).length > 1 && choice(ui, "when", say("state"), states(app).map((when) => [when, sideName(app, when)])),
    swipeChooser(ui),
    h("table", { class: "groups" }, h("thead", {}, h("tr", {}, h("th", {}, say("group")), limits.map((n) => h("th", {}, say("minutes", { n }))))), h("tbody", {}, rows)),
    units.length > 0 && h("div", { class: "units" }, units), supplySection(ui));
}

function gapList({ app }) {
  const { data, state, say } = app;
  if (!state.kind) return null;
  const { gaps } = app.view();
  const words = cutoffWords(app);
  if (!gaps.length) return h("section", {}, h("h2", {}, say("gaps")), h("p", { class: "note" }, say(shareAt(app.view().people, app.head().group, app.head().cutoff) === null ? "gaps_nobody" : "gaps_none", words)));
  const most = gaps[0][1] || 1;
  const shown = gaps.slice(0, WORST).map(([i, lacking]) => h("li", {}, h("button", { type: "button", onclick: () => app.show(i) },
    h("span", {}, data.communities.name[i] || say("unnamed"), h("small", {}, data.communities.street[i] || "")),
    h("b", {}, say("people_plain", { n: app.count(Math.round(lacking)) })),
    h("i", { class: "bar" }, h("i", { style: `width:${(lacking / most) * 100}%` })))));
  return h("section", { class: "gaps" }, h("h2", {}, say("gaps")), h("p", { class: "note" }, say("gaps_note", words)), h("ol", {}, shown),
    gaps.length > WORST && h("p", { class: "note" }, say("gaps_more", { n: gaps.length - WORST })));
}

function siteList(ui) {
  const { app, set } = ui;
  const { data, state, say } = app;
  const answer = app.answer();
  if (!answer) return null;
  const words = { group: answer.groups.map((one) => data.groups[one] || one).join(data.lang === "zh" ? "、" : ", "), minutes: answer.minutes, before: app.percent(answer.before), after: app.percent(answer.after) };
  const title = (one) => say(`model_${one.model}`, { n: one.rank.length });
  const models = app.answers().map((one, n) => [n, title(one)]);
  const rows = answer.rank.map((rank, i) => h("li", {}, h("button", { type: "button", onclick: () => app.map.setView(app.unpack.point(answer.at[i]), Math.max(app.map.getZoom(), 14.5)) },
    h("b", { class: "n" }, rank), h("span", {}, answer.name[i] || say("unnamed")), h("em", {}, `+${app.count(answer.added[i])}`))));
  if (answer.why.length) {
    return h("section", { class: "sites" }, h("h2", {}, say("sites")),
      models.length > 1 ? choice(ui, "answer", say("sites"), models) : h("p", { class: "caption" }, models[0][1]),
      h("p", { class: "note" }, say("sites_impossible")), h("ul", {}, answer.why.map((why) => h("li", {}, why))));
  }
  return h("section", { class: "sites" }, h("h2", {}, say("sites")),
    models.length > 1 ? choice(ui, "answer", say("sites"), models) : h("p", { class: "caption" }, models[0][1]),
    rows.length ? h("p", { class: "change" }, say("sites_change", words)) : h("p", { class: "note" }, say("sites_none")),
    h("ol", {}, rows),
    h("p", { class: "note" }, [
      answer.optimal ? say("sites_optimal") : say("sites_gap", { gap: app.percent(answer.gap, 2) }),
      say(answer.proposed ? "sites_proposed" : "sites_given", { n: app.count(answer.candidates) }),
    ].join(data.lang === "zh" ? "；" : "; ")));
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
