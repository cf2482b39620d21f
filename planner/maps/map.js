// The map: what is shown follows one state; every change of it goes through `refresh`.

const WORST = 8;
const AWAIT_MS = 500; // from the map drawn to its streets unpacked

function drawPlan(map, data) {
  const locale = data.lang === "zh" ? "zh-CN" : "en";
  document.documentElement.lang = locale;
  const fill = (template, values) => template.replace(/\{(\w+)\}/g, (all, name) => (values && name in values ? values[name] : all));
  const numbers = makeNumbers(locale);
  const app = {
    map, data,
    say: (key, values) => fill(data.texts[key], values),
    count: (value) => (value === null || value === undefined ? data.texts.none : numbers.count(value)),
    number: (value) => (value === null || value === undefined ? data.texts.none : numbers.number(value)),
    percent: (value, digits = 1) => (value === null || value === undefined ? data.texts.none : numbers.percent(value, digits)),
    signed: numbers.signed,
    points: (was, now) => (was === null || now === null ? data.texts.none : numbers.points(100 * (now - was))),
    kinds: new Map(data.kinds.map((kind) => [kind.id, kind])),
    unpack: unpacker(data.origin),
    state: {
      kind: null, shade: data.shade, scheme: null, when: "before", answer: 0, year: null, placing: false, reach: null, swipe: false, left: "before",
      layers: data.layers,
    },
  };
  const { state } = app;
  state.kind = app.kinds.has(data.first) ? data.first : data.kinds.length ? data.kinds[0].id : null;
  // The terms of the state shown, which facilities there are in it, and which of them operate.
  app.head = () => app.views.terms();
  app.stands = (i) => (isOther(state.when) ? data.other.standing : data.facilities.operating)[i] !== null;
  app.operates = (i, when = state.when) => (isOther(when) ? Boolean(data.other.standing[i]) : operates(data.facilities, i, state.year));
  app.views = makeViews(app);
  app.view = app.views.view;
  app.trials = makeTrials(app);
  app.answers = () => (isOther(state.when) ? data.other : data).answers.filter((answer) => answer.kind === state.kind);
  app.answer = () => app.answers()[state.answer] || app.answers()[0] || null;
  app.indicators = makeIndicators(app);
  app.following = makeFollowing(app);
  if (!app.indicators.find() && shaded(state)) state.shade = "share";

  const drawing = makeDrawing(app);
  app.drawing = drawing;
  const panel = makePanel(app, () => refresh());
  const tell = easeAccess(app);
  function refresh() {
    drawing.refresh();
    panel.refresh();
    tell();
  }
  app.refresh = refresh;
  app.whole = () => map.fitBounds(drawing.bounds, { padding: [14, 14], animate: false });
  app.chooseKind = (kind) => {
    if (kind === state.kind) return;
    panel.set("kind", kind);
    refresh();
  };
  app.show = (i) => {
    map.closePopup();
    map.fitBounds(drawing.communities[i].getBounds(), { padding: [60, 60], maxZoom: 15.5, animate: false });
    const latlng = L.latLng(app.unpack.point(data.communities.label[i]) || drawing.communities[i].getBounds().getCenter());
    drawing.communities[i].fire("click", { latlng }, true);
  };

  // Zooms to a place by its sort and number, shows its layer and opens its card.
  app.open = (sort, i, answer) => {
    if (sort === "communities") {
      app.show(i);
      return;
    }
    if (sort === "sites") {
      panel.set("kind", answer.kind);
      state.answer = app.answers().indexOf(answer);
      state.when = isTrial(state.when) ? (isOther(state.when) ? "other_after" : "after") : state.when;
      state.layers.sites = true;
    } else if (sort === "candidates") state.layers.candidates = true;
    else {
      state.layers[data.facilities.kind[i] === state.kind || app.kinds.has(data.facilities.kind[i]) ? "facilities" : "others"] = true;
      if (app.kinds.has(data.facilities.kind[i])) panel.set("kind", data.facilities.kind[i]);
      if (!app.operates(i)) state.year = null;
      if (!app.stands(i)) state.when = isOther(state.when) ? "before" : "other";
    }
    refresh();
    const marker = drawing[sort][i];
    map.setView(marker.getLatLng(), Math.max(map.getZoom(), 15), { animate: false });
    marker.openPopup();
  };

  const within = L.latLngBounds(drawing.bounds).pad(0.6);
  map.setMaxBounds(within);
  L.control.zoom({ position: "topright", zoomInTitle: app.say("zoom_in"), zoomOutTitle: app.say("zoom_out") }).addTo(map);
  L.control.scale({ imperial: false, maxWidth: 140, position: "bottomleft" }).addTo(map);
  const credit = L.control.attribution({ prefix: false, position: "bottomright" }).addTo(map);
  const safe = document.createElement("i");
  for (const line of data.head.attribution) {
    safe.textContent = line;
    credit.addAttribution(safe.innerHTML);
  }
  addNorth(app);
  watchTiles(app);
  map.on("click", (event) => state.placing && app.trials.add(event.latlng));
  if (data.other && states(app).includes("other")) Object.assign(state, { swipe: true, when: "other" });
  refresh();
  app.whole();
  map.setMinZoom(Math.floor(map.getZoom()) - 1);
  preparePrint(app, drawing.renderers);
  requestAnimationFrame(() => requestAnimationFrame(() => {
    document.body.dataset.drawn = Math.round(performance.now());
    setTimeout(app.views.ground, AWAIT_MS); // so that the first click need not wait for it
  }));
  window.plan = app;
  return app;
}

