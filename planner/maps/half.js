// What follows the state shown: shaded communities, circles, facilities, sites. The map is one such
// half, or two with a divider between them, each in panes of its own and in a state of its own.

// renderers: those of the half's panes; within(work): does some work in the state of the half.
function makeHalf(app, renderers, sitesPane, within = (work) => work()) {
  const { map, data, state, unpack } = app;
  const communities = data.communities.shape.map((shape, i) => {
    const polygon = L.polygon(unpack.shape(shape), { renderer: renderers.communities, smoothFactor: 0.5 });
    polygon.number = i;
    return polygon;
  });
  const tipped = L.featureGroup(communities)
    .bindTooltip((layer) => within(() => communityTip(app, layer.number)), { sticky: true, className: "tip", opacity: 1 })
    .bindPopup((layer) => within(() => communityCard(app, layer.number)), { maxWidth: 430, minWidth: 280 });
  map.on("popupopen", () => tipped.closeTooltip());

  const largest = Math.max(1, ...data.facilities.capacity.filter((value) => value !== null));
  const facilities = data.facilities.at.map((at, i) => {
    const kind = app.kinds.get(data.facilities.kind[i]);
    const colour = kind ? kind.colour : "#777777";
    const circle = L.circleMarker(unpack.point(at), {
      renderer: renderers.facilities, radius: 4, fillOpacity: 1, opacity: 1,
    });
    circle.look = (operating) => ({ color: operating ? "#ffffff" : colour, weight: operating ? 1.2 : 2.4, fillColor: operating ? colour : "#ffffff" });
    circle.number = i;
    circle.size = data.facilities.capacity[i] === null ? 0.35 : Math.sqrt(data.facilities.capacity[i] / largest);
    circle.bindTooltip(() => facilityTip(app, i), { className: "tip", opacity: 1, direction: "top" });
    circle.bindPopup(() => facilityCard(app, i), { maxWidth: 340 });
    circle.on("popupopen", () => app.only(i)).on("popupclose", () => app.only(null));
    return circle;
  });
  const shown = { communities: tipped, bands: L.layerGroup(), rings: L.layerGroup(), facilities: L.layerGroup(), sites: L.layerGroup() };
  const sites = [];
  const cache = new Map();
  const circlesOf = (kind) => {
    const rings = isOther(state.when) ? data.other.rings : data.rings;
    const key = `${kind} ${isOther(state.when)}`;
    if (!cache.has(key)) cache.set(key, (rings[kind] || []).map(([minutes, shape]) => [minutes, unpack.shape(shape)]));
    return cache.get(key);
  };
  const marks = makeShortMarks(app, renderers.facilities);
  const resize = () => {
    const factor = Math.max(0.7, Math.min(1.8, Math.pow(2, (map.getZoom() - 13) / 3)));
    for (const circle of facilities) {
      const own = data.facilities.kind[circle.number] === state.kind;
      circle.setRadius((own ? 3 + 5.5 * circle.size : 2.2) * factor);
    }
    marks.resize((i) => facilities[i].getRadius());
    const weight = Math.max(0.9, Math.min(2, 1.1 + (map.getZoom() - 11.5) * 0.35));
    shown.rings.eachLayer((ring) => ring.setStyle({ weight: weight * ring.options.breadth }));
  };
  map.on("zoomend", resize);

  function paint() {
    const view = app.view();
    const worst = new Set(state.layers.gaps && view && showsGaps(app) ? view.gaps.slice(0, WORST).map(([i]) => i) : []);
    for (const polygon of communities) {
      const look = communityLook(app, polygon.number, worst.has(polygon.number));
      const key = Object.values(look).join();
      if (polygon.key === key) continue;
      polygon.key = key;
      polygon.setStyle(look);
      if (worst.has(polygon.number)) polygon.bringToFront();
    }
  }

  function circles() {
    shown.bands.clearLayers();
    shown.rings.clearLayers();
    if (!state.kind || state.year !== null) return; // the circles are those of the plan's year
    const colour = app.kinds.get(state.kind).colour;
    const answer = app.answer();
    const rings = [...circlesOf(state.kind)];
    if (state.shade === "walk") {
      for (const [, shape] of [...rings].reverse()) {
        shown.bands.addLayer(L.polygon(shape, { renderer: renderers.bands, interactive: false, stroke: true, weight: 0.8, color: colour, opacity: 0.7, fillColor: colour, fillOpacity: 0.24 }));
      }
    }
    if (!state.layers.rings) return;
    const outline = (shape, extra) => {
      const look = { renderer: renderers.rings, interactive: false, fill: false };
      shown.rings.addLayer(L.polygon(shape, { ...look, color: "#ffffff", opacity: 0.5, breadth: 2 }));
      shown.rings.addLayer(L.polygon(shape, { ...look, color: colour, opacity: 1, breadth: 1, ...extra }));
    };
    const [, last] = rings.find(([minutes]) => minutes === app.head().cutoff) || rings[rings.length - 1] || [];
    if (last && state.shade !== "walk") outline(last, {});
    if (answer && showsSites(app)) {
      for (const [, shape] of answer.rings) outline(unpack.shape(shape), { dashArray: "5 4" });
    }
    resize();
  }

  function points() {
    shown.facilities.clearLayers();
    const short = state.layers.over_capacity ? marks.short(state.kind) : new Set();
    for (const circle of facilities) {
      const own = data.facilities.kind[circle.number] === state.kind;
      const operating = app.operates(circle.number);
      if (!app.stands(circle.number) || !(own ? state.layers.facilities : state.layers.others)) continue;
      if (state.year !== null && !operating) continue;
      circle.setStyle({ ...circle.look(operating), fillOpacity: own ? 1 : 0.75, opacity: own ? 1 : 0.6 });
      shown.facilities.addLayer(circle);
      if (own) circle.bringToFront();
      if (short.has(circle.number)) shown.facilities.addLayer(marks.ringOf(circle.number));
    }
    resize();
    shown.sites.clearLayers();
    sites.length = 0;
    const answer = app.answer();
    if (!answer || !showsSites(app)) return;
    answer.at.forEach((at, i) => {
      if (!at) return;
      const label = app.say("site", { n: answer.rank[i] });
      sites[i] = L.marker(unpack.point(at), { pane: sitesPane, icon: pin(answer.rank[i], app.kinds.get(state.kind).colour), zIndexOffset: 1000 - i })
        .on("add", (event) => event.target.getElement().setAttribute("aria-label", label))
        .bindTooltip(() => within(() => siteTip(app, i)), { className: "tip", opacity: 1, direction: "top", offset: [0, -30] })
        .bindPopup(() => within(() => siteCard(app, i)), { minWidth: 220 })
        .addTo(shown.sites);
    });
  }

  const changed = changes();
  return {
    communities, facilities, sites,
    show: (on) => Object.values(shown).forEach((group) => (on ? group.addTo(map) : group.remove())),
    refresh: () => within(() => {
      const { kind, shade, when, year, answer, layers, swipe } = state;
      paint();
      changed("circles", circles, kind, shade, when, year, answer, layers, swipe);
      changed("points", points, kind, when, year, answer, layers, swipe);
    }),
  };
}

// Suggested sites are drawn in every state but that with trial sites. Beside another half, those that
// are no part of its state would only mislead.
function showsSites({ state }) {
  return state.layers.sites && state.when !== "trial" && (!state.swipe || state.when === "after" || state.when === "other_after");
}

// A part is drawn again only when what it shows has changed: a trial site must answer at once.
function changes() {
  const drawn = {};
  return (part, work, ...inputs) => {
    const key = JSON.stringify(inputs);
    if (drawn[part] === key) return;
    drawn[part] = key;
    work();
  };
}
