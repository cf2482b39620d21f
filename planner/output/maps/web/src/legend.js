// @ts-check
// The legend: what the colours and signs mean, and which layers are shown.

import { classes, communityClass, schemeOf, schemes } from "./class_breaks.js";
import { minutesRamp, tint } from "./colour.js";
import { choice } from "./controls.js";
import { h } from "./dom.js";
import { featureLegend } from "./feature_legend.js";
import { hasFixed } from "./indicators.js";
import { known } from "./known.js";
import { cutoffWords } from "./phrases.js";
import { isDivided, onSides } from "./states.js";
import { shortOnes } from "./supply.js";
import { showsGaps } from "./visibility.js";

/** @import * as Data from "./payload.js" */
/** @import { App, Ui } from "./types.js" */

/**
 * What the communities are shaded by, and what its colours mean.
 *
 * @param {Ui} ui
 */
function shading(ui) {
  const { app } = ui;
  const { data, state, say } = app;
  const kind = app.kinds.get(state.kind);
  const one = app.indicators.find();
  /** @type {any[]} */
  const rows = [];
  /** @type {[string, string][]} */
  const circles = kind && data.rings[kind.id]?.length ? [["walk", say("shade_walk")]] : [];
  /** @type {[string, string][]} */
  const ramps = data.walk && !data.walk.straight ? [["streets", say("shade_streets")]] : [];
  if (kind)
    rows.push(
      choice(ui, "shade", say("shade"), [
        ["share", known(app.indicators.find("share")).title],
        ["minutes", known(app.indicators.find("minutes")).title],
        ...circles,
        ...ramps,
      ]),
    );
  rows.push(indicatorChooser(ui));
  if (data.unshaded && state.shade === "share")
    rows.push(h("p", { class: "note" }, say("unshaded", { name: data.unshaded })));
  if (state.shade === "walk" && kind)
    return [
      ...rows,
      h("p", { class: "caption" }, say("legend_walk", cutoffWords(app))),
      walkScale(app, kind),
    ];
  if (state.shade === "streets" && kind)
    return [
      ...rows,
      h("p", { class: "caption" }, say("legend_streets", cutoffWords(app))),
      minutesScale(app),
    ];
  if (!one) return rows;
  const places = data.communities.name.map((_, i) => i).filter((i) => data.communities.inside[i]);
  const found = onSides(app, () => places.map((i) => communityClass(app, i))).map(([, classed]) => classed);
  const list = classes(app);
  const wide = list.some(({ text }) => widthOf(text) > (found.length > 1 ? 9 : 14));
  /**
   * @param {any} sample
   * @param {string} text
   * @param {number[]} ns
   */
  const entry = (sample, text, ns) =>
    h(
      "li",
      {},
      sample,
      h("span", {}, text),
      h(
        "small",
        { title: ns.map((n) => say("communities_n", { n })).join(" | ") },
        ns.map(app.count).join(" | "),
        h("span", { class: "unseen" }, say("communities_unit")),
      ),
    );
  /** @param {(value: any) => boolean} test */
  const counted = (test) => found.map((classed) => classed.filter(test).length);
  const scale = list.map((each) =>
    entry(
      h("i", { class: "swatch", style: `background:${each.colour}` }),
      each.text,
      counted((name) => name && name.text === each.text),
    ),
  );
  const none = counted((each) => !each);
  if (none.some((n) => n))
    scale.push(entry(h("i", { class: "swatch empty" }), say(one.of ? "no_people" : "no_figure"), none));
  rows.push(
    h("p", { class: "caption" }, one.about),
    h("ul", { class: wide ? "scale one counted" : "scale counted" }, scale),
    schemeChooser(ui, one),
  );
  const stays = onSides(app, () => app.following.note(one))
    .map(([, note]) => note)
    .find(Boolean);
  if (stays) rows.push(h("p", { class: "note stays" }, stays));
  return rows;
}

/**
 * Letters of a text, those of Chinese counted double.
 *
 * @param {string} text
 */
const widthOf = (text) => [...text].reduce((sum, letter) => sum + (letter > "\u2e7f" ? 2 : 1), 0);

