// The figures of a state, by hand for two communities and a third without people.

import assert from "node:assert/strict";
import test from "node:test";
import { measureState, medianMinutes, sharesWithin } from "../src/figures.js";

// Homes 0 and 1 are in community 0, homes 2 to 4 in community 1.
const MINUTES = Float64Array.of(4, 16, 10, 15, Infinity);
const PEOPLE = { all: Float64Array.of(10, 30, 20, 20, 20), aged_60: Float64Array.of(1, 3, 0, 2, 4) };
const HOMES = [[0, 1], [2, 3, 4], []];
const homesOf = (/** @type {number} */ community) => Int32Array.from(HOMES[community]);
const GROUND = { people: PEOPLE, community: [0, 0, 1, 1, 1], homesOf };
const HEAD = {
  group: "all",
  cutoff: 15,
  covered_share: 0.6,
  limits: [
    { minutes: 5, metres: 300 },
    { minutes: 15, metres: 900 },
  ],
};

test("shares within each limit, who is right at it included", () => {
  assert.deepEqual(sharesWithin(MINUTES, PEOPLE, [5, 15]), {
    all: [
      { minutes: 5, share: 0.1 },
      { minutes: 15, share: 0.5 },
    ],
    aged_60: [
      { minutes: 5, share: 0.1 },
      { minutes: 15, share: 0.3 },
    ],
  });
  assert.deepEqual(sharesWithin(MINUTES, { none: new Float64Array(5) }, [5]), {
    none: [{ minutes: 5, share: null }],
  });
});

test("the median person, not the median home", () => {
  const total = Float64Array.of(40, 60, 0);
  assert.deepEqual(medianMinutes(homesOf, PEOPLE.all, MINUTES, total), [16, 15, null]);
  // Of six old people in community 1, four reach nothing.
  assert.deepEqual(medianMinutes(homesOf, PEOPLE.aged_60, MINUTES, Float64Array.of(4, 6, 0)), [
    16,
    null,
    null,
  ]);
});

test("a state's figures", () => {
  const counted = [true, true, true];
  const found = measureState(GROUND, HEAD, MINUTES, { counted, has: [1, 0, 0], linked: [null, null, null] });
  assert.deepEqual(found.share, [0.25, 2 / 3, null]);
  assert.deepEqual(found.reached, [0, 1, 0]);
  assert.deepEqual(found.lacking, [30, 20, null]);
  assert.deepEqual(found.gaps, [
    { community: 0, lacking: 30 },
    { community: 1, lacking: 20 },
  ]);
  assert.deepEqual(found.counts, { communities: 2, has: 1, reached: 1, linked: null });
  assert.equal(found.homes, MINUTES);
});

test("a community that does not count has no figures", () => {
  const found = measureState(GROUND, HEAD, MINUTES, {
    counted: [false, true, true],
    has: [null, 0, 0],
    linked: [null, 1, 0],
  });
  assert.deepEqual(found.share, [null, 2 / 3, null]);
  assert.deepEqual(found.reached, [null, 1, 0]);
  assert.deepEqual(found.counts, { communities: 1, has: 0, reached: 1, linked: 1 });
});
