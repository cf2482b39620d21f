// What if: trial sites that the reader puts on the map. Each is walked to from every home at once; the
// figures follow in `views.js`. Every change is one step of a history, so that it can be undone.

function makeTrials(app) {
  const { data, state, map, say } = app;
  let trials = [];
  let held = null; // the trials before a drag, while one goes on
  const history = [];
  let serial = 0;
  let message = "";

  // A trial keeps its name as it moves; its key tells one place of it from another. Each plan has a walk
  // to it of its own, known once it is asked for.
  function place(latlng, kind, name) {
    const plans = ["before", ...(data.other ? ["other"] : [])];
    const spots = Object.fromEntries(plans.map((when) => [planOf(when), app.views.onStreet(latlng, when)]));
    if (!spots.own && !spots.other) return null;
    serial += 1;
    const walks = {};
    return { key: serial, name, kind, latlng, community: communityAt(app, latlng), walk(when = state.when) {
      const plan = planOf(when);
      if (!walks[plan]) {
        const wave = app.views.waveOf([spots[plan]], when);
        walks[plan] = { wave, minutes: app.views.minutesOf(wave, when) };
      }
      return walks[plan];
    } };
  }
  function refuse() {
    message = say("trial_off_street", { n: app.head().snap });
    app.refresh();
  }

  function show(next) {
    trials = next;
    message = "";
    settleTrials(app);
    app.refresh();
  }
  function become(next) {
    history.push(trials);
    show(next);
  }
  const of = (kind) => trials.filter((one) => one.kind === kind);

  function add(latlng, kind = state.kind) {
    if (!(app.views.ground("before") || (data.other && app.views.ground("other"))) || !kind) return null;
    const one = place(L.latLng(latlng), kind, nextName());
    if (one) become([...trials, one]);
    else refuse();
    return one;
  }
  // A, B, ... Z, AA: the least letters not in use. Where plans are called A and B, T1, T2, ...
  function nextName() {
    const letters = (n) => (n < 26 ? "" : letters(Math.floor(n / 26) - 1)) + String.fromCharCode(65 + (n % 26));
    const name = (n) => (data.other ? `T${n + 1}` : letters(n));
    for (let n = 0; ; n++) if (!trials.some((one) => one.name === name(n))) return name(n);
  }
  // Moves a trial; while it is dragged the figures follow, and the whole drag is one step to undo.
  function drag(name, latlng, done) {
    const before = held || trials;
    const one = before.find((other) => other.name === name);
    const moved = place(L.latLng(latlng), one.kind, name);
    held = done ? null : before;
    if (!moved && !done) return;
    if (done) trials = before;
    if (!moved) refuse();
    else (done ? become : show)(before.map((other) => (other === one ? moved : other)));
  }

  // What each trial adds in a state, within the cutoff: those before it in the list stand already.
  function added(kind, when = state.when) {
    const ground = app.views.ground(when), limit = app.views.terms(when).cutoff + SLACK;
    let minutes = app.views.ofYear(kind, isOther(when) ? "other" : "before");
    return of(kind).map((one) => {
      const next = app.views.lower(minutes, one.walk(when).minutes);
      const gain = {};
      for (const [group, weight] of Object.entries(ground.people)) {
        gain[group] = 0;
        for (let i = 0; i < next.length; i++) {
          if (next[i] <= limit && !(minutes[i] <= limit)) gain[group] += weight[i];
        }
      }
      minutes = next;
      return gain;
    });
  }

  return {
    add, drag, of, added, nextName,
    move: (one, latlng) => drag(one.name, latlng, true),
    dragged: () => held !== null,
    all: () => trials,
    message: () => message,
    undoable: () => history.length > 0,
    remove: (one) => become(trials.filter((other) => other !== one)),
    clear: () => become([]),
    undo: () => history.length && show(history.pop()),
    csv: () => trialCsv(app, trials),
    toml: () => trialToml(app),
    table: () => trialTable(app, trials),
  };
}

function communityAt(app, latlng) {
  const { data, unpack } = app;
  if (!app.outlines) app.outlines = data.communities.shape.map(unpack.shape);
  const inRing = (ring) => {
    let inside = false;
    for (let i = 0, j = ring.length - 1; i < ring.length; j = i++) {
      const [ay, ax] = ring[i], [by, bx] = ring[j];
      if ((ay > latlng.lat) !== (by > latlng.lat) && latlng.lng < ((bx - ax) * (latlng.lat - ay)) / (by - ay) + ax) inside = !inside;
    }
    return inside;
  };
  const found = app.outlines.findIndex((polygons) => polygons.some((rings) => inRing(rings[0]) && !rings.slice(1).some(inRing)));
  return found < 0 ? null : found;
}

