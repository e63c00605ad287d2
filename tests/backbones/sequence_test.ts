import * as tf from "@tensorflow/tfjs";
import assert from "node:assert/strict";
import { segmentationHead } from "../../lib/backbones/heads.ts";
import { sequence } from "../../lib/backbones/sequence.ts";
import { unet } from "../../lib/backbones/unet.ts";
import { random } from "../../lib/math/random.ts";
import { normals } from "../support/gradients.ts";
import { onCpu } from "../training/tiny.ts";

Deno.test(
  "sequence() feeds each part with the one before, in the mode asked for",
  onCpu(async () => {
    const modes: boolean[] = [];
    const part = (factor: number) => ({
      weights: {},
      forward: (x: tf.Tensor4D, { training }: { training: boolean }) => {
        modes.push(training);
        return tf.add<tf.Tensor4D>(tf.mul(x, factor), 1);
      },
    });
    const y = sequence({ a: part(2), b: part(10) }).forward(tf.ones([1, 1, 1, 1]), {
      training: true,
    });
    assert.deepEqual([...await y.data()], [31]);
    assert.deepEqual(modes, [true, true]);
  }),
);

Deno.test(
  "sequence() shares the weights of its parts under their names",
  onCpu(async () => {
    const backbone = unet({ widths: [2, 4], features: 3 });
    const head = segmentationHead({ from: 3, classes: 2 });
    const model = sequence({ backbone, head });
    assert.equal(
      Object.keys(model.weights).length,
      Object.keys(backbone.weights).length + Object.keys(head.weights).length,
    );
    assert.equal(model.weights["backbone.down.0.0.weight"], backbone.weights["down.0.0.weight"]);
    assert.equal(model.weights["head.0.bias"], head.weights["0.bias"]);
    const x = normals([1, 4, 4, 1], random("sequence"));
    const options = { training: false };
    assert.deepEqual(
      await model.forward(x, options).array(),
      await head.forward(backbone.forward(x, options), options).array(),
    );
  }),
);