/**
 * All indicators but the two on the buttons, grouped by what they are of.
 *
 * @param {Ui} ui
 */
function indicatorChooser({ app, set }) {
  const { state, say } = app;
  const all = app.indicators.ofKind(state.kind).filter((one) => !hasFixed(one));
  if (!all.length) return null;
  const kind = app.kinds.get(state.kind);
  const groups = ["kind", "place", "target"]
    .map((theme) => ({ theme, own: all.filter((one) => one.theme === theme) }))
    .filter(({ own }) => own.length);
  return h(
    "select",
    {
      id: "indicator",
      class: all.some((one) => one.name === state.shade) ? "pick chosen" : "pick",
      "aria-label": say("shade_more"),
      onchange: (/** @type {any} */ event) => event.target.value && set("shade", event.target.value)(),
    },
    h("option", { value: "" }, say("shade_more")),
    groups.map(({ theme, own }) =>
      h(
        "optgroup",
        { label: say(`theme_${theme}`, { kind: kind ? kind.name : "" }) },
        own.map((one) => h("option", { value: one.name, selected: one.name === state.shade }, one.title)),
      ),
    ),
  );
}

/**
 * @param {Ui} ui
 * @param {Data.IndicatorText} one
 */
function schemeChooser({ app, set }, one) {
  const all = schemes(app);
  if (!all.length) return null;
  const chosen = schemeOf(app);
  const note = one.of && chosen !== "fixed" && app.state.when !== "before" ? app.say("scheme_today") : "";
  return h(
    "label",
    { class: "scheme" },
    app.say("scheme"),
    h(
      "select",
      { id: "scheme", onchange: (/** @type {any} */ event) => set("scheme", event.target.value)() },
      all.map((name) => h("option", { value: name, selected: name === chosen }, app.say(`scheme_${name}`))),
    ),
    h("small", {}, note || app.say(isDivided(app) ? "scheme_note_two" : "scheme_note")),
  );
}

