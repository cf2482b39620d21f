// The map as a whole: the ground, one half or two of what follows the state, links, homes, names.

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

  const half = makeHalf(app, panes, "sites");
  half.show(true);
  L.layerGroup([
    L.polyline(unpack.lines(data.towns.border), { renderer: panes.borders, interactive: false, color: "#4d4650", weight: 1.3, opacity: 0.75, dashArray: "7 3 1.5 3" }),
    L.polyline(unpack.lines(data.towns.outline), { renderer: panes.borders, interactive: false, color: "#3d3740", weight: 1.8, opacity: 0.85 }),
  ]).addTo(map);

  const links = makeLinks(app, panes.links);
  const reach = makeReach(app, panes);
  // The facility whose card is open shows whom it serves and how far it reaches.
  app.only = (i) => {
    links.only(i);
    state.reach = i;
    reach.refresh();
  };
  const spare = L.layerGroup();
  const candidates = [];
  for (const [i, at] of data.candidates.at.entries()) {
    candidates[i] = L.circleMarker(unpack.point(at), {
      renderer: panes.candidates, radius: 2.6, weight: 1, color: "#3b3b3b", fillColor: "#ffffff", fillOpacity: 0.9,
    }).bindPopup(() => candidateCard(app, i)).addTo(spare);
  }
  const labels = new Labels(map, "names");
  const homes = makeHomes(app, panes.homes);
  const toggle = (layer, on) => (on ? layer.addTo(map) : layer.remove());
  const changed = changes();
  const swipe = makeSwipe(app, panes);
  app.swipe = swipe;
  const names = placeLabels(app, half.communities);
  return {
    bounds, candidates, communities: half.communities, facilities: half.facilities, sites: half.sites, renderers: panes,
    refresh() {
      const { kind, when, year, layers } = state;
      const trials = app.trials.all().map((one) => one.key);
      half.refresh();
      changed("candidates", () => toggle(spare, layers.candidates), layers.candidates);
      changed("links", () => links.show(layers.links), kind, layers.links);
      changed("homes", () => homes.show(layers.homes), kind, when, year, trials, layers.homes);
      changed("swipe", swipe.refresh, state, trials);
      changed("reach", () => reach.refresh(), kind, when, year, trials, state.reach, layers);
      map.getContainer().classList.toggle("placing", state.placing);
      changed("roads", () => {
        toggle(roads.group, layers.streets);
        roads.scale(map.getZoom());
      }, layers.streets);
      labels.on = layers.labels;
      const sites = showsSites(app) && app.answer() ? app.answer().at.map(unpack.point).filter(Boolean) : [];
      labels.avoid = [...sites, ...app.trials.of(kind).map((one) => one.latlng)];
      labels.use([state.swipe ? [] : gapLabels(app), ...names]);
    },
  };
}
