// @ts-check
// Two states side by side: each half of the map is clipped at a divider that can be moved, and names its
// state and the share of people covered in it.

import { h } from "./dom.js";
import { known } from "./known.js";
import { makeHalf } from "./map_side.js";
import { makeHomes, makeMinutes, makeReach } from "./overlays.js";
import { sideTitle } from "./phrases.js";
import { coveredShare } from "./shares.js";
import { inState, isDivided, onSides } from "./states.js";
import { changes } from "./tracked_changes.js";

/** @import { App, Renderers } from "./types.js" */

const HALF = [
  "communities",
  "bands",
  "minutes",
  "homes",
  "rings",
  "reach",
  "features",
  "facilities",
  "feature-points",
  "sites",
];

/**
 * @param {App} app
 * @param {Renderers} renderers
 */
export function makeSwipe(app, renderers) {
  const { map, state, say } = app;
  const handle = h(
    "div",
    {
      class: "swipe",
      role: "slider",
      tabindex: "0",
      "aria-label": say("swipe_handle"),
      "aria-orientation": "horizontal",
      "aria-valuemin": 0,
      "aria-valuemax": 100,
    },
    h("b", { class: "left" }),
    h("i"),
    h("b", { class: "right" }),
  );
  const ofLeft = Object.fromEntries(HALF.map((name) => [name, renderers[`left-${name}`]]));
  /**
   * @template Result
   * @param {() => Result} work
   */
  const within = (work) => inState(app, state.left, work);
  const reach = makeReach(app, ofLeft.reach),
    minutes = makeMinutes(app, ofLeft.minutes),
    homes = makeHomes(app, ofLeft.homes);
  const changed = changes();
  let share = 0.5;
  /** @type {ReturnType<typeof makeHalf> | null} */
  let half = null;

  const on = () => isDivided(app);
  function clip() {
    const { x: width, y: height } = map.getSize();
    const corner = map.containerPointToLayerPoint([0, 0]);
    const cut = Math.round(width * share);
    /**
     * @param {any} from
     * @param {number} to
     */
    const box = (from, to) => {
      const [x0, x1, y0, y1] = [corner.x + from, corner.x + to, corner.y - 40, corner.y + height + 40];
      return `polygon(${x0}px ${y0}px, ${x1}px ${y0}px, ${x1}px ${y1}px, ${x0}px ${y1}px)`;
    };
    for (const name of HALF) {
      known(map.getPane(`left-${name}`)).style.clipPath = on() ? box(-40, cut) : "";
      known(map.getPane(name)).style.clipPath = on() ? box(cut, width + 40) : "";
    }
    Object.assign(handle.style, {
      left: `${corner.x + cut}px`,
      top: `${corner.y}px`,
      height: `${height}px`,
    });
    handle.setAttribute("aria-valuenow", String(Math.round(share * 100)));
  }
  /** @param {number} x */
  const moveTo = (x) => {
    share = Math.min(0.97, Math.max(0.03, x / map.getSize().x));
    clip();
    app.drawing.label();
  };
  handle.addEventListener("pointerdown", (event) => {
    handle.setPointerCapture(event.pointerId);
    handle.focus({ preventScroll: true });
    event.preventDefault();
    event.stopPropagation();
  });
  handle.addEventListener(
    "pointermove",
    (event) =>
      handle.hasPointerCapture(event.pointerId) &&
      moveTo(event.clientX - map.getContainer().getBoundingClientRect().left),
  );
  handle.addEventListener("keydown", (event) => {
    const to = {
      ArrowLeft: share - 0.05,
      ArrowDown: share - 0.05,
      ArrowRight: share + 0.05,
      ArrowUp: share + 0.05,
      PageDown: share - 0.2,
      PageUp: share + 0.2,
      Home: 0,
      End: 1,
    }[event.key];
    if (to === undefined) return;
    event.preventDefault();
    event.stopPropagation();
    moveTo(to * map.getSize().x);
  });
  L.DomEvent.disableClickPropagation(handle);
  map.on("move zoomend viewreset resize", clip);

  return {
    moveTo,
    cut: () => (on() ? map.getSize().x * share : null), // in pixels from the left
    refresh() {
      if (!on()) {
        if (half) half.show(false);
        for (const painting of [ofLeft.reach, ofLeft.minutes]) painting.show([]);
        homes.show(false);
        for (const part of ["reach", "minutes", "homes"]) changed(part, () => {}, "off");
        handle.remove();
        clip();
        return;
      }
      half = half || makeHalf(app, ofLeft, "left-sites", within);
      half.show(true);
      half.refresh();
      const { kind, shade, layers } = state;
      const trials = app.trials.all().map((one) => one.key);
      changed(
        "reach",
        () => within(reach),
        kind,
        state.left,
        trials,
        state.reach,
        layers.rings,
        layers.trials,
      );
      changed("minutes", () => within(minutes), shade === "streets" && [kind, state.left, trials]);
      changed("homes", () => within(() => homes.show(layers.homes)), kind, state.left, trials, layers.homes);
      const names = onSides(app, (side) => [sideTitle(app, side), app.percent(coveredShare(app))]).map(
        ([, words]) => words,
      );
      [".left", ".right"].forEach((css, n) =>
        known(handle.querySelector(css)).replaceChildren(
          h("span", {}, names[n][0]),
          h("strong", {}, names[n][1]),
        ),
      );
      const [left, right] = names.map((words) => words.join(" "));
      handle.setAttribute("aria-valuetext", say("swipe_value", { left, right }));
      if (!handle.isConnected) known(map.getPane("divider")).append(handle);
      clip();
    },
  };
}
