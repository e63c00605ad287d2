/** What every backbone must do, as tests. */
import * as tf from "@tensorflow/tfjs";
import assert from "node:assert/strict";
import type { Backbone, BackboneOptions } from "../../lib/backbones/backbone.ts";
import { segmentationHead } from "../../lib/backbones/heads.ts";
import { sequence } from "../../lib/backbones/sequence.ts";
import { disposeWeights, trainable } from "../../lib/backbones/weights.ts";
import { useBackend } from "../../lib/backends/select.ts";
import { diceCrossEntropy } from "../../lib/losses/segmentation.ts";
import { random } from "../../lib/math/random.ts";
import { imageTensor, labelTensor } from "../../lib/training/batches.ts";
import { exportWeights, importWeights } from "../../lib/training/weights/weight_tensors.ts";
import { adamState, adamStep, valueAndGradients } from "../../lib/training/optimiser.ts";
import { decodeSafetensors, encodeSafetensors } from "../../lib/training/weights/safetensors.ts";
import { testOnBackends } from "../support/backends.ts";
import { assertClose } from "../support/close.ts";
import { normals } from "../support/gradients.ts";
import { onCpu, tinySlices, withoutLeak } from "../training/tiny.ts";

const size = { widths: [4, 8, 12], features: 5 };
const training = true;

