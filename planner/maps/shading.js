// How a community is shaded: the classes of what is shown, and the look of one place.

function communityLook(app, i, worst, when = app.state.when) {
  const { data, state } = app;
  const bare = data.tiles === "none"; // no basemap below that should show through
  const edge = { stroke: true, color: "#6f675e", weight: 0.6, opacity: 0.5, dashArray: null };
  if (!data.communities.inside[i]) return { ...edge, fillColor: "url(#hatch-out)", dashArray: "3 3", color: "#8d877e", fillOpacity: bare ? 0.8 : 0.5, opacity: 0.9 };
  if (!state.kind || state.shade === "walk") return { ...edge, fillColor: "#f7f4ec", fillOpacity: bare ? 0.9 : 0.2 };
  const value = app.valueOf(i, when);
  const empty = app.view(state.kind, when).share[i] === null;
  const strong = worst ? { color: "#31102a", weight: 2.6, opacity: 1 } : {};
  const fillOpacity = bare ? 0.92 : 0.6;
  if (empty) return { ...edge, fillColor: "url(#hatch-empty)", fillOpacity };
  return { ...edge, ...strong, fillColor: classOf(app, value).colour, fillOpacity };
}

// The classes of the shading shown, best first, and the one a value falls in.
function classes(app) {
  const { bounds, colours } = app.data.looks.shares;
  if (app.state.shade === "minutes") {
    const limits = app.data.head.limits.map(([minutes]) => minutes);
    const step = (colours.length - 1) / Math.max(1, limits.length);
    return [...limits, Infinity].map((upto, i) => ({
      holds: (value) => value !== null && value <= upto + 1e-9,
      text: app.say(upto === Infinity ? "beyond" : "up_to", { n: upto === Infinity ? limits[limits.length - 1] : upto }),
      colour: colours[Math.round(colours.length - 1 - i * step)],
    }));
  }
  const edges = [0, ...bounds, 1];
  return colours.map((colour, i) => ({
    holds: (value) => value !== null && value >= edges[i] - 1e-9,
    text: i === colours.length - 1 ? `≥ ${app.percent(edges[i], 0)}` : i === 0 ? `< ${app.percent(edges[1], 0)}` : `${app.percent(edges[i], 0)} – ${app.percent(edges[i + 1], 0)}`,
    colour,
  })).reverse();
}

function classOf(app, value) {
  const found = classes(app);
  return found.find((one) => one.holds(value)) || found[found.length - 1];
}
