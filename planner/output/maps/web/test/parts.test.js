// Small parts: packed numbers, places, colours, columns, states, years, and circles among modules.

import assert from "node:assert/strict";
import test from "node:test";
import { findCycles } from "../cycles.mjs";
import { rampColour, tint } from "../src/colour.js";
import { rowsOf } from "../src/columns.js";
import { placeOnWorld, unpacker } from "../src/coordinates.js";
import { unpackFeet, unpackNumbers, unpackPlaces, unpackRun } from "../src/packed_numbers.js";
import { shareAt } from "../src/shares.js";
import { inState, sideOf, stateOf, withTrials } from "../src/states.js";
import { Streets } from "../src/streets.js";
import { operates, yearSpan } from "../src/year_rule.js";

/** @param {number[]} bytes */
const packed = (bytes) => Buffer.from(bytes).toString("base64");

test("numbers of a fixed width, little-endian", () => {
  assert.deepEqual([...unpackNumbers(`u1:${packed([0, 7, 255])}`)], [0, 7, 255]);
  assert.deepEqual([...unpackNumbers(`i1:${packed([255, 1])}`)], [-1, 1]);
  assert.deepEqual([...unpackNumbers(`u2:${packed([1, 2, 255, 255])}`)], [513, 65535]);
  assert.deepEqual([...unpackNumbers(`u4:${packed([255, 255, 255, 255])}`)], [4294967295]);
});

test("numbers of as many bytes as they need; signed ones fold", () => {
  assert.deepEqual([...unpackNumbers(`vu:${packed([0, 127, 128, 1, 255, 255, 3])}`)], [0, 127, 128, 65535]);
  assert.deepEqual([...unpackNumbers(`vi:${packed([0, 1, 2, 3, 128, 1])}`)], [0, -1, 1, -2, 64]);
});

test("a run is places from the one before, feet are shares and metres", () => {
  const run = `vi:${packed([20, 40, 1, 2])}`; // 10, 20, then -1, +1
  assert.deepEqual([...unpackRun(run)], [10, 20, 9, 21]);
  assert.deepEqual(unpackPlaces(run), [
    [10, 20],
    [9, 21],
  ]);
  assert.deepEqual(unpackPlaces(null), []);
  const feet = {
    edge: `u1:${packed([0, 3])}`,
    share: `u2:${packed([0, 0, 255, 255])}`,
    access: `u1:${packed([0, 250])}`,
  };
  assert.deepEqual(unpackFeet(feet), {
    edge: Int32Array.of(-1, 2),
    share: Float64Array.of(0, 1),
    access: Float64Array.of(0, 2.5),
  });
});

test("places of the page in degrees and on the world", () => {
  const unpack = unpacker([121_000_000, 29_000_000]);
  assert.deepEqual(unpack.point([500_000, 250_000]), [29.25, 121.5]);
  assert.equal(unpack.point(null), null);
  assert.deepEqual(unpack.run([1_000_000, 0, -500_000, 1_000_000]), [
    [29, 122],
    [30, 121.5],
  ]);
  const world = new Float64Array(4);
  placeOnWorld(0, 0, world, 0);
  placeOnWorld(180, 85.0511287798066, world, 2); // the corner of a web map
  [128, 128, 256, 0].forEach((expected, i) => assert.ok(Math.abs(world[i] - expected) < 1e-9));
});

test("streets are laid out by edge, and a place finds its foot on them", () => {
  // One street of 1,000 m east with a bend in its middle: 0,0 - 500,100 - 1000,0 in steps of a metre.
  const unsigned = (/** @type {number[]} */ values) =>
    `u4:${Buffer.from(Uint32Array.from(values).buffer).toString("base64")}`;
  const one = packed([1]);
  const walk = /** @type {any} */ ({
    metres: { scale: [1, 1], u: [1, 0], v: [0, 1], x: [1, 0], y: [0, 1] },
    nodes: unsigned([0, 0, 1000, 0]),
    inner: unsigned([500, 100]),
    bends: `u1:${one}`,
    u: `u1:${packed([0])}`,
    v: `u1:${one}`,
    ahead: unsigned([102_000]),
    back: null,
  });
  const streets = new Streets(walk, [0, 0], 50);
  assert.deepEqual([...streets.at], [0, 0.5, 1]);
  assert.equal(streets.back, streets.ahead);
  assert.equal(streets.ahead[0], 1020);
  const spot = streets.snap(500, 120);
  assert.equal(spot?.edge, 0);
  assert.equal(spot?.share, 0.5);
  assert.equal(spot?.access, 20);
  assert.equal(streets.snap(500, 300), null);
});

