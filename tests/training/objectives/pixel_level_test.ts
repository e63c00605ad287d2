import * as tf from "@tensorflow/tfjs";
import assert from "node:assert/strict";
import { drawViews } from "../../../lib/augmentations/views.ts";
import { type Network, trainable } from "../../../lib/backbones/weights.ts";
import type { FieldOfView, PixelLoss } from "../../../lib/config/config.ts";
import { random } from "../../../lib/math/random.ts";
import { imageTensor } from "../../../lib/training/batches.ts";
import { pixelLevel, pixelLoss } from "../../../lib/training/objectives/pixel_level.ts";
import { valueAndGradients } from "../../../lib/training/optimiser.ts";
import { testOnBackends } from "../../support/backends.ts";
import { assertClose } from "../../support/close.ts";
import { onCpu, PIXEL_LOSSES, PLAIN_VIEWS, TINY, tinySlices } from "../tiny.ts";

const slices = tinySlices(5);

for (const [name, lossOf] of Object.entries(PIXEL_LOSSES)) {
  testOnBackends(`pixelLevel() with ${name} reaches every trainable weight`, async () => {
    for (const fieldOfView of ["mask", "zero-pad"] as const) {
      const { network, loss } = pixelLevel(TINY, lossOf(fieldOfView));
      const { value, gradients } = valueAndGradients(
        network.weights,
        () => loss(imageTensor(slices), random(1)),
      );
      assert.ok(Number.isFinite((await value.data())[0]));
      assert.deepEqual(Object.keys(gradients), Object.keys(trainable(network.weights)));
      for (const gradient of Object.values(gradients)) {
        const values = await gradient.data();
        assert.ok(values.every(Number.isFinite));
      }
      assert.ok((await gradients["backbone.down.0.0.weight"].data()).some((dw) => dw !== 0));
    }
  });

  Deno.test(
    `pixelLoss() with ${name} masks what lies outside the field of view`,
    onCpu(async () => {
      const x = imageTensor(slices);
      const { inside } = drawViews(x, TINY.views, random(7));
      assert.ok(inside.includes(0));
      const outside = tf.tensor4d(inside.map((visible) => 1 - visible), [5, 16, 16, 1]);
      /** The loss where the second view's features outside are changed by some amount. */
      const changed = async (amount: number, fieldOfView: FieldOfView) => {
        const features = pointwise(3);
        let views = 0;
        const network: Network = {
          weights: {},
          forward: (x) =>
            ++views === 1 ? features(x) : tf.add(features(x), tf.mul(outside, amount)),
        };
        const options = { views: TINY.views, loss: lossOf(fieldOfView), random: random(7) };
        return (await pixelLoss(network, x, options).data())[0];
      };
      assertClose(await changed(9, "mask"), await changed(0, "mask"), 1e-5);
      assert.notEqual(await changed(9, "zero-pad"), await changed(0, "zero-pad"));
    }),
  );
}

testOnBackends("pixelLoss() warps the first view's features onto the second", async () => {
  const views = { ...TINY.views, intensity: PLAIN_VIEWS.intensity };
  const network = { weights: {}, forward: pointwise(1) };
  for (const pixels of ["all", 200] as const) {
    const loss: PixelLoss = { name: "barlow-twins", lambda: 1, pixels, fieldOfView: "mask" };
    const options = { views, loss, random: random(3) };
    // One linear feature of one pixel follows the transform exactly: correlation 1.
    assertClose(await pixelLoss(network, imageTensor(slices), options).data(), [0], 1e-6, 1);
  }
});

/** A network that multiplies each pixel by one number per feature. */
function pointwise(features: number): (x: tf.Tensor4D) => tf.Tensor4D {
  const factors = Array.from({ length: features }, (_, i) => i % 2 ? -i : 1 + i);
  return (x) => tf.mul(x, tf.tensor4d(factors, [1, 1, 1, features]));
}