// Numbers as the language writes them. To make a format costs a hundred times what using it does.
function makeNumbers(locale) {
  const plain = new Intl.NumberFormat(locale, { maximumFractionDigits: 1 });
  const signs = new Intl.NumberFormat(locale, { maximumFractionDigits: 1, signDisplay: "exceptZero" });
  const points = new Intl.NumberFormat(locale, { minimumFractionDigits: 1, maximumFractionDigits: 1, signDisplay: "exceptZero" });
  const fine = new Intl.NumberFormat(locale, { maximumFractionDigits: 3 });
  const percents = new Map();
  return {
    count: (value) => plain.format(value),
    number: (value) => fine.format(value),
    signed: (value) => signs.format(value).replace("-", "−"),
    points: (value) => points.format(value).replace("-", "−"),
    percent(value, digits) {
      if (!percents.has(digits)) percents.set(digits, new Intl.NumberFormat(locale, { style: "percent", minimumFractionDigits: digits, maximumFractionDigits: digits }));
      return percents.get(digits).format(value);
    },
  };
}

// Which facilities operate: those of the plan, or by their years as the plan reads them.
function operates(facilities, i, year) {
  if (year === null || facilities.operating[i] === null) return Boolean(facilities.operating[i]);
  const { state, opened, closed } = facilities;
  if (closed[i] !== null && closed[i] <= year) return false;
  const begun = opened[i] !== null && opened[i] <= year;
  if (state[i] === "existing" || (state[i] === "closed" && closed[i] !== null)) return begun || opened[i] === null;
  return begun && (state[i] === "under_construction" || state[i] === "proposed");
}

function addNorth(app) {
  const north = L.control({ position: "topright" });
  north.onAdd = () => h("div", { class: "north", "aria-hidden": "true" }, h("b", {}, "▲"), app.say("north"));
  north.addTo(app.map);
}

// Where the basemap's service cannot be reached, the reader is told; all else is in the page.
function watchTiles({ map, say }) {
  const notice = h("p", { class: "notice tiles", role: "status" });
  let missing = 0, loaded = 0;
  map.eachLayer((layer) => layer instanceof L.TileLayer && layer.on("tileerror tileload", (event) => {
    if (event.type === "tileerror") missing += 1;
    else loaded += 1;
    notice.textContent = missing > loaded ? say("tiles_missing") : "";
  }));
  map.getContainer().querySelector(".notices").append(notice);
}
