// @ts-check
import assert from "node:assert/strict";
import { test } from "node:test";

import { makeNumbers } from "../src/numbers.js";

const { count, figure, minutes, percent, givenPercent, points, signed } = makeNumbers("en");

test("numbers are written as the report writes them", () => {
  assert.equal(count(122.5), "123");
  assert.equal(count(39590), "39,590");
  assert.equal(percent(1 / 16, 1), "6.3%");
  assert.equal(percent(194 / 242, 1), "80.2%");
  assert.equal(percent(-0.0001, 1), "0.0%");
  assert.equal(givenPercent(0.125), "12.5%");
  assert.equal(minutes(12), "12.0");
  assert.equal(minutes(41.25), "41.3");
  assert.equal(figure(0.333), "0.33");
  assert.equal(figure(1500), "1,500");
  assert.equal(signed(-2.5), "−3");
  assert.equal(signed(1186), "+1,186");
  assert.equal(points(1.448), "+1.4");
  assert.equal(points(-0.04), "0.0");
});
