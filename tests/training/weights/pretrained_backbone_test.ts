import * as tf from "@tensorflow/tfjs";
import assert from "node:assert/strict";
import { createBackbone } from "../../../lib/backbones/create_backbone.ts";
import { disposeWeights } from "../../../lib/backbones/weights.ts";
import { exportWeights, prefixed } from "../../../lib/training/weights/weight_tensors.ts";
import { pretrainedBackbone } from "../../../lib/training/weights/pretrained_backbone.ts";
import { onCpu, TINY, withoutLeak } from "../tiny.ts";

/** A checkpoint of random weights, and the weights. */
async function checkpointOf(seed: number) {
  const { weights } = createBackbone(TINY.backbone, { seed });
  const tensors = await exportWeights(weights);
  disposeWeights(weights);
  const projection = { "projection.0.weight": { shape: [1], values: Float32Array.of(1) } };
  return {
    tensors,
    checkpoint: { tensors: { ...prefixed("backbone.", tensors), ...projection }, metadata: {} },
  };
}

Deno.test(
  "pretrainedBackbone() is the checkpoint's, its other weights left out",
  onCpu(withoutLeak(async () => {
    const { tensors, checkpoint } = await checkpointOf(3);
    const { weights, features } = pretrainedBackbone(checkpoint, { config: TINY });
    assert.deepEqual(await exportWeights(weights), tensors);
    assert.equal(features, TINY.backbone.features);
    disposeWeights(weights);
  })),
);

Deno.test(
  "pretrainedBackbone() refuses another architecture, and keeps nothing of it",
  onCpu(async () => {
    const { checkpoint } = await checkpointOf(3);
    const config = { ...TINY, backbone: { ...TINY.backbone, widths: [4, 16] } };
    const before = tf.memory().numTensors;
    assert.throws(() => pretrainedBackbone(checkpoint, { config, source: "run" }), {
      name: "TypeError",
      message: /^run: /,
    });
    assert.equal(tf.memory().numTensors, before);
  }),
);
