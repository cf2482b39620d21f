// @ts-check
// The page on paper: the map beside the panel, the panel as a column that fits.

import { h } from "./dom.js";
import { known } from "./known.js";
import { Painting } from "./painting.js";

/** @import { App, Paper, Renderers } from "./types.js" */

/**
 * On paper the map takes the sheet beside the panel and shows what the screen showed. A canvas prints
 * opaque, so that what lies below it is lost: what is drawn on canvas is drawn as SVG meanwhile.
 *
 * @param {App} app
 * @param {Renderers} renderers
 */
export function preparePrint(app, renderers) {
  const { map } = app;
  const swaps = Object.entries(renderers)
    .filter(([, renderer]) => renderer instanceof L.Canvas && !(renderer instanceof Painting))
    .map(([pane, canvas]) => ({ canvas, svg: L.svg({ pane, padding: 0.1 }) }));
  /**
   * @param {"canvas" | "svg"} from
   * @param {"canvas" | "svg"} to
   */
  const swap = (from, to) => {
    /** @type {[any, any][]} */
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
  const paintings = Object.values(renderers).filter((renderer) => renderer instanceof Painting);
  /** @type {any} */
  let view = null;
  /** @param {boolean} onPaper */
  const fit = (onPaper) => {
    document.body.classList.toggle("on-paper", onPaper);
    map.invalidateSize({ animate: false });
    map.fitBounds(view, { animate: false });
  };
  window.addEventListener("beforeprint", () => {
    view = map.getBounds();
    swap("canvas", "svg");
    fit(true);
    for (const painting of paintings) painting.onPaper(true);
  });
  window.addEventListener("afterprint", () => {
    for (const painting of paintings) painting.onPaper(false);
    fit(false);
    swap("svg", "canvas");
  });
}

// Papers, landscape with 8 mm around: what is printable, in CSS pixels, and how many columns the panel
// may take beside the map. No text is smaller than 12 pixels, which are 9 points on the paper itself;
// what does not fit beside the map goes on to a second sheet.
/** @type {Record<Paper, { width: number, height: number, most: number }>} */
const PAPERS = {
  A4: { width: 1060, height: 724, most: 1 },
  A3: { width: 1525, height: 1055, most: 3 },
};
const COLUMN = 300;

/**
 * @param {App} app
 * @param {HTMLElement} panel
 */
export function preparePaper({ say, data, state }, panel) {
  const foot = h("footer", { class: "foot" });
  const second = h("div", { class: "second-sheet" });
  const size = h("style");
  /** @type {Element | null} */
  let moved = null; // the first part, where it is on the second sheet
  const page = () => {
    size.textContent = `@page { size: ${state.paper} landscape; margin: 8mm; }`;
  };
  document.head.append(size);
  page();
  window.addEventListener("beforeprint", () => {
    const { body } = document;
    const { width, height, most } = PAPERS[state.paper];
    page();
    body.classList.add("on-paper", state.paper);
    body.style.setProperty("--width", `${width}px`);
    body.style.setProperty("--height", `${height}px`);
    const told = [...panel.querySelectorAll(".about p:not(.tools)")].map((line) => line.textContent);
    const printed = say("printed", { date: new Date().toLocaleDateString(data.lang === "zh" ? data.tag : "en-GB") });
    foot.replaceChildren(
      ...[...(state.paper === "A3" ? told : data.head.attribution), printed].map((line) => h("p", {}, line)),
    );
    second.replaceChildren();
    let columns = 0;
    const widen = () => {
      columns++;
      panel.style.width = `${columns * COLUMN}px`;
      panel.style.height = "auto";
      panel.style.columnCount = String(columns);
    };
    const over = () => panel.scrollHeight > height;
    do widen();
    while (over() && columns < most);
    const parts = [...known(panel.querySelector(".body")).children].filter((one) => !one.matches(".about"));
    while (over() && parts.length > 2) second.prepend(known(parts.pop()));
    // Of the two that are left the headline stays: it names the kind of facility, too.
    moved = over() && parts.length > 1 ? known(parts[0]) : null;
    if (moved) second.prepend(moved);
    if (over()) widen();
    if (state.paper === "A4") second.append(...panel.querySelectorAll(".about"));
    panel.style.height = `${height}px`;
    if (second.childElementCount) panel.append(second);
    body.style.setProperty("--column", `${columns * COLUMN}px`);
    body.append(foot);
    body.style.setProperty("--below", `${Math.ceil(foot.getBoundingClientRect().height)}px`);
  });
  window.addEventListener("afterprint", () => {
    if (moved) panel.querySelector(".body")?.prepend(moved);
    panel.querySelector(".body")?.append(...second.children); // those that were last, in their order
    second.remove();
    foot.remove();
    document.body.classList.remove("on-paper", ...Object.keys(PAPERS));
    panel.removeAttribute("style");
  });
}

/**
 * Print the state shown on a paper; the browser's own command then prints on the same.
 *
 * @param {App} app
 * @param {Paper} paper
 */
export function printOn({ state }, paper) {
  state.paper = paper;
  window.print();
}
