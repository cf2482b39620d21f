// @ts-check
// The key on the map itself: what its colours mean, in sight whatever the panel shows.

import { classes } from "./class_breaks.js";
import { h } from "./dom.js";
import { minutesScale, walkScale } from "./legend.js";

/** @import { App } from "./types.js" */

/** @param {App} app */
export function makeKey(app) {
  const { map, state, say } = app;
  const box = h("div", { class: "key", role: "group", "aria-label": say("legend") });
  const control = new L.Control({ position: "bottomleft" });
  control.onAdd = () => box;
  control.addTo(map);
  L.DomEvent.disableClickPropagation(box);
  // The names of the two sides of a divided map stand above it.
  const { style } = map.getContainer();
  new ResizeObserver(() => {
    style.setProperty("--under", `${box.parentElement?.offsetHeight ?? 0}px`);
  }).observe(box);
  let told = "";
  return {
    /** Whether it takes another room than before. */
    refresh() {
      const kind = app.kinds.get(state.kind);
      const one = app.indicators.find();
      /** @type {any[]} */
      let rows = [];
      let title = "";
      if (kind && state.shade === "walk") {
        title = `${say("shade_walk")} · ${kind.name}`;
        rows = [walkScale(app, kind)];
      } else if (kind && state.shade === "streets") {
        title = `${say("shade_streets")} · ${kind.name}`;
        rows = [minutesScale(app)];
      } else if (one) {
        title = one.kind && kind ? `${one.title} · ${kind.name}` : one.title;
        rows = [
          h(
            "ul",
            { class: "scale" },
            classes(app).map((each) =>
              h(
                "li",
                {},
                h("i", { class: "swatch", style: `background:${each.colour}` }),
                h("span", {}, each.text),
              ),
            ),
          ),
        ];
      }
      const left = app.data.communities.inside.some((inside) => !inside) && one;
      if (left)
        rows[0].append(h("li", {}, h("i", { class: "swatch out" }), h("span", {}, say("left_out_short"))));
      box.hidden = !rows.length;
      box.replaceChildren(h("b", {}, title), ...rows);
      const now = `${box.hidden} ${box.textContent}`;
      const fresh = now !== told;
      told = now;
      return fresh;
    },
  };
}
