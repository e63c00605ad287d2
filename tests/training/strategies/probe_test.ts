import * as tf from "@tensorflow/tfjs";
import assert from "node:assert/strict";
import { segmentationHead } from "../../../lib/backbones/heads.ts";
import { disposeWeights, type Network } from "../../../lib/backbones/weights.ts";
import { sequence } from "../../../lib/backbones/sequence.ts";
import { segmentationNetwork } from "../../../lib/training/weights/segmentation_model.ts";
import { exportWeights, importWeights } from "../../../lib/training/weights/weight_tensors.ts";
import { random } from "../../../lib/math/random.ts";
import { adapt } from "../../../lib/training/adapt.ts";
import { pretrain } from "../../../lib/training/pretrain.ts";
import {
  featureStatistics,
  foldStandardisation,
  standardise,
} from "../../../lib/training/strategies/probe.ts";
import { testOnBackends } from "../../support/backends.ts";
import { assertClose } from "../../support/close.ts";
import { normals } from "../../support/gradients.ts";
import { onCpu, TINY, tinySlices } from "../tiny.ts";

/** Three features of a pixel: its intensity, far from 0; ten times that; and a dead one. */
const threefold: Network = {
  weights: {},
  forward: (x, { training }) => {
    assert.equal(training, false);
    return tf.concat([tf.add(x, 5), tf.mul(x, 10), tf.zerosLike(x)], 3);
  },
};

// One batch of slices, and a second one that is smaller and brighter.
for (const count of [3, 19]) {
  testOnBackends(`featureStatistics() describes all pixels of ${count} slices`, async () => {
    const dark = tinySlices(count);
    const images = dark.images.map((value, i) => i < 16 * 16 * 16 ? value : value + 2);
    const slices = { ...dark, images };
    const before = tf.memory().numTensors;
    const { mean, variance } = featureStatistics(threefold, slices);
    assert.equal(tf.memory().numTensors, before + 2);
    const average = (values: number[]) => values.reduce((a, b) => a + b) / values.length;
    const pixels = [...slices.images];
    const centre = average(pixels);
    const spread = average(pixels.map((value) => (value - centre) ** 2));
    assertClose(await mean.data(), [centre + 5, 10 * centre, 0], 1e-5);
    assertClose(await variance.data(), [spread, 100 * spread, 0], 1e-4);
    tf.dispose([mean, variance]);
  });
}

testOnBackends(
  "foldStandardisation() makes the head of features do what that of standardised ones did",
  async () => {
    const source = random("fold");
    const x = tf.add(tf.mul(normals([2, 3, 4, 5], source), [1, 20, 0.1, 3, 0]), [4, -30, 0, 1, 7]);
    const statistics = {
      mean: tf.tensor1d([4, -29, 0.01, 1, 7]),
      variance: tf.tensor1d([1, 390, 0.01, 8, 0]),
    };
    const head = segmentationHead({ from: 5, classes: 3, seed: 1 });
    const expected = await head.forward(standardise(x as tf.Tensor4D, statistics), {
      training: true,
    }).data();
    foldStandardisation(head.weights, statistics);
    const found = await head.forward(x as tf.Tensor4D, { training: false }).data();
    assertClose(found, expected, 1e-4);
    disposeWeights(head.weights);
  },
);

Deno.test(
  "adapt() by probe gives a head of the features as they are",
  onCpu(async () => {
    const slices = tinySlices(2);
    // A rate so small that the head stays what it was at first.
    const probe = { learningRate: 1e-30, iterations: 1 };
    const config = { ...TINY, adaptation: { ...TINY.adaptation, probe } };
    const pretrained = await pretrain(slices, config, { steps: 3 });
    const { tensors } = await adapt(slices, config, { strategy: "probe", classes: 3, pretrained });

    const { weights, backbone, head } = segmentationNetwork(config, 3);
    const { "head.0.weight": weight, "head.0.bias": bias, ...features } = tensors;
    importWeights(sequence({ backbone }).weights, features, "test");
    foldStandardisation(head.weights, featureStatistics(backbone, slices));
    const { "0.weight": expected, "0.bias": shift } = await exportWeights(head.weights);
    assertClose(weight.values, expected.values, 1e-5);
    assertClose(bias.values, shift.values, 1e-5);
    disposeWeights(weights);
  }),
);

Deno.test(
  "adapt() by probe takes its own number of steps and does not mind the features' scale",
  onCpu(async () => {
    const slices = tinySlices(2);
    const config = {
      ...TINY,
      adaptation: { ...TINY.adaptation, probe: { learningRate: 0.1, iterations: 7 } },
    };
    const pretrained = await pretrain(slices, config, { steps: 3 });
    const losses = async (scale: number) => {
      // The last batch norm's scale and shift scale the features.
      const tensors = Object.fromEntries(
        Object.entries(pretrained.tensors).map(([name, { shape, values }]) => [
          name,
          {
            shape,
            values: /^backbone\.up\.0\.4\.(weight|bias)$/.test(name)
              ? values.map((value) => scale * value)
              : values,
          },
        ]),
      );
      const found: number[] = [];
      await adapt(slices, config, {
        strategy: "probe",
        classes: 3,
        pretrained: { tensors, metadata: {} },
        onSteps: (records) => void found.push(...records.map(({ loss }) => loss)),
      });
      return found;
    };
    const found = await losses(1);
    assert.equal(found.length, 7);
    assertClose(await losses(100), found, 1e-2);
  }),
);
