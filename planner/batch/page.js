// The map of a batch: districts shaded by a kind's share; communities once one zooms in.
(() => {
  const told = JSON.parse(document.getElementById("batch-data").textContent);
  const { words, bounds, colours } = told;
  const NEAR_PX = 240; // a district that is drawn as large as this shows its communities
  const TINY_PX = 9; // as small as this it is a dot
  const number = new Intl.NumberFormat(told.language, { maximumFractionDigits: 0 });
  const percent = (share) => (share === null || share === undefined ? "–" : `${(share * 100).toFixed(1)}%`);
  const colour = (share) => {
    if (share === null || share === undefined) return "#e9e9e9";
    const at = bounds.findIndex((bound) => share < bound);
    return colours[at < 0 ? colours.length - 1 : at];
  };
  const make = (name, props = {}, ...inner) => {
    const made = Object.assign(document.createElement(name), props);
    made.append(...inner);
    return made;
  };
  const decoded = (rings) =>
    rings.map((steps) => {
      let [x, y] = [0, 0];
      const points = [];
      for (let i = 0; i < steps.length; i += 2) {
        x += steps[i];
        y += steps[i + 1];
        points.push([y / 1e5, x / 1e5]);
      }
      return [points];
    });

  const map = L.map("map", { preferCanvas: true, zoomSnap: 0.25, attributionControl: false });
  const state = { kind: Object.keys(told.kinds)[0], chosen: null };
  const known = told.districts.filter((one) => one.figures);
  const lost = told.districts.filter((one) => !one.figures);
  const figure = (one) => one.figures[state.kind];
  const limit = (own) =>
    words.limit.replace("{group}", own.group).replace("{way}", own.way).replace("{minutes}", own.cutoff_min);
  const style = (one) => ({
    color: one === state.chosen ? "#20242b" : "#6d7280",
    weight: one === state.chosen ? 2.5 : 1,
    fillColor: colour(figure(one)?.share),
    fillOpacity: one.layer && map.hasLayer(one.layer) ? 0 : 0.9,
  });

  const card = (one) => {
    const own = figure(one);
    const box = make("div", {}, make("h2", { textContent: one.name }));
    if (one.synthetic) box.append(make("p", { className: "mark", textContent: words.synthetic }));
    if (own) {
      const rows = [
        [words.share, percent(own.share)],
        [words.after, own.share_after === own.share ? null : percent(own.share_after)],
        [words.covered, number.format(own.covered)],
        [words.people, number.format(own.people)],
        [words.facilities, number.format(own.facilities)],
        [words.communities, number.format(own.communities)],
      ].filter(([, value]) => value !== null);
      const table = make("table");
      for (const [name, value] of rows) {
        table.append(make("tr", {}, make("td", { textContent: name }), make("td", { textContent: value })));
      }
      box.append(make("div", { textContent: `${told.kinds[state.kind]} · ${limit(own)}` }), table);
    } else box.append(make("p", { textContent: words.no_figures }));
    if (one.sites) {
      const table = make("table");
      for (const [name, value] of [[words.new_sites, one.sites.length], [words.newly, one.newly]]) {
        const cells = [name, number.format(value)].map((textContent) => make("td", { textContent }));
        table.append(make("tr", {}, ...cells));
      }
      box.append(table);
    }
    for (const line of one.caveats ? one.caveats.split("\n") : []) {
      box.append(make("p", { className: "mark", textContent: line }));
    }
    if (one.map) box.append(make("a", { href: one.map, textContent: words.open_map }));
    if (one.report) box.append(make("a", { href: one.report, textContent: words.open_report }));
    return box;
  };

  for (const one of known) {
    one.shape = L.polygon(decoded(one.rings), style(one));
    one.shape.bindTooltip(() => `${one.name} ${percent(figure(one)?.share)}`.trim(), { sticky: true });
    one.shape.on("click", () => choose(one)).addTo(map);
    one.dot = L.circleMarker(one.shape.getBounds().getCenter(), { radius: 5 }); // where it is tiny
    one.dot.bindTooltip(one.shape.getTooltip().getContent()).on("click", () => choose(one));
  }

  const dots = []; // the new sites of a plan over all districts
  for (const one of known) {
    for (const [name, lat, lon, added] of one.sites ?? []) {
      const dot = L.circleMarker([lat, lon], { radius: 4, weight: 1.5, color: "#20242b", fillColor: "#ffffff", fillOpacity: 1, pane: "markerPane" });
      const said = words.added.replace("{name}", name).replace("{n}", number.format(added));
      dots.push(dot.bindTooltip(`${one.name} · ${said}`).on("click", () => choose(one)).addTo(map));
    }
  }

  const draw = () => {
    for (const one of known) {
      one.shape.setStyle(style(one));
      one.dot.setStyle({ ...style(one), fillOpacity: 0.9 });
      one.layer?.eachLayer((layer) => layer.setStyle({ fillColor: colour(layer.shares[state.kind]) }));
    }
    panel();
  };

  // Scripts in the districts' folders call this: a page from disk may read nothing else.
  window.planBatch = {
    add(name, kinds, rows) {
      const one = known.find((other) => other.name === name);
      one.layer = L.layerGroup(
        rows.map(([label, rings, shares]) => {
          const layer = L.polygon(decoded(rings), { color: "#8b8fa0", weight: 0.6, fillOpacity: 0.9 });
          layer.shares = Object.fromEntries(kinds.map((kind, i) => [kind, shares[i]]));
          layer.setStyle({ fillColor: colour(layer.shares[state.kind]) });
          layer.bindTooltip(() => `${label} ${percent(layer.shares[state.kind])}`, { sticky: true });
          return layer.on("click", () => choose(one, false));
        }),
      );
      look();
    },
  };

  const look = () => {
    const view = map.getBounds();
    for (const one of known) {
      const box = one.shape.getBounds();
      const [a, b] = [map.latLngToContainerPoint(box.getSouthWest()), map.latLngToContainerPoint(box.getNorthEast())];
      const size = Math.max(b.x - a.x, a.y - b.y);
      const near = view.intersects(box) && size > NEAR_PX;
      if (size < TINY_PX) one.dot.addTo(map);
      else one.dot.remove();
      if (near && !one.asked) {
        one.asked = true;
        document.head.append(make("script", { src: one.detail }));
      }
      if (!one.layer || near === map.hasLayer(one.layer)) continue;
      if (near) one.layer.addTo(map);
      else one.layer.remove();
      one.shape.setStyle(style(one)).bringToBack();
    }
    document.body.dataset.drawn = known.filter((one) => one.layer && map.hasLayer(one.layer)).length;
  };

  const choose = (one, move = true) => {
    state.chosen = one;
    const box = one.shape.getBounds();
    if (move) map.fitBounds(box, { padding: [30, 30] });
    L.popup({ maxWidth: 320 }).setLatLng(box.getCenter()).setContent(card(one)).openOn(map);
    draw();
  };

  const list = make("ul", { className: "list" });
  const whole = make("div", { className: "whole" });
  const find = make("input", { type: "search" });
  const panel = () => {
    const all = told.whole[state.kind];
    whole.replaceChildren();
    if (all) whole.append(make("b", { textContent: percent(all.share) }), limit(all));
    const wanted = find.value.trim().toLowerCase();
    const rank = (one) => figure(one)?.share ?? 2;
    const rows = known.filter((one) => one.name.toLowerCase().includes(wanted)).sort((a, b) => rank(a) - rank(b));
    list.replaceChildren(
      ...rows.map((one) => {
        const swatch = make("i");
        swatch.style.background = colour(figure(one)?.share);
        const button = make("button", { type: "button" }, swatch, make("span", { textContent: one.name }), make("em", { textContent: percent(figure(one)?.share) }));
        button.setAttribute("aria-current", String(one === state.chosen));
        button.onclick = () => choose(one);
        return make("li", {}, button);
      }),
      ...lost.map((one) => {
        const why = make("small", { textContent: one.problems.join(" ") });
        const name = make("span", { textContent: `${one.name} · ${words.failed}` }, why);
        return make("li", {}, make("button", { type: "button", disabled: true }, make("i"), name));
      }),
    );
  };

  const kinds = make("select", {}, ...Object.entries(told.kinds).map(([value, textContent]) => make("option", { value, textContent })));
  kinds.onchange = () => {
    state.kind = kinds.value;
    map.closePopup();
    draw();
  };
  find.oninput = panel;
  const home = () => map.fitBounds(L.featureGroup(known.map((one) => one.shape)).getBounds(), { padding: [24, 24] });
  document.getElementById("panel").append(make("label", { textContent: words.kind }, kinds), whole, make("label", { textContent: words.find }, find), list);

  const legend = L.control({ position: "bottomright" });
  legend.onAdd = () => {
    const box = make("div", { className: "legend" }, make("div", { textContent: words.legend }));
    const ends = [0, ...bounds, 1].map((bound) => Math.round(bound * 100));
    colours.forEach((fill, i) => {
      const swatch = make("i");
      swatch.style.background = fill;
      box.append(make("div", {}, swatch, `${ends[i]}–${ends[i + 1]}%`));
    });
    if (dots.length) box.append(make("div", {}, make("i", { className: "dot" }), words.new_site));
    box.append(make("div", { textContent: words.zoom }));
    return box;
  };
  legend.addTo(map);
  map.on("popupclose", () => {
    state.chosen = null;
    draw();
  });
  map.on("moveend", look);
  if (known.length) home();
  else map.setView([30, 110], 4);
  draw();
  look();
})();