test("colours are laid over another and mixed along a ramp", () => {
  assert.equal(tint("#ff0000", 0.25, "#0000ff"), "rgb(64,0,191)");
  /** @type {[number, string][]} */
  const ramp = [
    [0, "#000000"],
    [10, "#ffffff"],
  ];
  assert.equal(rampColour(ramp, -1), "#000000");
  assert.equal(rampColour(ramp, 5), "rgb(128,128,128)");
  assert.equal(rampColour(ramp, 99), "#ffffff");
});

test("columns become rows by name", () => {
  assert.deepEqual(rowsOf({ a: [1, 2], b: ["x", "y"] }), [
    { a: 1, b: "x" },
    { a: 2, b: "y" },
  ]);
  assert.deepEqual(rowsOf({ a: [], b: [] }), []);
});

test("a share is found by its group and limit", () => {
  const table = { aged_60: [{ minutes: 15, share: 0.5 }] };
  assert.equal(shareAt(table, "aged_60", 15), 0.5);
  assert.equal(shareAt(table, "aged_60", 10), null);
  assert.equal(shareAt(table, "all", 15), null);
});

test("a side and a state tell the same", () => {
  for (const side of ["before", "after", "other_trial", "2015", "2015+"])
    assert.equal(sideOf(stateOf(side)), side);
  assert.equal(withTrials("2015", true), "2015+");
  assert.equal(withTrials("other", true), "other_trial");
  assert.equal(withTrials("trial", false), "before");
});

test("a state is left as it was found, also by work that fails", () => {
  const app = /** @type {any} */ ({ state: { when: "before", year: null } });
  assert.equal(
    inState(app, "2015+", () => `${app.state.when} ${app.state.year}`),
    "trial 2015",
  );
  assert.throws(() =>
    inState(app, "after", () => {
      throw new Error("no");
    }),
  );
  assert.deepEqual(app.state, { when: "before", year: null });
});

test("which facilities operate in a year", () => {
  const facilities = /** @type {any} */ ({
    operating: [1, 0, 0, 1, null],
    state: ["existing", "proposed", "closed", "existing", "existing"],
    opened: [2010, 2022, null, null, 2000],
    closed: [null, null, 2015, null, null],
  });
  const of = (/** @type {number | null} */ year) => [0, 1, 2, 3, 4].map((i) => operates(facilities, i, year));
  assert.deepEqual(of(null), [true, false, false, true, false]);
  assert.deepEqual(of(2005), [false, false, true, true, false]);
  assert.deepEqual(of(2015), [true, false, false, true, false]);
  assert.deepEqual(of(2022), [true, true, false, true, false]);
  const app = /** @type {any} */ ({ data: { facilities, head: { year: 2025 } } });
  assert.deepEqual(yearSpan(app), [2000, 2025]);
});

test("circles among modules are found", () => {
  const of = (/** @type {Record<string, string[]>} */ graph) => ({
    inputs: Object.fromEntries(
      Object.entries(graph).map(([file, imports]) => [file, { imports: imports.map((path) => ({ path })) }]),
    ),
  });
  assert.deepEqual(findCycles(of({ a: ["b", "c"], b: ["c"], c: [] })), []);
  assert.deepEqual(
    findCycles(of({ a: ["b"], b: ["c"], c: ["b"] })).map((files) => [...files].sort()),
    [["b", "c"]],
  );
});
