// @ts-check
// Controls of the panel.

import { h } from "./dom.js";
import { known } from "./known.js";
import { sideOf } from "./states.js";

/** @import { State, Ui } from "./types.js" */

/**
 * One of several, as radio buttons are: one stop of the tab key, arrows go on to the next.
 *
 * @param {Ui} ui
 * @param {keyof State} name
 * @param {string} label
 * @param {[value: any, text: any][]} options
 * @param {string} [css]
 */
export function choice({ app, set }, name, label, options, css = "choice") {
  const now = name === "when" ? sideOf(app.state) : app.state[name]; // of the years each is a state, too
  const chosen = options.findIndex(([value]) => now === value);
  /** @param {any} event */
  const step = (event) => {
    /** @type {Record<string, number>} */
    const turns = { ArrowRight: 1, ArrowDown: 1, ArrowLeft: -1, ArrowUp: -1 };
    const by = turns[event.key];
    if (!by) return;
    event.preventDefault();
    const [value] = options[(Math.max(chosen, 0) + by + options.length) % options.length];
    known(document.getElementById(`${name}-${value}`)).focus();
    set(name, value)();
  };
  return h(
    "div",
    { class: css, role: "radiogroup", "aria-label": label, onkeydown: step },
    options.map(([value, text], i) =>
      h(
        "button",
        {
          type: "button",
          role: "radio",
          id: `${name}-${value}`,
          "aria-checked": String(i === chosen),
          tabindex: i === Math.max(chosen, 0) ? 0 : -1,
          onclick: set(name, value),
        },
        text,
      ),
    ),
  );
}
