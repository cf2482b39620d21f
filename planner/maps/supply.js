// Who is served within capacity: the marks of facilities that are short, and what cards and panel say.

// The question of capacity on a kind, in the state it was asked of: today in the plan's year.
function supplyOf({ data, state }, kind = state.kind) {
  const own = state.when === "before" && state.year === null ? data.supply[kind] : null;
  return own || null;
}

function loadOf(app, i) {
  const own = supplyOf(app, app.data.facilities.kind[i]);
  const found = own && own.facilities.find(([number]) => number === i);
  if (!found) return null;
  const [, capacity, people, minutes, wanted, short] = found;
  return { capacity, people, minutes, wanted, short: Boolean(short) };
}

// Rings around the facilities of a kind that are short: a shape, so that it shows without colour.
function makeShortMarks(app, renderer) {
  const { data, unpack } = app;
  const rings = new Map();
  const ringOf = (i) => {
    if (!rings.has(i)) rings.set(i, L.circleMarker(unpack.point(data.facilities.at[i]), { renderer, interactive: false, className: "short-ring", fill: false, color: "#1f1418", weight: 2, dashArray: "3.5 2.2" }));
    return rings.get(i);
  };
  return {
    short: (kind) => new Set(supplyOf(app, kind) ? supplyOf(app, kind).facilities.filter((row) => row[5]).map(([i]) => i) : []),
    ringOf,
    resize: (radiusOf) => rings.forEach((ring, i) => ring.setRadius(radiusOf(i) + 3.6)),
  };
}

function supplyWords({ say, percent }, own) {
  return { group: own.group, minutes: own.minutes, need: own.need === 1 ? "" : say("supply_need", { share: percent(own.need, 0) }) };
}

// Of the people asked about: served, in reach but over capacity, out of reach.
const PARTS = ["served", "over_capacity", "out_of_reach"];

function supplySection(ui) {
  const { app } = ui;
  const own = supplyOf(app);
  if (!own) return null;
  const total = own.all.reduce((sum, n) => sum + n, 0);
  if (!total) return null;
  return h("div", { class: "supply" }, h("p", { class: "note" }, app.say("supply_note", supplyWords(app, own))),
    h("div", { class: "parts", "aria-hidden": "true" }, own.all.map((n, i) => h("i", { class: PARTS[i], style: `flex:${n}` }))),
    own.all.map((n, i) => h("div", { class: "unit" }, h("span", {}, h("i", { class: `part ${PARTS[i]}` }), app.say(PARTS[i])), h("b", {}, app.say("people", { n: app.count(n) })), h("em", {}, app.percent(n / total)))));
}

function communitySupply(app, i) {
  const { data, say } = app;
  return data.kinds.map((kind) => [kind, supplyOf(app, kind.id)]).filter(([, own]) => own && own.communities[i].some((n) => n)).map(([kind, own]) => h("p", { class: "served" },
    h("i", { class: "dot", style: `--kind:${kind.colour}` }), say("supply_card", { kind: kind.name, ...supplyWords(app, own) }), " ",
    PARTS.map((part, n) => h("span", {}, `${say(part)} `, h("b", {}, app.count(own.communities[i][n]))))));
}

function facilitySupply(app, i) {
  const found = loadOf(app, i);
  if (!found) return [];
  const { say, count } = app;
  const of = found.capacity ? `${count(found.people)} / ${count(found.capacity)}${say("use_share", { share: app.percent(found.people / found.capacity, 0) })}` : count(found.people);
  return [[say("use"), of], [say("wanted"), say("people", { n: count(found.wanted) })], [say("mean_minutes"), found.minutes === null ? null : say("min_short", { n: count(found.minutes) })]];
}

function shortNote(app, i) {
  const found = loadOf(app, i);
  return found && found.short ? h("p", { class: "short" }, app.say(found.wanted > found.capacity ? "short_wanted" : "short_full", { n: app.count(found.wanted - found.capacity) })) : null;
}
