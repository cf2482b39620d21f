// The legend: what the colours and signs mean, and which layers are shown.

function legend(ui) {
  const { app, flip } = ui;
  const { data, state, say } = app;
  const kind = app.kinds.get(state.kind);
  const swatch = (style, css = "") => h("i", { class: `swatch ${css}`, style });
  const layer = (name, sample, text) => h("label", { class: state.layers[name] ? "layer" : "layer off" },
    h("input", { type: "checkbox", id: `layer-${name}`, checked: state.layers[name], onchange: flip(name) }), sample, h("span", {}, text));
  const rows = [];
  if (kind) {
    rows.push(choice(ui, "shade", say("shade"), ["share", "minutes", "walk"].map((name) => [name, say(`shade_${name}`)])));
    rows.push(h("p", { class: "caption" }, say(`legend_${state.shade}`, cutoffWords(app))));
    rows.push(state.shade === "walk" ? walkScale(app, kind) : h("ul", { class: "scale" },
      classes(app).map((one) => h("li", {}, swatch(`background:${one.colour}`), one.text))));
  }
  const extra = [];
  if (kind && data.figures[kind.id].before.share.some((share, i) => share === null && data.communities.inside[i])) extra.push(h("li", {}, swatch("", "empty"), say("no_people")));
  if (data.communities.inside.some((inside) => !inside)) extra.push(h("li", {}, swatch("", "out"), say("left_out")));
  if (extra.length) rows.push(h("ul", { class: "scale one" }, extra));
  if (kind) {
    const own = data.facilities.kind.map((name, i) => (name === kind.id ? i : -1)).filter((i) => i >= 0);
    const sized = own.some((i) => data.facilities.capacity[i] !== null);
    rows.push(layer("rings", swatch(`border-color:${kind.colour}`, "ring"), say("layer_rings", { n: data.head.cutoff })));
    rows.push(layer("facilities", h("i", { class: "swatch dots", style: `--kind:${kind.colour}` }, h("b"), sized && h("b")), say(sized ? "layer_facilities" : "layer_facilities_plain", { kind: kind.name })));
    if (kind.planned) rows.push(h("div", { class: "layer sub" }, h("i", { class: "swatch dots hollow", style: `--kind:${kind.colour}` }, h("b")), h("span", {}, say("layer_planned"))));
    if (data.kinds.length > 1) rows.push(layer("others", h("i", { class: "swatch dots", style: "--kind:#999" }, h("b")), say("layer_others")));
    if (data.homes) rows.push(layer("homes", h("i", { class: "swatch dots homes" }, h("b"), h("b")), say("layer_homes", cutoffWords(app))));
    if (app.view().gaps.length) rows.push(layer("gaps", swatch("", "gap"), say("layer_gaps")));
    if (app.answer()) rows.push(layer("sites", h("i", { class: "swatch dots", style: "--kind:#20242b" }, h("b", { class: "n" }, "1")), say("layer_sites")));
    if (data.links.some(([facility]) => data.facilities.kind[facility] === kind.id)) rows.push(layer("links", swatch(`border-color:${kind.colour}`, "line"), say("layer_links")));
  }
  if (data.candidates.at.length) rows.push(layer("candidates", h("i", { class: "swatch dots small hollow", style: "--kind:#3b3b3b" }, h("b")), say("layer_candidates")));
  rows.push(layer("streets", swatch("border-color:#8a7f70", "line"), say("layer_streets")));
  rows.push(layer("labels", h("i", { class: "swatch text" }, data.lang === "zh" ? "文" : "Aa"), say("layer_labels")));
  if (data.towns.name.length) rows.push(h("div", { class: "layer sub" }, swatch("", "border"), h("span", {}, say("town_border"))));
  return h("section", { class: "legend" }, h("h2", {}, say("legend")), rows);
}

// A colour laid over another, as it looks: older browsers cannot mix colours themselves.
function tint(colour, share, ground) {
  const part = (text, i) => parseInt(text.slice(i, i + 2), 16);
  return `rgb(${[1, 3, 5].map((i) => Math.round(part(colour, i) * share + part(ground, i) * (1 - share))).join(",")})`;
}

function walkScale(app, kind) {
  const limits = app.data.head.limits.map(([minutes]) => minutes);
  return h("ul", { class: "scale" }, limits.map((n, i) => {
    const cover = 1 - Math.pow(1 - 0.24, limits.length - i);
    return h("li", {}, h("i", { class: "swatch", style: `background:${tint(kind.colour, cover, "#f7f4ec")}` }), app.say("up_to", { n }));
  }));
}
