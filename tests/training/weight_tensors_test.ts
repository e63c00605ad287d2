import * as tf from "@tensorflow/tfjs";
import assert from "node:assert/strict";
import type { Weights } from "../../lib/backbones/weights.ts";
import { random } from "../../lib/random.ts";
import {
  exportWeights,
  importWeights,
  matchTable,
  withPrefix,
} from "../../lib/training/weight_tensors.ts";
import { testOnBackends } from "../support/backends.ts";
import { onCpu, TINY, tinyNetwork } from "./tiny.ts";

testOnBackends("importWeights() undoes exportWeights() bit for bit", async () => {
  const exported = await exportWeights(tinyNetwork().weights);
  const { weights } = tinyNetwork({ ...TINY, seed: 9 });
  assert.notDeepEqual(await exportWeights(weights), exported);
  importWeights(
    weights,
    { ...exported, "one.more": { shape: [0], values: new Float32Array() } },
    "",
  );
  assert.deepEqual(await exportWeights(weights), exported);
});

testOnBackends("exportWeights() writes convolutions as out, in, height, width", async () => {
  const [height, width, from, to] = [2, 3, 4, 5];
  const source = random("layouts");
  const values = Float32Array.from({ length: 120 }, () => source.normal());
  const weights: Weights = { weight: tf.variable(tf.tensor4d(values, [height, width, from, to])) };
  const { shape, values: torch } = (await exportWeights(weights)).weight;
  assert.deepEqual(shape, [to, from, height, width]);
  for (let o = 0, at = 0; o < to; o++) {
    for (let i = 0; i < from; i++) {
      for (let y = 0; y < height; y++) {
        for (let x = 0; x < width; x++) {
          assert.equal(torch[at++], values[((y * width + x) * from + i) * to + o]);
        }
      }
    }
  }
});

Deno.test(
  "importWeights() refuses another architecture and changes nothing",
  onCpu(async () => {
    const { weights } = tinyNetwork();
    const before = await exportWeights(weights);
    const { "projection.0.bias": _, ...incomplete } = before;
    const zeros = { shape: [7], values: new Float32Array(7) };
    const cases = [
      [
        incomplete,
        /39 match, 0 have another shape, 1 are missing\n.*\n {2}projection.0.bias +\[8\] +none$/,
      ],
      [{ ...before, "projection.0.bias": zeros }, /\n {2}projection.0.bias +\[8\] +\[7\]$/],
      [
        { ...before, "backbone.down.0.0.weight": zeros },
        /39 match, 1 have another shape, 0 are missing\n.*\n {2}backbone.down.0.0.weight +\[4,1,3,3\] +\[7\]$/,
      ],
    ] as const;
    for (const [tensors, message] of cases) {
      assert.throws(() => importWeights(weights, tensors, "old.safetensors"), (error: Error) => {
        assert.equal(error.name, "TypeError");
        assert.match(
          error.message,
          /^old\.safetensors: a checkpoint of another architecture, [^\n]+$/,
        );
        assert.match(`${error.message}\n${error.cause}`, message);
        return true;
      });
    }
    assert.deepEqual(await exportWeights(weights), before);
  }),
);

Deno.test(
  "importWeights() takes what fits where that is asked for, and nothing where nothing does",
  onCpu(async () => {
    const { weights } = tinyNetwork();
    const before = await exportWeights(weights);
    const other = await exportWeights(tinyNetwork({ ...TINY, seed: 9 }).weights);
    const { "projection.0.bias": _, ...tensors } = other;
    tensors["backbone.down.0.0.weight"] = { shape: [7], values: new Float32Array(7) };
    const match = importWeights(weights, tensors, "old", { partial: true });
    assert.deepEqual(match.missing, [{ name: "projection.0.bias", expected: [8] }]);
    assert.deepEqual(match.mismatched.map(({ name }) => name), ["backbone.down.0.0.weight"]);
    const after = await exportWeights(weights);
    for (const name of Object.keys(before)) {
      const kept = name === "projection.0.bias" || name === "backbone.down.0.0.weight";
      assert.deepEqual(after[name], (kept ? before : other)[name], name);
    }
    assert.throws(() => importWeights(weights, {}, "old", { partial: true }), TypeError);
  }),
);

Deno.test("matchTable() lists twenty weights at most, and twenty that are unexpected", () => {
  const missing = Array.from({ length: 23 }, (_, i) => ({ name: `w${i}`, expected: [i] }));
  const match = { matched: ["a"], missing, mismatched: [], unexpected: [] };
  const lines = matchTable(match).split("\n");
  assert.equal(lines.length, 23);
  assert.equal(lines.at(-2), "  w19     [19]              none");
  assert.equal(lines.at(-1), "  … 3 more");
  const unexpected = missing.map(({ name, expected }) => ({ name: `x${name}`, found: expected }));
  const longer = matchTable({ ...match, unexpected }).split("\n");
  assert.equal(longer.length, 44);
  assert.match(longer[0], /23 are missing; 23 unexpected$/);
  assert.equal(longer.at(-2), "  xw19    none              [19]");
  assert.equal(longer.at(-1), "  … 3 more");
});

Deno.test(
  "importWeights() refuses weights that the network would leave out, and passes over other parts",
  onCpu(async () => {
    const { weights } = tinyNetwork();
    const all = await exportWeights(weights);
    const bias = { shape: [4], values: new Float32Array(4) };
    assert.throws(() => importWeights(weights, { ...all, "backbone.down.0.0.bias": bias }, "x"), {
      name: "TypeError",
      message: /40 match, 0 have another shape, 0 are missing; 1 unexpected$/,
      cause: /\n {2}backbone.down.0.0.bias +none +\[4\]$/,
    });
    const others = { "head.0.bias": bias, "optimiser.m.backbone.down.0.0.weight": bias };
    const { unexpected } = importWeights(weights, { ...all, ...others, "ema.bias": bias }, "x");
    assert.deepEqual(unexpected, [{ name: "ema.bias", found: [4] }]);
  }),
);

Deno.test("withPrefix() takes the prefix off the names that have it", () => {
  const [a, b] = [1, 2].map((value) => ({ shape: [1], values: Float32Array.of(value) }));
  assert.deepEqual(withPrefix("m.", { "m.x": a, "m.m.y": b, "v.x": b, mx: a }), { x: a, "m.y": b });
});