/** @param {Ui} ui */
export function legend(ui) {
  const { app, flip } = ui;
  const { data, state, say } = app;
  const kind = app.kinds.get(state.kind);
  /**
   * @param {string} style
   * @param {string} [css]
   */
  const swatch = (style, css = "") => h("i", { class: `swatch ${css}`, style });
  /**
   * @param {string} name
   * @param {any} sample
   * @param {string} text
   */
  const layer = (name, sample, text) =>
    h(
      "label",
      { class: state.layers[name] ? "layer" : "layer off" },
      h("input", {
        type: "checkbox",
        id: `layer-${name}`,
        checked: state.layers[name],
        onchange: flip(name),
      }),
      sample,
      h("span", {}, text),
    );
  const rows = shading(ui);
  const extra = [];
  if (data.communities.inside.some((inside) => !inside))
    extra.push(h("li", {}, swatch("", "out"), say("left_out")));
  if (data.communities.estimated) extra.push(h("li", {}, swatch("", "estimated"), say("estimated_border")));
  if (extra.length) rows.push(h("ul", { class: "scale one" }, extra));
  if (kind) {
    const own = data.facilities.kind.map((name, i) => (name === kind.id ? i : -1)).filter((i) => i >= 0);
    const sized = own.some((i) => data.facilities.capacity[i] !== null);
    const ring = swatch(`border-color:${kind.colour}`, "ring");
    if (data.rings[kind.id]?.length)
      rows.push(layer("rings", ring, say("layer_rings", { n: app.head().cutoff })));
    rows.push(
      layer(
        "facilities",
        h("i", { class: "swatch dots", style: `--kind:${kind.colour}` }, h("b"), sized && h("b")),
        say(sized ? "layer_facilities" : "layer_facilities_plain", { kind: kind.name }),
      ),
    );
    if (own.some((i) => data.facilities.approximate[i]))
      rows.push(
        h(
          "div",
          { class: "layer sub" },
          h("i", { class: "swatch dots estimated", style: `--kind:${kind.colour}` }, h("b")),
          h("span", {}, say("layer_estimated_places")),
        ),
      );
    if (shortOnes(app).length)
      rows.push(
        layer(
          "over_capacity",
          h("i", { class: "swatch dots short", style: `--kind:${kind.colour}` }, h("b")),
          say("layer_over_capacity", { n: shortOnes(app).length }),
        ),
      );
    if (kind.planned && state.year === null)
      rows.push(
        h(
          "div",
          { class: "layer sub" },
          h("i", { class: "swatch dots hollow", style: `--kind:${kind.colour}` }, h("b")),
          h("span", {}, say("layer_planned")),
        ),
      );
    if (data.kinds.length > 1)
      rows.push(
        layer("others", h("i", { class: "swatch dots", style: "--kind:#999" }, h("b")), say("layer_others")),
      );
    if (data.homes)
      rows.push(
        layer(
          "homes",
          h("i", { class: "swatch dots homes" }, h("b"), h("b")),
          say("layer_homes", cutoffWords(app)),
        ),
      );
    if (known(app.view()).gaps.length && showsGaps(app))
      rows.push(layer("gaps", swatch("", "gap"), say("layer_gaps")));
    if (app.answer() && state.year === null)
      rows.push(
        layer(
          "sites",
          h("i", { class: "swatch dots", style: "--kind:#20242b" }, h("b", { class: "n" }, "1")),
          say("layer_sites"),
        ),
      );
    if (app.links.some(({ facility }) => data.facilities.kind[facility] === kind.id))
      rows.push(layer("links", swatch(`border-color:${kind.colour}`, "line"), say("layer_links")));
  }
  if (data.candidates.at.length)
    rows.push(
      layer(
        "candidates",
        h("i", { class: "swatch dots small hollow", style: "--kind:#3b3b3b" }, h("b")),
        say("layer_candidates"),
      ),
    );
  rows.push(featureLegend(ui, layer));
  if (!data.walk?.straight)
    rows.push(layer("streets", swatch("border-color:#8a7f70", "line"), say("layer_streets")));
  rows.push(
    layer("labels", h("i", { class: "swatch text" }, data.lang === "zh" ? "文" : "Aa"), say("layer_labels")),
  );
  if (data.towns.name.length)
    rows.push(h("div", { class: "layer sub" }, swatch("", "border"), h("span", {}, say("town_border"))));
  return h("section", { class: "legend" }, h("h2", {}, say("legend")), rows);
}

/**
 * @param {App} app
 * @param {Data.KindText} kind
 */
export function walkScale(app, kind) {
  const limits = app.head().limits.map(({ minutes }) => minutes);
  return h(
    "ul",
    { class: "scale" },
    limits.map((n, i) => {
      const cover = 1 - (1 - 0.24) ** (limits.length - i);
      return h(
        "li",
        {},
        h("i", { class: "swatch", style: `background:${tint(kind.colour, cover, "#f7f4ec")}` }),
        app.say("up_to", { n }),
      );
    }),
  );
}

/**
 * The colours of minutes run on without classes; what lies beyond the cutoff keeps a scale of its own.
 *
 * @param {App} app
 */
export function minutesScale({ data, say }) {
  const { ramp, cutoff, end } = minutesRamp(data);
  /** @param {number} minutes */
  const at = (minutes) =>
    (minutes <= cutoff ? (minutes / cutoff) * 0.6 : 0.6 + ((minutes - cutoff) / (end - cutoff)) * 0.4) * 100;
  const ticks = [
    0,
    ...data.head.limits.map(({ minutes }) => minutes).filter((minutes) => minutes < cutoff),
    cutoff,
    end,
  ];
  return h(
    "div",
    { class: "ramp" },
    h("i", {
      style: `background:linear-gradient(90deg,${ramp.map(([minutes, colour]) => `${colour} ${at(minutes).toFixed(1)}%`).join(",")})`,
    }),
    h(
      "p",
      {},
      ticks.map((minutes) =>
        h(
          "span",
          { style: `left:${at(minutes).toFixed(1)}%` },
          minutes === end ? say("minutes", { n: end }) : minutes,
        ),
      ),
    ),
  );
}
