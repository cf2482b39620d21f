// The classes of a shading: what falls in each, and how they are called.

import assert from "node:assert/strict";
import test from "node:test";
import { classes, schemeOf, schemes } from "../src/class_breaks.js";

const LOOKS = {
  shares: { bounds: [0.2, 0.4, 0.6, 0.8], colours: ["#1", "#2", "#3", "#4", "#5"] },
  amounts: ["#a", "#b", "#c", "#d", "#e"],
  target: { below: ["#x", "#y"], above: ["#p", "#q"] },
};

/**
 * The page as the classes know it.
 *
 * @param {Record<string, any>} one
 * @param {string | null} scheme
 */
function appOf(one, scheme = null) {
  const write = (/** @type {string} */ key, /** @type {any} */ values) =>
    values ? `${key} ${Object.values(values).join("-")}` : key;
  return /** @type {any} */ ({
    state: { kind: "canteen", shade: one.name, scheme, when: "before" },
    data: { looks: LOOKS },
    indicators: {
      find: () => one,
      written: (/** @type {any} */ _, /** @type {any} */ value) => String(value),
    },
    head: () => ({ limits: [{ minutes: 5 }, { minutes: 15 }] }),
    percent: (/** @type {number} */ value) => `${Math.round(100 * value)}%`,
    givenPercent: (/** @type {number} */ value) => `${Math.round(100 * value)}%`,
    say: write,
  });
}

const named = (/** @type {any} */ app, /** @type {any} */ value) =>
  classes(app)
    .filter((each) => each.holds(value))
    .map((each) => each.text);

test("fixed classes of a share hold each value once, the bounds going up", () => {
  const app = appOf({ name: "share", of: "share", unit: "share" });
  assert.equal(schemeOf(app), "fixed");
  for (const [value, text] of [
    [0, "< 20%"],
    [0.2, "20% – 40%"],
    [0.7999999, "60% – 80%"],
    [0.8, "≥ 80%"],
    [1, "≥ 80%"],
  ])
    assert.deepEqual(named(app, value), [text]);
  assert.deepEqual(
    classes(app).map(({ colour }) => colour),
    ["#5", "#4", "#3", "#2", "#1"],
  );
});

test("minutes: none within the search are beyond", () => {
  const app = appOf({ name: "minutes", of: "minutes", unit: "minutes" });
  const first = (/** @type {number | null} */ value) => named(app, value)[0];
  assert.equal(first(5), "up_to 5");
  assert.equal(first(5.1), "up_to 15");
  assert.equal(first(15.1), "beyond 15");
  assert.equal(first(null), "beyond 15");
});

test("classes of an amount hold what is up to their bound", () => {
  const one = { name: "density", of: null, better: null, target: null, bounds: { equal: [10, 20] } };
  const app = appOf(one, "equal");
  assert.deepEqual(schemes(app), ["quantiles", "equal", "natural"]);
  assert.deepEqual(named(app, 10), ["class_upto 10"]);
  assert.deepEqual(named(app, 10.5), ["10 – 20"]);
  assert.deepEqual(named(app, 21), ["class_over 20"]);
  assert.deepEqual(
    classes(app).map(({ colour }) => colour),
    ["#a", "#c", "#e"],
  );
});

test("what equals a target that asks for more has met it", () => {
  const one = { name: "t", of: null, better: "more", target: 20, bounds: { equal: [10, 20, 30] } };
  const app = appOf(one, "equal");
  assert.deepEqual(named(app, 19.9), ["10 – 20"]);
  assert.deepEqual(named(app, 20), ["class_met 20 – 30"]);
  assert.deepEqual(
    classes(app).map(({ colour }) => colour),
    ["#q", "#p", "#y", "#x"], // best first
  );
});

test("a target that asks for less is met up to it", () => {
  const one = { name: "t", of: null, better: "less", target: 10, bounds: { equal: [10, 20] } };
  const app = appOf(one, "equal");
  assert.deepEqual(named(app, 10), ["class_met class_upto 10"]);
  assert.deepEqual(named(app, 10.1), ["10 – 20"]);
});

test("one class where all values are alike", () => {
  const one = { name: "x", of: null, better: null, target: null, bounds: { equal: [] } };
  assert.deepEqual(named(appOf(one, "equal"), 3), ["class_all"]);
});
