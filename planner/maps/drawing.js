// What Leaflet draws of a state: shaded communities, circles, facilities, sites, names.

function makeDrawing(app) {
  const { map, data, state, unpack } = app;
  const panes = makePanes(map);
  makeHatches(map, panes.communities);
  const corner = unpack.point([0, 0]);
  const far = unpack.point(data.size);
  const bounds = [corner, far];
  if (data.tiles === "none") makeBackdrop(data.backdrop, data.looks, unpack, panes).addTo(map);
  const roads = makeRoads(data.streets, unpack, panes.roads);
  map.on("zoomend", () => roads.scale(map.getZoom()));

  const places = data.communities;
  const communities = places.shape.map((shape, i) => {
    const polygon = L.polygon(unpack.shape(shape), { renderer: panes.communities, smoothFactor: 0.5 });
    polygon.number = i;
    return polygon;
  });
  const tipped = L.featureGroup(communities)
    .bindTooltip((layer) => communityTip(app, layer.number), { sticky: true, className: "tip", opacity: 1 })
    .bindPopup((layer) => communityCard(app, layer.number), { maxWidth: 430, minWidth: 280 })
    .addTo(map);
  map.on("popupopen", () => tipped.closeTooltip());
  L.layerGroup([
    L.polyline(unpack.lines(data.towns.border), { renderer: panes.borders, interactive: false, color: "#4d4650", weight: 1.3, opacity: 0.75, dashArray: "7 3 1.5 3" }),
    L.polyline(unpack.lines(data.towns.outline), { renderer: panes.borders, interactive: false, color: "#3d3740", weight: 1.8, opacity: 0.85 }),
  ]).addTo(map);

  const largest = Math.max(1, ...data.facilities.capacity.filter((value) => value !== null));
  const facilities = data.facilities.at.map((at, i) => {
    const kind = app.kinds.get(data.facilities.kind[i]);
    const colour = kind ? kind.colour : "#777777";
    const circle = L.circleMarker(unpack.point(at), {
      renderer: panes.facilities, radius: 4, fillOpacity: 1, opacity: 1,
    });
    circle.look = (operating) => ({ color: operating ? "#ffffff" : colour, weight: operating ? 1.2 : 2.4, fillColor: operating ? colour : "#ffffff" });
    circle.number = i;
    circle.size = data.facilities.capacity[i] === null ? 0.35 : Math.sqrt(data.facilities.capacity[i] / largest);
    circle.bindTooltip(() => facilityTip(app, i), { className: "tip", opacity: 1, direction: "top" });
    circle.bindPopup(() => facilityCard(app, i), { maxWidth: 340 });
    circle.on("popupopen", () => only(i)).on("popupclose", () => only(null));
    return circle;
  });
  const links = makeLinks(app, panes.links);
  const reach = makeReach(app, panes);
  // The facility whose card is open shows whom it serves and how far it reaches.
  const only = (i) => {
    links.only(i);
    state.reach = i;
    reach.refresh();
  };
  const shown = {
    bands: L.layerGroup().addTo(map), rings: L.layerGroup().addTo(map), facilities: L.layerGroup().addTo(map),
    candidates: L.layerGroup(), sites: L.layerGroup().addTo(map),
  };
  const candidates = [], sites = [];
  for (const [i, at] of data.candidates.at.entries()) {
    candidates[i] = L.circleMarker(unpack.point(at), {
      renderer: panes.candidates, radius: 2.6, weight: 1, color: "#3b3b3b", fillColor: "#ffffff", fillOpacity: 0.9,
    }).bindPopup(() => candidateCard(app, i)).addTo(shown.candidates);
  }
  const labels = new Labels(map, "names");
  const homes = makeHomes(app, panes.homes);
  const cache = new Map();
  const circlesOf = (kind) => {
    if (!cache.has(kind)) cache.set(kind, (data.rings[kind] || []).map(([minutes, shape]) => [minutes, unpack.shape(shape)]));
    return cache.get(kind);
  };
  const toggle = (layer, on) => (on ? layer.addTo(map) : layer.remove());
  const resize = () => {
    const factor = Math.max(0.7, Math.min(1.8, Math.pow(2, (map.getZoom() - 13) / 3)));
    for (const circle of facilities) {
      const own = data.facilities.kind[circle.number] === state.kind;
      circle.setRadius((own ? 3 + 5.5 * circle.size : 2.2) * factor);
    }
    const weight = Math.max(0.9, Math.min(2, 1.1 + (map.getZoom() - 11.5) * 0.35));
    shown.rings.eachLayer((ring) => ring.setStyle({ weight: weight * ring.options.breadth }));
  };
  map.on("zoomend", resize);

  function paint() {
    const view = app.view();
    const worst = new Set(state.layers.gaps && view ? view.gaps.slice(0, WORST).map(([i]) => i) : []);
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
        shown.bands.addLayer(L.polygon(shape, { renderer: panes.bands, interactive: false, stroke: true, weight: 0.8, color: colour, opacity: 0.7, fillColor: colour, fillOpacity: 0.24 }));
      }
    }
    if (!state.layers.rings) return;
    const outline = (shape, extra) => {
      const look = { renderer: panes.rings, interactive: false, fill: false };
      shown.rings.addLayer(L.polygon(shape, { ...look, color: "#ffffff", opacity: 0.5, breadth: 2 }));
      shown.rings.addLayer(L.polygon(shape, { ...look, color: colour, opacity: 1, breadth: 1, ...extra }));
    };
    const [, last] = rings.find(([minutes]) => minutes === data.head.cutoff) || rings[rings.length - 1] || [];
    if (last && state.shade !== "walk") outline(last, {});
    if (answer && state.layers.sites && state.when !== "trial") {
      for (const [, shape] of answer.rings) outline(unpack.shape(shape), { dashArray: "5 4" });
    }
    resize();
  }

  function points() {
    shown.facilities.clearLayers();
    for (const circle of facilities) {
      const own = data.facilities.kind[circle.number] === state.kind;
      const operating = app.operates(circle.number);
      if (own ? !state.layers.facilities : !state.layers.others) continue;
      if (state.year !== null && !operating) continue;
      circle.setStyle({ ...circle.look(operating), fillOpacity: own ? 1 : 0.75, opacity: own ? 1 : 0.6 });
      shown.facilities.addLayer(circle);
      if (own) circle.bringToFront();
    }
    resize();
    toggle(shown.candidates, state.layers.candidates);
    links.show(state.layers.links);
    shown.sites.clearLayers();
    sites.length = 0;
    const answer = app.answer();
    if (!answer || !state.layers.sites || state.when === "trial") return;
    answer.at.forEach((at, i) => {
      if (!at) return;
      const label = app.say("site", { n: answer.rank[i] });
      sites[i] = L.marker(unpack.point(at), { pane: "sites", icon: pin(answer.rank[i], app.kinds.get(state.kind).colour), zIndexOffset: 1000 - i })
        .on("add", (event) => event.target.getElement().setAttribute("aria-label", label))
        .bindTooltip(() => siteTip(app, i), { className: "tip", opacity: 1, direction: "top", offset: [0, -30] })
        .bindPopup(() => siteCard(app, i), { minWidth: 220 })
        .addTo(shown.sites);
    });
  }

  // A part is drawn again only when what it shows has changed: a trial site must answer at once.
  const drawn = {};
  const changed = (part, work, ...inputs) => {
    const key = JSON.stringify(inputs);
    if (drawn[part] === key) return;
    drawn[part] = key;
    work();
  };
  const swipe = makeSwipe(app, panes, communities);
  app.swipe = swipe;
  const names = placeLabels(app, communities);
  return {
    bounds, communities, facilities, candidates, sites, renderers: panes,
    refresh() {
      const { kind, shade, when, year, answer, layers } = state;
      const trial = when === "trial";
      const trials = app.trials.all().map((one) => one.key);
      paint();
      changed("circles", circles, kind, shade, trial, year, answer, layers);
      changed("points", points, kind, trial, year, answer, layers);
      changed("homes", () => homes.show(layers.homes), kind, when, year, trials, layers.homes);
      changed("swipe", swipe.refresh, kind, shade, when, year, trials, state.swipe);
      changed("reach", () => reach.refresh(), kind, trial, year, trials, state.reach, layers);
      map.getContainer().classList.toggle("placing", state.placing);
      changed("roads", () => {
        toggle(roads.group, layers.streets);
        roads.scale(map.getZoom());
      }, layers.streets);
      labels.on = layers.labels;
      const sites = layers.sites && !trial && app.answer() ? app.answer().at.map(unpack.point).filter(Boolean) : [];
      labels.avoid = [...sites, ...app.trials.of(kind).map((one) => one.latlng)];
      labels.use([gapLabels(app), ...names]);
    },
  };
}
