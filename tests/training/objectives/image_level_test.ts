import * as tf from "@tensorflow/tfjs";
import assert from "node:assert/strict";
import { drawView } from "../../../lib/augmentations/views.ts";
import { type Network, trainable } from "../../../lib/backbones/weights.ts";
import type { ImageLoss } from "../../../lib/config/config.ts";
import { random } from "../../../lib/math/random.ts";
import { imageTensor } from "../../../lib/training/batches.ts";
import { imageLevel, imageLoss } from "../../../lib/training/objectives/image_level.ts";
import { valueAndGradients } from "../../../lib/training/optimiser.ts";
import { testOnBackends } from "../../support/backends.ts";
import { assertClose } from "../../support/close.ts";
import { IMAGE_LOSSES, onCpu, TINY, tinySlices } from "../tiny.ts";

const slices = tinySlices(5);
const linear = { ...TINY, projection: { depth: 1, width: 6 } };

/**
 * The projections of two independent views of each slice, from the encoder's features on computed
 * in JavaScript: the mean over all positions, then the head's one linear layer.
 */
async function projections(seed: number): Promise<[number[][], number[][]]> {
  const { backbone, network } = imageLevel(linear, IMAGE_LOSSES[0]);
  const weight = await tf.squeeze(network.weights["projection.0.weight"]).array() as number[][];
  const bias = await network.weights["projection.0.bias"].array() as number[];
  const source = random(seed);
  const project = async () => {
    const view = drawView(imageTensor(slices), linear.views, source);
    const features = await backbone.encode(view, { training: true }).array();
    return features.map((image) => {
      const positions = image.flat();
      const pooled = weight.map((_, c) => mean(positions.map((position) => position[c])));
      return bias.map((b, d) => sum(pooled.map((x, c) => x * weight[c][d])) + b);
    });
  };
  return [await project(), await project()];
}

/** The loss of these slices with the linear head. */
async function found(loss: ImageLoss, seed: number): Promise<number> {
  const { loss: run } = imageLevel(linear, loss);
  return (await run(imageTensor(slices), random(seed)).data())[0];
}

testOnBackends("imageLevel() of simclr is NT-Xent over pooled features", async () => {
  const [u, v] = await projections(1);
  const z = [...u, ...v].map((row) => row.map((x) => x / Math.hypot(...row)));
  const n = u.length;
  for (const temperature of [0.5, 0.1]) {
    const similarity = z.map((a) => z.map((b) => sum(a.map((x, k) => x * b[k])) / temperature));
    const losses = similarity.map((row, i) => {
      const others = row.filter((_, j) => j !== i);
      return Math.log(sum(others.map(Math.exp))) - row[(i + n) % (2 * n)];
    });
    assertClose(await found({ name: "simclr", temperature }, 1), mean(losses), 1e-4);
  }
});

testOnBackends("imageLevel() of bt-unet is Barlow Twins over pooled features", async () => {
  const [u, v] = (await projections(2)).map((rows) =>
    rows[0].map((_, d) => {
      const column = rows.map((row) => row[d]);
      const centred = column.map((x) => x - mean(column));
      const deviation = Math.sqrt(mean(centred.map((x) => x * x)) + 1e-5);
      return centred.map((x) => x / deviation);
    })
  );
  for (const lambda of [0, 5e-3, 1]) {
    const terms = u.map((a, i) =>
      v.map((b, j) => {
        const correlation = mean(a.map((x, k) => x * b[k]));
        return i === j ? (1 - correlation) ** 2 : lambda * correlation ** 2;
      })
    );
    assertClose(await found({ name: "bt-unet", lambda }, 2), sum(terms.flat()), 1e-4);
  }
});

for (const loss of IMAGE_LOSSES) {
  testOnBackends(
    `imageLevel() of ${loss.name} reaches the encoder and the head alone`,
    async () => {
      const { network, loss: run } = imageLevel(TINY, loss);
      const { gradients } = valueAndGradients(
        network.weights,
        () => run(imageTensor(slices), random(1)),
      );
      const trained = Object.keys(trainable(network.weights)).filter((name) =>
        /^(backbone\.down|projection)\./.test(name)
      );
      assert.deepEqual(Object.keys(gradients), trained);
      for (const gradient of Object.values(gradients)) {
        assert.ok((await gradient.data()).every(Number.isFinite));
      }
      assert.ok((await gradients["backbone.down.0.0.weight"].data()).some((dw) => dw !== 0));
    },
  );
}

Deno.test(
  "imageLoss() compares two views of each slice that differ in place and intensity",
  onCpu(async () => {
    const x = imageTensor(slices);
    const views: number[][] = [];
    const network: Network = {
      weights: {},
      forward: (view) => {
        views.push([...view.dataSync()]);
        return tf.mean(view, [1, 2], true);
      },
    };
    const options = { views: TINY.views, loss: IMAGE_LOSSES[0], random: random(4) };
    await imageLoss(network, x, options).data();
    assert.equal(views.length, 2);
    assert.notDeepEqual(views[0], views[1]);
    for (const view of views) assert.notDeepEqual(view, [...slices.images]);
  }),
);

function sum(values: number[]): number {
  return values.reduce((total, value) => total + value, 0);
}

function mean(values: number[]): number {
  return sum(values) / values.length;
}
