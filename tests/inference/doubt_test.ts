import assert from "node:assert/strict";
import * as tf from "@tensorflow/tfjs";
import type { Network } from "../../lib/backbones/weights.ts";
import { doubtMeter } from "../../lib/inference/doubt.ts";
import { onCpu } from "../training/tiny.ts";

/** A network whose logits are the logarithms of its input's channels. */
const readsProbabilities: Network = { weights: {}, forward: (x) => tf.log(x) };

/** Passes pixels of some probabilities of background and two structures. */
function pass(model: Network, pixels: readonly (readonly number[])[]): void {
  tf.tidy(() => {
    const x = tf.tensor4d(pixels.flat(), [1, 1, pixels.length, 3]);
    const output = model.forward(x, { training: false });
    assert.deepEqual(output.shape, [1, 1, pixels.length, 3]);
  });
}

Deno.test(
  "doubtMeter() averages over all passes what the pixels near a structure lack of certainty",
  onCpu(async () => {
    const meter = doubtMeter(readsProbabilities);
    const before = tf.memory().numTensors;
    pass(meter.model, [[0.98, 0.01, 0.01], [0.5, 0.3, 0.2]]);
    pass(meter.model, [[0.01, 0.98, 0.01], [0.85, 0.1, 0.05]]);
    const doubt = (await meter.take())!;
    assert.ok(Math.abs(doubt - (0.5 + 0.02 + 0.15) / 3) < 1e-6, `${doubt}`);
    assert.equal(tf.memory().numTensors, before);
    pass(meter.model, [[0.95, 0.03, 0.02]]);
    assert.equal(await meter.take(), null);
    assert.equal(await meter.take(), null);
  }),
);
