import * as tf from "@tensorflow/tfjs";
import assert from "node:assert/strict";
import type { Backbone } from "../../../lib/backbones/backbone.ts";
import { createBackbone, stemName } from "../../../lib/backbones/create_backbone.ts";
import type { Weights } from "../../../lib/backbones/weights.ts";
import { BACKBONES } from "../../../lib/config/backbone.ts";
import { random } from "../../../lib/math/random.ts";
import {
  exportWeights,
  importWeights,
  inputChannels,
  matchTable,
  withoutModule,
  withPrefix,
} from "../../../lib/training/weights/weight_tensors.ts";
import { testOnBackends } from "../../support/backends.ts";
import { assertClose } from "../../support/close.ts";
import { normals } from "../../support/gradients.ts";
import { onCpu, TINY, tinyNetwork } from "../tiny.ts";
import { WORDINGS } from "../../support/wordings.ts";

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
          new RegExp(String.raw`^old\.safetensors: ${WORDINGS.otherArchitecture}, [^\n]+$`),
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

for (const name of BACKBONES) {
  testOnBackends(
    `importWeights() repeats the first filters of ${name}: equal channels give the same features`,
    async () => {
      const settings = { name, widths: [4, 8], features: 5 };
      const [one, three] = [1, 3].map((channels) =>
        createBackbone(settings, { channels, seed: channels })
      );
      const tensors = await exportWeights(one.weights);
      const stem = stemName(settings);
      const match = importWeights(three.weights, tensors, "one", { stem });
      assert.equal(match.repeated, 3);
      assert.deepEqual([match.missing, match.mismatched, match.unexpected], [[], [], []]);
      assert.equal(match.matched.length, Object.keys(tensors).length);
      const x = normals([2, 8, 8, 1], random("repeated"));
      const features = (backbone: Backbone, x: tf.Tensor4D) =>
        backbone.forward(x, { training: false }).data();
      const same = tf.tile(x, [1, 1, 1, 3]) as tf.Tensor4D;
      assertClose(await features(three, same), await features(one, x), 1e-4);
      assert.equal(importWeights(one.weights, tensors, "one", { stem }).repeated, undefined);
    },
  );
}

Deno.test(
  "importWeights() refuses weights for other channels in a line, or leaves the first filters out",
  onCpu(async () => {
    const settings = { name: "unet", widths: [4, 8], features: 5 } as const;
    const [one, two, three] = [1, 2, 3].map((channels) => createBackbone(settings, { channels }));
    const stem = stemName(settings);
    for (
      const [from, to, counts] of [
        [two, three, "3 channels, found some for 2"],
        [two, one, "1 channel, found some for 2"],
        [three, two, "2 channels, found some for 3"],
      ] as const
    ) {
      const tensors = await exportWeights(from.weights);
      const before = await exportWeights(to.weights);
      assert.throws(() => importWeights(to.weights, tensors, "old", { stem }), {
        name: "TypeError",
        message:
          `old: expected weights for slices of ${counts}; pretrain on the channels that the ` +
          "scans have here",
      });
      assert.deepEqual(await exportWeights(to.weights), before);
    }
    const tensors = await exportWeights(two.weights);
    const match = importWeights(three.weights, tensors, "old", { stem, partial: true });
    assert.deepEqual(match.mismatched.map(({ name }) => name), [stem]);
    // Without a name for it, no filter is taken for the first.
    const single = await exportWeights(one.weights);
    assert.throws(
      () => importWeights(three.weights, single, "old"),
      new RegExp(WORDINGS.otherArchitecture),
    );
  }),
);

Deno.test("inputChannels() is what the first convolution sees, and 1 where there is none", () => {
  const values = new Float32Array(72);
  const tensors = { "backbone.stem.weight": { shape: [4, 2, 3, 3], values } };
  assert.equal(inputChannels(tensors, { name: "residual-unet" }), 2);
  assert.equal(inputChannels(tensors, { name: "unet" }), 1);
  const vector = { "backbone.stem.weight": { shape: [72], values } };
  assert.equal(inputChannels(vector, { name: "residual-unet" }), 1);
});

Deno.test("withoutModule() takes DataParallel's prefix off, if all names have it", () => {
  const [a, b] = [1, 2].map((value) => ({ shape: [1], values: Float32Array.of(value) }));
  const wrapped = { "module.backbone.x": a, "module.head.y": b };
  assert.deepEqual(withoutModule(wrapped), { "backbone.x": a, "head.y": b });
  const mixed = { "module.x": a, "y": b };
  assert.equal(withoutModule(mixed), mixed);
  assert.deepEqual(withoutModule({}), {});
});
