// Shortest paths, by hand on a small graph and against every pair's on random ones.

import assert from "node:assert/strict";
import test from "node:test";
import { bothWaves, Walker } from "../src/shortest_paths.js";

/**
 * Streets as the walker knows them: edges as [from, to, metres ahead, metres back].
 *
 * @param {number} nodeCount
 * @param {number[][]} edges
 */
function streetsOf(nodeCount, edges) {
  return /** @type {any} */ ({
    nodeCount,
    u: Int32Array.from(edges, ([u]) => u),
    v: Int32Array.from(edges, ([, v]) => v),
    ahead: Float64Array.from(edges, ([, , ahead]) => ahead),
    back: Float64Array.from(edges, ([, , ahead, back = ahead]) => back),
  });
}

// 0 --100-- 1 --200-- 2, and 0 --500-- 2; node 3 stands alone.
const LINE = [
  [0, 1, 100],
  [1, 2, 200],
  [0, 2, 500],
];

test("metres from a spot to every node, its own leg counted", () => {
  const walker = new Walker(streetsOf(4, LINE));
  const wave = walker.wave([{ edge: 0, share: 0.25, access: 10 }], Infinity);
  assert.deepEqual([...wave.far], [35, 85, 285, Infinity]);
});

test("nothing is reached beyond the limit", () => {
  const walker = new Walker(streetsOf(4, LINE));
  const wave = walker.wave([{ edge: 0, share: 0.25, access: 10 }], 100);
  assert.deepEqual([...wave.far], [35, 85, Infinity, Infinity]);
});

test("a place that no street is near counts for nothing", () => {
  const walker = new Walker(streetsOf(4, LINE));
  assert.deepEqual(
    [...walker.wave([null, { edge: -1, share: 0, access: 0 }], 1000).far],
    [Infinity, Infinity, Infinity, Infinity],
  );
});

test("homes on the spot's own edge walk along it; those off the streets reach nothing", () => {
  const walker = new Walker(streetsOf(4, LINE));
  const wave = walker.wave([{ edge: 1, share: 0.5, access: 5 }], 400);
  const homes = {
    edge: Int32Array.of(1, 0, 2, -1),
    share: Float64Array.of(0.75, 0.5, 0.5, 0),
    access: Float64Array.of(7, 0, 0, 0),
  };
  // 7 + 50 + 5; 50 + 100 + 5; 250 to node 2, then 100 + 5; none.
  assert.deepEqual([...walker.toHomes(homes, wave)], [62, 155, 355, Infinity]);
});

test("a street that is open one way is walked that way alone", () => {
  const walker = new Walker(streetsOf(2, [[0, 1, 100, Infinity]]));
  const spot = { edge: 0, share: 1, access: 0 }; // at node 1
  const homes = { edge: Int32Array.of(0, 0), share: Float64Array.of(0, 1), access: new Float64Array(2) };
  assert.deepEqual([...walker.toHomes(homes, walker.wave([spot], 1000))], [100, 0]);
  const other = { edge: 0, share: 0, access: 0 }; // at node 0: nobody can walk back
  assert.deepEqual([...walker.toHomes(homes, walker.wave([other], 1000))], [0, Infinity]);
});

test("a street that takes longer one way: either end by the way walked from it", () => {
  const walker = new Walker(streetsOf(2, [[0, 1, 100, 300]]));
  const wave = walker.wave([{ edge: 0, share: 0.25, access: 2 }], 1000);
  assert.deepEqual([...wave.far], [27, 227]); // 25 m ahead of node 0; back over 0.75 of 300 m from node 1
});

test("the wave of two is that of all their places", () => {
  const walker = new Walker(streetsOf(4, LINE));
  const a = { edge: 0, share: 0, access: 3 };
  const b = { edge: 1, share: 1, access: 4 };
  const both = bothWaves(walker.wave([a], 900), walker.wave([b], 900));
  assert.deepEqual([...both.far], [...walker.wave([a, b], 900).far]);
});

test("the way leads along the legs that make up its metres", () => {
  const walker = new Walker(streetsOf(4, LINE));
  const home = { edge: 0, share: 0.5, access: 2 };
  const way = walker.way(home, [null, { edge: 1, share: 0.5, access: 3 }]);
  assert.deepEqual(way, {
    legs: [
      [0, 0.5, 1],
      [1, 0, 0.5],
    ],
    place: 1,
    metres: 2 + 50 + 100 + 3,
  });
  const [near, far] = walker.parted(way.legs, 60);
  assert.deepEqual(near, [
    [0, 0.5, 1],
    [1, 0, 0.05],
  ]);
  assert.deepEqual(far, [[1, 0.05, 0.5]]);
  assert.equal(walker.way({ edge: -1, share: 0, access: 0 }, [home]), null);
});

/** @param {number} seed */
function randomFrom(seed) {
  let state = seed;
  return () => {
    state = (state * 1664525 + 1013904223) % 4294967296;
    return state / 4294967296;
  };
}

test("random graphs: as every pair's shortest path says", () => {
  for (let seed = 1; seed <= 20; seed++) {
    const random = randomFrom(seed);
    const count = 12;
    const edges = Array.from({ length: 18 }, () => [
      Math.floor(random() * count),
      Math.floor(random() * count),
      1 + Math.floor(random() * 99),
      1 + Math.floor(random() * 99),
    ]);
    // To walk from u to v costs `ahead`, from v to u `back`.
    const metres = Array.from({ length: count }, (_, i) =>
      Array.from({ length: count }, (_, j) => (i === j ? 0 : Infinity)),
    );
    for (const [u, v, ahead, back] of edges) {
      metres[u][v] = Math.min(metres[u][v], ahead);
      metres[v][u] = Math.min(metres[v][u], back);
    }
    for (let k = 0; k < count; k++)
      for (let i = 0; i < count; i++)
        for (let j = 0; j < count; j++) metres[i][j] = Math.min(metres[i][j], metres[i][k] + metres[k][j]);
    const spots = [0, 5].map((edge) => ({ edge, share: 0, access: edge }));
    const wave = new Walker(streetsOf(count, edges)).wave(spots, Infinity);
    for (let node = 0; node < count; node++) {
      const expected = Math.min(...spots.map(({ edge, access }) => access + metres[node][edges[edge][0]]));
      assert.equal(wave.far[node], expected, `seed ${seed}, node ${node}`);
    }
  }
});