/** Registers the tests of one backbone. */
export function testContract(name: string, make: (options: BackboneOptions) => Backbone): void {
  testOnBackends(
    `${name} has features for every pixel, and an encoder that ends in the deepest`,
    () =>
      tf.tidy(() => {
        const backbone = make(size);
        assert.equal(backbone.divisor, 4);
        assert.equal(backbone.bottleneck, 12);
        assert.equal(backbone.features, 5);
        const x = normals([2, 8, 12, 1], random("contract"));
        for (const training of [true, false]) {
          assert.deepEqual(backbone.forward(x, { training }).shape, [2, 8, 12, 5]);
          assert.deepEqual(backbone.encode(x, { training }).shape, [2, 2, 3, 12]);
        }
        disposeWeights(backbone.weights);
      }),
  );

  for (const channels of [1, 2, 3, 4]) {
    const of = channels === 1 ? "" : ` of ${channels} channels`;
    testOnBackends(`${name}${of} computes values and gradients as plain tfjs does`, async () => {
      const shape: [number, number, number, number] = [2, 8, 8, channels];
      const x = Float32Array.from(await normals(shape, random("contract")).data());
      const compute = async () => {
        const { weights, forward } = make({ ...size, channels });
        const { value, gradients } = valueAndGradients(
          weights,
          () => tf.mean(tf.square(forward(tf.tensor4d(x, shape), { training }))),
        );
        const values = [value, ...Object.values(gradients)].map((tensor) => tensor.data());
        return { names: Object.keys(gradients), values: await Promise.all(values) };
      };
      const found = await compute();
      assert.deepEqual(found.names, Object.keys(trainable(make({ ...size, channels }).weights)));
      await useBackend("cpu");
      const expected = await compute();
      found.values.forEach((values, i) => assertClose(values, expected.values[i], 1e-3));
    });
  }

  Deno.test(
    `${name} sees every channel, and refuses slices of more or fewer`,
    onCpu(async () => {
      const { forward, encode } = make({ ...size, channels: 3 });
      const x = normals([1, 8, 8, 3], random("contract"));
      for (const run of [forward, encode]) {
        const gradient = tf.grad((x) => tf.sum(tf.square(run(x as tf.Tensor4D, { training }))))(x);
        const perChannel = await tf.sum(tf.abs(gradient), [0, 1, 2]).data();
        assert.ok(perChannel.length === 3 && perChannel.every((sum) => sum > 0), `${perChannel}`);
        for (const [found, count] of [["2 channels", 2], ["1 channel", 1]] as const) {
          assert.throws(() => run(tf.ones([1, 8, 8, count]), { training }), {
            name: "RangeError",
            message: new RegExp(`: expected slices of 3 channels, found ${found}: give `),
          });
        }
      }
    }),
  );

  Deno.test(
    `${name}'s encoder depends on weights of its own, and forward on all`,
    onCpu(async () => {
      const { weights, encode, forward } = make(size);
      const x = normals([2, 8, 8, 1], random("contract"));
      const moved = async (run: typeof encode) => {
        const { gradients } = valueAndGradients(
          weights,
          () => tf.mean(tf.square(run(x, { training }))),
        );
        const norms = Object.entries(gradients).map(async ([name, gradient]) =>
          (await tf.norm(gradient).data())[0] > 0 ? [name] : []
        );
        return (await Promise.all(norms)).flat();
      };
      const all = Object.keys(trainable(weights));
      assert.deepEqual(await moved(forward), all);
      const encoders = await moved(encode);
      assert.ok(encoders.length > 0 && encoders.length < all.length);
      assert.ok(encoders.every((name) => !name.startsWith("up")));
    }),
  );

  Deno.test(
    `${name} draws the same weights from the same seed`,
    onCpu(async () => {
      const drawn = async (seed?: number) => await exportWeights(make({ ...size, seed }).weights);
      assert.deepEqual(await drawn(1), await drawn(1));
      assert.deepEqual(await drawn(), await drawn(0));
      assert.notDeepEqual(await drawn(1), await drawn(2));
    }),
  );

  Deno.test(
    `${name} takes equal and any even widths, and refuses sizes that do not halve`,
    onCpu(() => {
      for (const widths of [[8, 8], [6, 10], [16, 4]]) {
        const { forward } = make({ widths, features: 3 });
        assert.deepEqual(forward(tf.ones([1, 4, 6, 1]), { training }).shape, [1, 4, 6, 3]);
      }
      const { forward, encode } = make(size);
      for (const run of [forward, encode]) {
        assert.throws(() => run(tf.ones([1, 8, 6, 1]), { training }), {
          name: "RangeError",
          message: /: 3 levels need sizes that are multiples of 4, found 8×6$/,
        });
      }
    }),
  );

  Deno.test(
    `${name} keeps no tensor beyond its weights and its output`,
    onCpu(withoutLeak(async () => {
      const { weights, forward, encode } = make(size);
      const x = normals([1, 8, 8, 1], random("contract"));
      const { value, gradients } = valueAndGradients(
        weights,
        () => tf.add(tf.sum(forward(x, { training })), tf.sum(encode(x, { training }))),
      );
      tf.dispose([x, value, gradients, encode(x, { training })]);
      disposeWeights(weights);
      await Promise.resolve();
    })),
  );

  Deno.test(
    `${name}'s weights pass through safetensors, convolutions as [out, in, height, width]`,
    onCpu(async () => {
      const [from, to] = [make({ ...size, seed: 1 }), make({ ...size, seed: 2 })];
      const tensors = await exportWeights(from.weights);
      for (const [name, { shape }] of Object.entries(tensors)) {
        assert.match(name, /\.(weight|bias|gamma|running_mean|running_var)$/);
        const own = from.weights[name].shape;
        assert.deepEqual(shape, own.length === 4 ? [own[3], own[2], own[0], own[1]] : own);
      }
      const file = encodeSafetensors({ tensors, metadata: {} });
      importWeights(to.weights, decodeSafetensors(file, "file").tensors, "file");
      const x = normals([1, 8, 8, 1], random("contract"));
      const y = (backbone: Backbone) => backbone.forward(x, { training: false }).data();
      assert.deepEqual(await y(to), await y(from));
    }),
  );

  Deno.test(
    `${name} learns four slices by heart`,
    onCpu(async () => {
      const dice = await diceByHeart(make({ widths: [8, 16], features: 16, seed: 1 }));
      assert.ok(dice > 0.95, `Dice ${dice}`);
    }),
  );
}

/** Trains on four slices for 80 steps; the lower of the two structures' Dice on them. */
async function diceByHeart(backbone: Backbone): Promise<number> {
  const slices = tinySlices(4);
  const head = segmentationHead({ from: backbone.features, classes: 3, seed: 1 });
  const { weights, forward } = sequence({ backbone, head });
  const state = { weights, adam: adamState(weights) };
  const [x, labels] = [imageTensor(slices), labelTensor(slices, 3)];
  for (let step = 0; step < 80; step++) {
    const { value, gradients } = valueAndGradients(
      weights,
      () => diceCrossEntropy(forward(x, { training }), labels),
    );
    adamStep(state, gradients, { learningRate: () => 5e-3 });
    tf.dispose([value, gradients]);
  }
  const found = await tf.argMax(forward(x, { training: false }), 3).data();
  const dice = [1, 2].map((label) => {
    const both = slices.labels.filter((value, i) => value === label && found[i] === label).length;
    return 2 * both / [...slices.labels, ...found].filter((value) => value === label).length;
  });
  return Math.min(...dice);
}
