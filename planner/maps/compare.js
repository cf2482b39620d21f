// Two ways to compare: over the years in which facilities open and close, and today beside a state.

// A slider over the years of the facilities. Shares are worked out here for the people of the plan.
function yearSection(ui) {
  const { app } = ui;
  const { data, state, say } = app;
  const span = yearSpan(app);
  if (!span || !state.kind) return null;
  const [first, last] = span;
  const own = data.head.year;
  const shown = state.year === null ? own || last : state.year;
  const of = data.facilities;
  const count = (year) => of.kind.filter((kind, i) => kind === state.kind && operates(of, i, year)).length;
  const most = Math.max(1, count(first), count(last), count(shown));
  const bars = [];
  for (let year = first; year <= last; year++) bars.push(h("i", { class: year === shown ? "now" : null, style: `height:${Math.round((26 * count(year)) / most) + 2}px`, title: `${say("year", { n: year })}: ${say("facilities_n", { n: count(year) })}` }));
  const slide = h("input", {
    id: "year", type: "range", min: first, max: last, step: 1, value: shown, "aria-label": say("years"), "aria-valuetext": say("year", { n: shown }),
    oninput: (event) => {
      const year = Number(event.target.value);
      state.year = year === own ? null : year;
      app.refresh();
    },
  });
  return h("section", { class: "years", style: `--kind:${app.kinds.get(state.kind).colour}` }, h("h2", {}, say("years")),
    h("div", { class: "columns", "aria-hidden": "true" }, bars), slide,
    h("p", { class: "line" }, h("b", {}, say("year", { n: shown })), h("span", {}, say("years_count", { n: count(shown), kind: app.kinds.get(state.kind).name })),
      state.year !== null && h("button", { type: "button", id: "year-own", onclick: () => { state.year = null; app.refresh(); } }, own ? say("years_back", { n: own }) : say("years_back_none"))),
    h("p", { class: "note" }, say(data.walk ? "years_note" : "years_counts_only")));
}

function yearSpan({ data }) {
  const years = [...data.facilities.opened, ...data.facilities.closed].filter((year) => year !== null);
  if (!years.length) return null;
  const all = data.head.year ? [...years, data.head.year] : years;
  const first = Math.min(...all), last = Math.max(...all);
  return first < last ? [Math.max(first, last - 60), last] : null;
}

// Today on the left of a divider, the state chosen on the right. The left side is a second drawing of
// the communities; each side is clipped at the divider.
function makeSwipe(app, panes, communities) {
  const { map, data, state, say } = app;
  const handle = h("div", { class: "swipe", role: "slider", tabindex: "0", "aria-label": say("swipe"), "aria-valuemin": 0, "aria-valuemax": 100 },
    h("b", { class: "left" }), h("i"), h("b", { class: "right" }));
  let share = 0.5, copies = null;
  const left = L.layerGroup();

  function clip() {
    const { x: width, y: height } = map.getSize();
    const corner = map.containerPointToLayerPoint([0, 0]);
    const cut = Math.round(width * share);
    const box = (from, to) => {
      const [x0, x1, y0, y1] = [corner.x + from, corner.x + to, corner.y - 40, corner.y + height + 40];
      return `polygon(${x0}px ${y0}px, ${x1}px ${y0}px, ${x1}px ${y1}px, ${x0}px ${y1}px)`;
    };
    const on = map.hasLayer(left);
    map.getPane("compare").style.clipPath = on ? box(-40, cut) : "";
    for (const name of ["communities", "reach", "sites"]) map.getPane(name).style.clipPath = on ? box(cut, width + 40) : "";
    handle.style.left = `${cut}px`;
    handle.setAttribute("aria-valuenow", Math.round(share * 100));
  }
  const moveTo = (x) => {
    share = Math.min(0.97, Math.max(0.03, x / map.getSize().x));
    clip();
  };
  handle.addEventListener("pointerdown", (event) => {
    handle.setPointerCapture(event.pointerId);
    event.preventDefault();
    event.stopPropagation();
  });
  handle.addEventListener("pointermove", (event) => handle.hasPointerCapture(event.pointerId) && moveTo(event.clientX - map.getContainer().getBoundingClientRect().left));
  handle.addEventListener("keydown", (event) => {
    const step = { ArrowLeft: -0.05, ArrowRight: 0.05 }[event.key];
    if (!step) return;
    event.preventDefault();
    event.stopPropagation();
    moveTo((share + step) * map.getSize().x);
  });
  L.DomEvent.disableClickPropagation(handle);
  map.on("move zoomend viewreset resize", clip);

  return {
    moveTo,
    refresh() {
      const on = state.swipe && state.when !== "before" && state.shade !== "walk" && Boolean(state.kind);
      if (!on) {
        left.remove();
        handle.remove();
        clip();
        return;
      }
      if (!copies) {
        copies = communities.map((one) => {
          const copy = L.polygon(one.getLatLngs(), { renderer: panes.compare, interactive: false, smoothFactor: 0.5 });
          left.addLayer(copy);
          return copy;
        });
      }
      left.addTo(map);
      copies.forEach((copy, i) => copy.setStyle(communityLook(app, i, false, "before")));
      handle.querySelector(".left").textContent = say("before");
      handle.querySelector(".right").textContent = say(state.when);
      map.getContainer().append(handle);
      clip();
    },
  };
}
