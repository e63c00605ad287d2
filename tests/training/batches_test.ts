import assert from "node:assert/strict";
import fc from "fast-check";
import { IGNORED } from "../../lib/data/masks/labels.ts";
import {
  batchPositions,
  drawBatch,
  drawnNames,
  imageTensor,
  knownTensor,
  labelTensor,
} from "../../lib/training/batches.ts";
import { testOnBackends } from "../support/backends.ts";
import { tinySlices, unlabelled } from "./tiny.ts";

const size = fc.integer({ min: 1, max: 12 });

Deno.test("batchPositions() shows every slice once per epoch, whatever the batch", () => {
  fc.assert(fc.property(size, size, fc.nat(9), (count, batch, seed) => {
    const epochs = 3;
    const steps = Math.ceil(epochs * count / batch);
    const stream = Array.from(
      { length: steps },
      (_, i) => batchPositions(i + 1, count, { batch, seed }),
    ).flat();
    for (let epoch = 0; epoch < epochs; epoch++) {
      const seen = stream.slice(epoch * count, (epoch + 1) * count);
      assert.deepEqual(seen.toSorted((a, b) => a - b), [...Array(count).keys()]);
    }
  }));
});

Deno.test("batchPositions() draws the same from the same seed, another order in each epoch", () => {
  const epoch = (step: number, seed = 1) => batchPositions(step, 50, { batch: 50, seed });
  assert.deepEqual(epoch(1), epoch(1));
  assert.notDeepEqual(epoch(1), epoch(2));
  assert.notDeepEqual(epoch(1), epoch(1, 2));
});

testOnBackends("drawBatch(), imageTensor() and labelTensor() keep slices and labels", async () => {
  const stack = tinySlices(5);
  const options = { batch: 3, seed: 0 };
  const batch = drawBatch(stack, 2, options);
  const [image, label] = [imageTensor(batch), labelTensor(batch, 4)];
  assert.deepEqual(image.shape, [3, 16, 16, 1]);
  assert.deepEqual([label.shape, label.dtype], [[3, 16, 16, 4], "float32"]);
  const [pixels, oneHot] = [await image.data(), await label.data()];
  batchPositions(2, 5, options).forEach((position, i) => {
    for (let pixel = 0; pixel < 256; pixel++) {
      const [from, to] = [position * 256 + pixel, i * 256 + pixel];
      assert.equal(pixels[to], stack.images[from]);
      const expected = [0, 0, 0, 0];
      expected[stack.labels[from]] = 1;
      assert.deepEqual([...oneHot.slice(4 * to, 4 * to + 4)], expected);
    }
  });
});

Deno.test("labelTensor() refuses slices without labels", () => {
  assert.throws(() => labelTensor(unlabelled(tinySlices(1)), 3), {
    name: "TypeError",
    message: "expected labelled slices, found slices without labels",
  });
});

Deno.test("drawnNames() names the slices of a step, eight at most", () => {
  const options = { batch: 10, seed: 3, nameOf: (position: number) => `p${position}` };
  const names = batchPositions(2, 7, options).map((position) => `p${position}`);
  assert.equal(drawnNames(2, 7, options), `${names.slice(0, 8).join(", ")} and 2 more`);
  const [position] = batchPositions(1, 7, { batch: 1, seed: 3 });
  assert.equal(drawnNames(1, 7, { batch: 1, seed: 3 }), `slice ${position}`);
});

testOnBackends("labelTensor() and knownTensor() are 0 where nobody labelled", async () => {
  const stack = tinySlices(2);
  assert.equal(knownTensor(stack), undefined);
  assert.equal(knownTensor(unlabelled(stack)), undefined);
  const whole = await labelTensor(stack, 3).data();
  stack.labels.fill(IGNORED, 100, 300);
  const [labels, known] = [labelTensor(stack, 3), knownTensor(stack)!];
  assert.deepEqual(known.shape, [2, 16, 16, 1]);
  const [oneHot, share] = [await labels.data(), await known.data()];
  oneHot.forEach((value, i) => {
    const pixel = Math.floor(i / 3);
    const ignored = pixel >= 100 && pixel < 300;
    assert.deepEqual([value, share[pixel]], ignored ? [0, 0] : [whole[i], 1]);
  });
});