// One row for each trial: what a scenario needs to run with it, then the people it adds.
function trialTable(app, trials) {
  const { data, state, say } = app;
  const groups = Object.keys(data.groups);
  const plans = [["before", "adds_", data.walk], ["other", "adds_b_", data.other && data.other.walk]].filter(([, , walk]) => walk);
  const adds = new Map(trials.map((one) => [one, {}]));
  for (const kind of new Set(trials.map((one) => one.kind))) {
    for (const [when, name] of plans.filter(([plan]) => plan === "before" || data.figures[kind].other)) {
      app.trials.added(kind, when).forEach((gain, n) => groups.forEach((group) => { adds.get(app.trials.of(kind)[n])[name + group] = Math.round(gain[group] || 0); }));
    }
  }
  const year = state.year === null ? data.head.year : state.year;
  return trials.map((one) => ({
    id: `trial-${one.name}`, name: say("trial_name", { n: one.name }), kind: one.kind,
    status: year ? "proposed" : "existing", opened: year || "",
    lon: one.latlng.lng.toFixed(7), lat: one.latlng.lat.toFixed(7),
    ...adds.get(one),
  }));
}

const quoted = (value) => (/[",\r\n]/.test(String(value)) ? `"${String(value).replaceAll('"', '""')}"` : String(value));

function trialCsv(app, trials) {
  const rows = trialTable(app, trials);
  if (!rows.length) return "";
  const columns = Object.keys(rows[0]);
  return `\uFEFF${[columns, ...rows.map((row) => columns.map((name) => row[name]))].map((row) => row.map(quoted).join(",")).join("\r\n")}\r\n`;
}

// What to add to the scenario: the table of trial sites as facilities, or else as candidates.
function trialToml(app) {
  const datum = app.data.tiles === "amap" ? "gcj02" : "wgs84";
  const part = (name, lead) => [`[[${name}]]`, 'file = "trial_sites.csv"', `datum = "${datum}"`].map((line) => lead + line).join("\n");
  return `# ${app.say("snippet_facilities")}\n${part("facilities", "")}\n\n# ${app.say("snippet_candidates")}\n${part("candidates", "# ")}\n`;
}

function save(name, text, type) {
  const link = h("a", { href: URL.createObjectURL(new Blob([text], { type })), download: name });
  document.body.append(link);
  link.click();
  link.remove();
  setTimeout(() => URL.revokeObjectURL(link.href), 1000);
}

// Trial sites on the map. A pin stays the same while its trial moves, so that it can be dragged.
function makePins(app) {
  const { map, data, state, say } = app;
  const layer = L.layerGroup().addTo(map);
  const pins = new Map();
  function make(one) {
    const label = say("trial_name", { n: one.name });
    let frame = null;
    return L.marker(one.latlng, { pane: "pins", icon: pin(one.name, app.kinds.get(one.kind).colour, "trial"), draggable: true, autoPan: true, zIndexOffset: 3000 })
      .on("add", (event) => event.target.getElement().setAttribute("aria-label", label))
      .on("drag", (event) => {
        frame = frame || requestAnimationFrame(() => {
          frame = null;
          app.trials.drag(one.name, event.target.getLatLng(), false);
        });
      })
      .on("dragend", (event) => {
        cancelAnimationFrame(frame);
        frame = null;
        app.trials.drag(one.name, event.target.getLatLng(), true);
      })
      .bindTooltip(() => h("div", {}, h("b", {}, label), h("br"), say("trial_drag")), { className: "tip", opacity: 1, direction: "top", offset: [0, -30] });
  }
  return {
    refresh() {
      const shown = data.walk && state.layers.trials ? app.trials.of(state.kind) : [];
      const key = (one) => `${one.kind} ${one.name}`;
      for (const [name, marker] of pins) {
        if (shown.some((one) => key(one) === name)) continue;
        marker.remove();
        pins.delete(name);
      }
      for (const one of shown) {
        if (!pins.has(key(one))) pins.set(key(one), make(one).addTo(layer));
        if (!app.trials.dragged()) pins.get(key(one)).setLatLng(one.latlng);
      }
    },
  };
}

function trialSection(ui) {
  const { app } = ui;
  const { data, state, say, trials, map } = app;
  const kind = app.kinds.get(state.kind);
  if (!kind || !data.walk) return null;
  const own = trials.of(state.kind);
  const gains = own.length ? triedSides(app).map((side) => inState(app, side, () => ({ side, gains: trials.added(state.kind), group: app.head().group }))) : [];
  const button = (id, text, onclick, more = {}) => h("button", { type: "button", id, onclick, ...more }, text);
  const rows = own.map((one, n) => h("li", {},
    h("button", { type: "button", class: "go", onclick: () => map.setView(one.latlng, Math.max(map.getZoom(), 14.5)) },
      h("b", { class: "n" }, one.name), h("span", {}, one.community === null ? say("trial_name", { n: one.name }) : data.communities.name[one.community] || say("unnamed")),
      h("em", {}, gains.map(({ side, gains: added, group }) => h("span", {}, gains.length > 1 && h("small", {}, sideName(app, withTrials(side, false))), `+${app.count(Math.round(added[n][group]))}`)))),
    h("button", { type: "button", class: "drop", "aria-label": say("trial_remove", { n: one.name }), title: say("trial_remove", { n: one.name }), onclick: () => trials.remove(one) }, "×")));
  return h("section", { class: "trials" }, h("h2", {}, say("whatif")),
    h("p", { class: "note" }, say("whatif_note", { kind: kind.name, ...cutoffWords(app) })),
    h("p", { class: "tools" },
      button("trial-place", say(state.placing ? "whatif_stop" : "whatif_place"), () => { state.placing = !state.placing; app.refresh(); }, { "aria-pressed": String(Boolean(state.placing)), class: state.placing ? "on" : null }),
      button("trial-centre", say("whatif_centre"), () => trials.add(map.getCenter()))),
    h("p", { class: "warn", role: "status" }, trials.message()),
    own.length > 0 && h("ol", {}, rows),
    own.length > 0 && h("div", { "aria-live": "polite" }, gains.map((one) => trialSums(app, one, gains.length > 1))),
    (trials.all().length > 0 || trials.undoable()) && h("p", { class: "tools" },
      button("trial-undo", say("undo"), trials.undo, { disabled: !trials.undoable() }),
      button("trial-clear", say("clear"), trials.clear, { disabled: !trials.all().length }),
      trials.all().length > 0 && button("trial-csv", say("save_csv"), () => save("trial_sites.csv", trials.csv(), "text/csv")),
      trials.all().length > 0 && button("trial-toml", say("save_toml"), () => save("trial_sites.toml", trials.toml(), "application/toml"))));
}

// The sides shown that trial sites stand on; the one looked at, if they stand on none.
function triedSides(app) {
  const shown = onSides(app, () => isTrial(app.state.when)).filter(([, tried]) => tried).map(([side]) => side);
  return shown.length ? [...new Set(shown)] : [withTrials(sideOf(app.state), true)];
}

// What the trials add up to on one side.
function trialSums(app, { side, gains }, named) {
  const { data, say, state } = app;
  const [before, after] = [withTrials(side, false), side].map((one) => inState(app, one, () => app.view()));
  const { cutoff } = inState(app, side, () => app.head());
  const rows = Object.entries(data.groups).map(([group, name]) => h("tr", {}, h("th", { scope: "row" }, name),
    h("td", {}, `+${app.count(Math.round(gains.reduce((sum, gain) => sum + (gain[group] || 0), 0)))}`),
    h("td", {}, app.percent(shareAt(before.people, group, cutoff))),
    h("td", { class: "main" }, app.percent(shareAt(after.people, group, cutoff)))));
  const year = stateOf(side).year;
  const heads = [named ? sideName(app, withTrials(side, false)) : say("group"), say("adds"), year === null ? say("before") : say("year", { n: year }), say("trial")];
  return h("div", {},
    h("table", { class: "groups" }, h("thead", {}, h("tr", {}, heads.map((name) => h("th", { scope: "col" }, name)))), h("tbody", {}, rows)),
    before.counts && after.counts && h("p", { class: "change" }, say("trial_units", { before: before.counts[2], after: after.counts[2], all: after.counts[0] })));
}
