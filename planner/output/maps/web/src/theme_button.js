// @ts-check
// Light or dark.

import { h } from "./dom.js";

/** @import { App } from "./types.js" */

/**
 * Light or dark: as the system has it, until the reader chooses. Paper is always light.
 *
 * @param {App} app
 */
export function themeButton({ say }) {
  const wish = window.matchMedia("(prefers-color-scheme: dark)");
  /** @type {boolean | null} */
  let chosen = null;
  const button = h(
    "button",
    {
      type: "button",
      class: "theme",
      id: "theme",
      title: say("dark"),
      "aria-label": say("dark"),
      onclick: () => {
        chosen = !isDark();
        apply();
      },
    },
    "◐",
  );
  const isDark = () => (chosen === null ? wish.matches : chosen);
  /** @param {boolean} [paper] */
  const apply = (paper = false) => {
    document.documentElement.classList.toggle("dark", isDark() && paper !== true);
    button.setAttribute("aria-pressed", String(isDark()));
  };
  wish.addEventListener("change", () => apply());
  window.addEventListener("beforeprint", () => apply(true));
  window.addEventListener("afterprint", () => apply());
  apply();
  return button;
}
