import assert from "node:assert/strict";
import { makeAxis } from "../../lib/notebook/axis.ts";

Deno.test("makeAxis() leaves room beside the values and puts ticks at round numbers", () => {
  const { position, ticks } = makeAxis([2, 10, 4, NaN]);
  assert.ok(Math.abs(position(2) - 0.06 / 1.12) < 1e-12);
  assert.ok(Math.abs(position(6) - 0.5) < 1e-12);
  assert.deepEqual(ticks.map(({ text }) => text), ["2", "4", "6", "8", "10"]);
  assert.ok(Math.abs(ticks[2].at - 0.5) < 1e-12);
});

Deno.test("makeAxis() writes ticks without rounding errors, and with a true minus", () => {
  assert.deepEqual(makeAxis([-0.3, 0.3]).ticks.map(({ text }) => text), [
    "−0.2",
    "0",
    "0.2",
  ]);
});

Deno.test("makeAxis() starts at zero where that is asked for", () => {
  const { position } = makeAxis([50, 100], { rangemode: "tozero" });
  assert.equal(position(0), 0);
});

Deno.test("makeAxis() does not reach below zero where that is asked for", () => {
  const nonnegative = { rangemode: "nonnegative" };
  assert.equal(makeAxis([0.1, 10], nonnegative).position(0), 0);
  assert.ok(makeAxis([5, 10], nonnegative).position(0) < 0);
  assert.equal(makeAxis([0, 0], nonnegative).position(0), 0);
  assert.ok(makeAxis([-1, 10], nonnegative).position(-1) > 0);
});

Deno.test("makeAxis() takes a logarithmic axis, its range in decades, and given ticks", () => {
  const { position, ticks } = makeAxis([1, 100], {
    type: "log",
    range: [0, 2],
    tickvals: [1, 10, 100, 1000],
    ticktext: ["one", "ten", "hundred", "out of range"],
  });
  assert.equal(position(10), 0.5);
  assert.deepEqual(ticks, [
    { at: 0, text: "one" },
    { at: 0.5, text: "ten" },
    { at: 1, text: "hundred" },
  ]);
});

Deno.test("makeAxis() copes with one value, and with none", () => {
  assert.equal(makeAxis([3]).position(3), 0.5);
  assert.equal(makeAxis([]).position(0.5), 0.5);
});
