// @ts-check
// The page on paper: the map beside the panel, the panel as a column that fits.

import { h } from "./dom.js";
import { Painting } from "./painting.js";

/** @import { App, Renderers } from "./types.js" */

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

// One A3 sheet: the column is made as small as it must be to fit, in two rows where that would be too
// small to read; what explains the figures stands below the map, with the sources and the date.
const SHEET_HEIGHT = 1055,
  COLUMN = 300,
  READABLE = 0.62,
  WANTED = 0.76,
  SLACK_OF_FONTS = 0.98;

/**
 * @param {App} app
 * @param {HTMLElement} panel
 */
export function preparePaper({ say, data }, panel) {
  const foot = h("footer", { class: "foot" });
  window.addEventListener("beforeprint", () => {
    const { body } = document;
    body.classList.add("on-paper");
    const lines = [...panel.querySelectorAll(".about p:not(.tools)")].map((line) => line.textContent);
    const today = new Date().toLocaleDateString(data.lang === "zh" ? "zh-CN" : "en-GB");
    foot.replaceChildren(...[...lines, say("printed", { date: today })].map((line) => h("p", {}, line)));
    body.append(foot);
    const below = Math.ceil(foot.getBoundingClientRect().height);
    /** @param {any} columns */
    const fit = (columns) => {
      let scale = WANTED;
      for (let turn = 0; turn < 6; turn++) {
        panel.style.width = `${(columns * COLUMN) / scale}px`;
        panel.style.height = "auto";
        panel.style.columnCount = String(columns);
        const needed = (SLACK_OF_FONTS * SHEET_HEIGHT) / panel.scrollHeight;
        if (needed >= scale) break;
        scale = Math.max(needed, scale * 0.9);
      }
      return scale;
    };
    let columns = 1,
      scale = fit(1);
    if (scale < READABLE) {
      columns = 2;
      scale = fit(2);
    }
    panel.style.height = `${SHEET_HEIGHT / scale}px`;
    panel.style.setProperty("zoom", String(scale));
    body.style.setProperty("--column", `${columns * COLUMN}px`);
    body.style.setProperty("--below", `${below}px`);
  });
  window.addEventListener("afterprint", () => {
    foot.remove();
    document.body.classList.remove("on-paper");
    panel.removeAttribute("style");
  });
}
