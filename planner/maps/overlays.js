// What lies over the communities: links, homes and names; and what is swapped for paper.

function makeLinks(app, renderer) {
  const { data, unpack, map, state } = app;
  const layer = L.layerGroup().addTo(map);
  let all = false, one = null;
  const draw = () => {
    layer.clearLayers();
    const chosen = data.links.filter(([facility]) => facility === one || (all && data.facilities.kind[facility] === state.kind));
    const lines = chosen.map(([facility, community]) => [unpack.point(data.facilities.at[facility]), unpack.point(data.communities.label[community])])
      .filter(([from, to]) => from && to);
    const kind = app.kinds.get(one === null ? state.kind : data.facilities.kind[one]);
    if (lines.length) layer.addLayer(L.polyline(lines, { renderer, interactive: false, color: kind.colour, weight: 1.3, opacity: 0.85, smoothFactor: 0 }));
  };
  return {
    show(on) { all = on; draw(); },
    only(facility) { one = facility; draw(); },
  };
}

// Where people live: dark beyond the cutoff, white within. Made when first asked for.
function makeHomes(app, renderer) {
  const { data, state, unpack, map } = app;
  const layer = L.layerGroup();
  let dots = null;
  const scale = () => {
    const factor = Math.max(0.5, Math.min(1.8, Math.pow(2, (map.getZoom() - 14) / 2.5)));
    for (const dot of dots) dot.setRadius(dot.size * factor);
  };
  map.on("zoomend", () => map.hasLayer(layer) && scale());
  const make = () => {
    const most = Math.max(1, ...data.homes.people);
    dots = unpack.run(data.homes.at).map((at, i) => {
      const dot = L.circleMarker(at, { renderer, interactive: false, weight: 0.7 });
      dot.size = 1.4 + 3 * Math.sqrt((data.homes.people[i] || 0) / most);
      if (data.homes.people[i]) layer.addLayer(dot);
      return dot;
    });
  };
  return {
    show(on) {
      if (!on || !data.homes || !state.kind) {
        layer.remove();
        return;
      }
      if (!dots) make();
      const { homes } = app.view();
      const digits = homes ? null : data.homes[state.when][state.kind];
      const last = data.head.limits.findIndex(([minutes]) => minutes === data.head.cutoff);
      dots.forEach((dot, i) => Object.assign(dot.options, (homes ? homes[i] > data.head.cutoff + SLACK : Number(digits[i]) > last)
        ? { color: "#ffffff", opacity: 0.5, fillColor: "#3f1038", fillOpacity: 1 }
        : { color: "#5f5662", opacity: 0.8, fillColor: "#ffffff", fillOpacity: 1 }));
      scale();
      layer.remove().addTo(map);
    },
  };
}

function gapLabels(app) {
  const { data, state, unpack } = app;
  const gaps = state.kind && state.layers.gaps && state.shade !== "walk" ? app.view().gaps.slice(0, WORST) : [];
  return gaps.map(([i, lacking]) => ({
    at: unpack.point(data.communities.label[i]), text: app.say("gap_label", { n: app.count(Math.round(lacking)) }), css: "gap", size: 11, weight: 600, pad: 14, from: 0, to: 30, always: true,
  }));
}

function placeLabels(app, communities) {
  const { data, unpack } = app;
  const width = (i) => communities[i].getBounds().getEast() - communities[i].getBounds().getWest();
  return [
    data.towns.name.map((text, i) => ({
      at: unpack.point(data.towns.label[i]), text, css: "town", size: 14, weight: 600, track: 2, pad: 10, from: 0, to: 15.2,
    })),
    data.communities.name.map((text, i) => ({
      at: unpack.point(data.communities.label[i]), text: text || "", css: "community", size: 11.5, from: 12.5, to: 30, room: width(i),
    })).filter((item) => item.text),
    data.backdrop.filter(([, , name, at]) => name && at).map(([kind, , text, at]) => ({
      at: unpack.point(at), text, css: `nature ${kind}`, size: 12, from: 12.5, to: 30,
    })),
  ];
}

// On paper the map takes the sheet beside the panel and shows what the screen showed. A canvas prints
// opaque, so that what lies below it is lost: what is drawn on canvas is drawn as SVG meanwhile.
function preparePrint(app, renderers) {
  const { map } = app;
  const swaps = Object.entries(renderers).filter(([, renderer]) => renderer instanceof L.Canvas)
    .map(([pane, canvas]) => ({ canvas, svg: L.svg({ pane, padding: 0.1 }) }));
  const swap = (from, to) => {
    const moved = [];
    map.eachLayer((layer) => {
      const found = layer instanceof L.Path && swaps.find((one) => one[from] === layer.options.renderer);
      if (found) moved.push([layer, found[to]]);
    });
    for (const [layer, renderer] of moved) {
      layer.remove();
      layer.options.renderer = renderer;
      layer.addTo(map);
    }
    for (const one of swaps) one[from].remove();
  };
  let view = null;
  const fit = (onPaper) => {
    document.body.classList.toggle("on-paper", onPaper);
    map.invalidateSize({ animate: false });
    map.fitBounds(view, { animate: false });
  };
  window.addEventListener("beforeprint", () => {
    view = map.getBounds();
    swap("canvas", "svg");
    fit(true);
  });
  window.addEventListener("afterprint", () => {
    fit(false);
    swap("svg", "canvas");
  });
}
