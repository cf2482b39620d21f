// @ts-check
import assert from "node:assert/strict";
import { test } from "node:test";

import { fill } from "../src/fill.js";

test("a value is filled in, and one that is not given stays as it is", () => {
  assert.equal(fill("{n} min to {kind}", { n: 5 }), "5 min to {kind}");
  assert.equal(fill("{n} min", undefined), "{n} min");
  assert.equal(fill("{n}", { n: 0 }), "0");
});

test("words go by the number, as a number or as it is written", () => {
  const text = "{n} {n:community lies|communities lie} beyond";
  for (const [n, said] of /** @type {[any, string][]} */ ([
    [1, "1 community lies beyond"],
    ["1", "1 community lies beyond"],
    [0, "0 communities lie beyond"],
    ["1,001", "1,001 communities lie beyond"],
  ]))
    assert.equal(fill(text, { n }), said);
});
