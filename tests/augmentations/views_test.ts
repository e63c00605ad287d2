import assert from "node:assert/strict";
import * as tf from "@tensorflow/tfjs";
import { drawElastic } from "../../lib/augmentations/elastic.ts";
import { drawAffine } from "../../lib/augmentations/spatial.ts";
import { drawView, drawViews, supervisedView } from "../../lib/augmentations/views.ts";
import { affineGrid } from "../../lib/ops/affine_grid.ts";
import { gridSample } from "../../lib/ops/grid_sample.ts";
import type { ViewSettings } from "../../lib/config/config.ts";
import { PRESETS, PUBLISHED_VIEWS, SUPERVISED_VIEWS } from "../../lib/config/presets.ts";
import { random } from "../../lib/math/random.ts";
import { testOnBackends } from "../support/backends.ts";
import { assertClose } from "../support/close.ts";

const SIZE = 16;
const PLAIN: ViewSettings = {
  intensity: {
    noise: { probability: 0, std: [0, 0] },
    blur: { probability: 0, std: [0, 0] },
    gamma: { probability: 0, logGamma: [0, 0] },
    biasField: { probability: 0, coefficient: [0, 0] },
    inversion: { probability: 0 },
    rescale: { probability: 0 },
  },
  spatial: { rotation: [0, 0], scale: [1, 1], flip: false, elastic: [] },
};

const V2_VIEWS = PRESETS["pix2rep-v2"].views;

/** Random slices, [batch, 16, 16, 1] in [0, 1). */
function slices(batch: number): tf.Tensor4D {
  const draw = random("slices");
  const values = Float32Array.from({ length: batch * SIZE * SIZE }, () => draw.uniform());
  return tf.tensor4d(values, [batch, SIZE, SIZE, 1]);
}

/** A bright disc as one-hot labels of background and disc, [batch, 16, 16, 2]. */
function discs(batch: number): tf.Tensor4D {
  const inside = Float32Array.from({ length: SIZE * SIZE }, (_, i) => {
    const [x, y] = [i % SIZE - 6, Math.floor(i / SIZE) - 9];
    return x * x + y * y < 20 ? 1 : 0;
  });
  const disc = tf.tile(tf.tensor4d(inside, [1, SIZE, SIZE, 1]), [batch, 1, 1, 1]);
  return tf.concat([tf.sub(1, disc), disc], 3) as tf.Tensor4D;
}

testOnBackends("drawViews() shows x itself where nothing is random", async () => {
  const x = slices(2);
  const { first, second, inside } = drawViews(x, PLAIN, random(1));
  assertClose(await first.data(), await x.data(), 1e-5);
  assertClose(await second.data(), await x.data(), 1e-5);
  assert.ok(inside.every((pixel) => pixel === 1));
});

testOnBackends("drawViews() warps the second view along the grid that it returns", async () => {
  const x = slices(3);
  const settings = { ...PLAIN, spatial: PUBLISHED_VIEWS.spatial };
  const { first, second, grid } = drawViews(x, settings, random(2));
  assert.deepEqual(grid.shape, [3, SIZE, SIZE, 2]);
  assertClose(await second.data(), await gridSample(first, grid).data(), 1e-5);
});

testOnBackends("drawView() is one spatial transform of one intensity transform", async () => {
  const x = slices(3);
  const spatial = { ...PLAIN, spatial: PUBLISHED_VIEWS.spatial };
  const { second } = drawViews(x, spatial, random(2));
  assertClose(await drawView(x, spatial, random(2)).data(), await second.data(), 1e-5);
  const inverted = { ...PLAIN, intensity: { ...PLAIN.intensity, inversion: { probability: 1 } } };
  assertClose(await drawView(x, inverted, random(2)).data(), await tf.sub(1, x).data(), 1e-5);
});

testOnBackends("drawViews() tells which pixels of the second view show the slice", async () => {
  const x = tf.ones<tf.Rank.R4>([8, SIZE, SIZE, 1]);
  for (const { spatial } of [PUBLISHED_VIEWS, V2_VIEWS]) {
    const { second, grid, inside } = drawViews(x, { ...PLAIN, spatial }, random(4));
    const [values, points] = await Promise.all([second.data(), grid.data()]);
    assert.ok(inside.includes(0), "a case without a pixel outside would test nothing");
    inside.forEach((visible, i) => {
      const reach = Math.max(Math.abs(points[2 * i]), Math.abs(points[2 * i + 1]));
      if (Math.abs(reach - 1) > 1e-4) assert.equal(visible, reach < 1 ? 1 : 0);
      if (visible) assertClose(values[i], 1, 1e-4);
      else assert.ok(values[i] < 1);
    });
  }
});

testOnBackends("drawViews() masks by the very grid that it samples with, if elastic", async () => {
  const x = slices(64);
  const { grid, inside } = drawViews(x, V2_VIEWS, random(11));
  const points = await grid.data();
  const limit = 1 + 1e-6;
  const expected = inside.map((_, i) =>
    Math.max(Math.abs(points[2 * i]), Math.abs(points[2 * i + 1])) <= limit ? 1 : 0
  );
  assert.deepEqual(inside, expected);
});

testOnBackends("drawViews() in one grid warps first affinely, then elastically", async () => {
  const [batch, size] = [6, 64];
  const wave = Float32Array.from({ length: size * size }, (_, i) => {
    const [x, y] = [i % size, Math.floor(i / size)].map((pixel) => 2 * pixel / (size - 1) - 1);
    return 0.5 + 0.25 * Math.sin(3 * x + y) + 0.25 * Math.cos(2 * y - x);
  });
  const x = tf.tile(tf.tensor4d(wave, [1, size, size, 1]), [batch, 1, 1, 1]) as tf.Tensor4D;
  const spatial = { ...V2_VIEWS.spatial, rotation: [-0.3, 0.3], scale: [0.4, 0.7] } as const;
  const { second, inside } = drawViews(x, { ...PLAIN, spatial }, random(12));
  // The same draws, resampled twice.
  const draw = random(12);
  const theta = tf.tensor3d(drawAffine(batch, spatial, draw), [batch, 2, 3]);
  const displacement = drawElastic([batch, size], spatial.elastic, draw);
  const identity = tf.tensor3d([[[1, 0, 0], [0, 1, 0]]]);
  const moved: tf.Tensor4D = tf.add(
    affineGrid(identity, [size, size]),
    tf.tensor4d(displacement, [batch, size, size, 2]),
  );
  const affinely = (y: tf.Tensor4D) => gridSample(y, affineGrid(theta, [size, size]));
  const inTwo = (y: tf.Tensor4D) => gridSample(affinely(y), moved);
  const views = [second, inTwo(x), inTwo(tf.onesLike(x)), affinely(x)];
  const [once, twice, seen, affine] = await Promise.all(views.map((view) => view.data()));
  // The second step cannot see what the first one left outside.
  const shown = [...inside.keys()].filter((i) => inside[i] && seen[i] > 0.9999);
  assert.ok(shown.length > 0.8 * inside.length);
  assertClose(shown.map((i) => once[i]), shown.map((i) => twice[i]), 2e-3);
  assert.ok(shown.some((i) => Math.abs(once[i] - affine[i]) > 0.05), "something must deform");
});

testOnBackends("drawViews() without displacement is the affine transform alone", async () => {
  const x = slices(3);
  const still = [{ points: 5, displacement: 0 }];
  const spatial = PUBLISHED_VIEWS.spatial;
  const affine = drawViews(x, { ...PLAIN, spatial }, random(13));
  const elastic = drawViews(
    x,
    { ...PLAIN, spatial: { ...spatial, elastic: still } },
    random(13),
  );
  assertClose(await elastic.grid.data(), await affine.grid.data(), 1e-6, 1);
  assert.deepEqual(elastic.inside, affine.inside);
});

testOnBackends("drawViews() gives the two views different intensities", async () => {
  const x = slices(2);
  const settings = { ...PUBLISHED_VIEWS, spatial: PLAIN.spatial };
  const { first, second } = drawViews(x, settings, random(5));
  const [a, b] = await Promise.all([first.data(), second.data()]);
  assert.ok(a.some((value, i) => Math.abs(value - b[i]) > 0.01));
});

testOnBackends("drawViews() depends on the seed alone", async () => {
  const x = slices(2);
  for (const settings of [PUBLISHED_VIEWS, V2_VIEWS]) {
    const views = async (seed: number) => {
      const { first, second, grid, inside } = drawViews(x, settings, random(seed));
      return [await first.data(), await second.data(), await grid.data(), inside];
    };
    assert.deepEqual(await views(1), await views(1));
    assert.notDeepEqual(await views(1), await views(2));
  }
});

testOnBackends("drawViews() keeps only what it returns", () => {
  const x = slices(2);
  const before = tf.memory().numTensors;
  for (const settings of [PUBLISHED_VIEWS, V2_VIEWS]) {
    const { first, second, grid } = drawViews(x, settings, random(6));
    assert.equal(tf.memory().numTensors, before + 3);
    tf.dispose([first, second, grid]);
  }
});

testOnBackends("drawViews() moves all channels of a slice together", async () => {
  const [a, b] = [slices(3), tf.sub(1, slices(3)) as tf.Tensor4D];
  const both = tf.concat([a, b], 3) as tf.Tensor4D;
  for (const spatial of [PUBLISHED_VIEWS.spatial, V2_VIEWS.spatial]) {
    const settings = { ...PLAIN, spatial };
    const draw = (x: tf.Tensor4D) => drawViews(x, settings, random(14));
    const { second, grid, inside } = draw(both);
    assert.deepEqual(second.shape, both.shape);
    const [first, other] = [draw(a), draw(b)];
    assert.deepEqual(inside, first.inside);
    assertClose(await grid.data(), await first.grid.data(), 1e-6, 1);
    const expected = tf.concat([first.second, other.second], 3);
    assertClose(await second.data(), await expected.data(), 1e-5);
  }
});

testOnBackends("supervisedView() moves images and labels together", async () => {
  const labels = discs(4);
  const images = tf.slice(labels, [0, 0, 0, 1]) as tf.Tensor4D;
  const onlyElastic = { ...PLAIN.spatial, elastic: V2_VIEWS.spatial.elastic };
  for (const spatial of [PUBLISHED_VIEWS.spatial, V2_VIEWS.spatial, onlyElastic]) {
    const view = supervisedView({ images, labels }, { ...PLAIN, spatial }, random(7));
    assert.deepEqual(view.labels.shape, labels.shape);
    const [, disc] = tf.split(view.labels, 2, 3);
    assertClose(await view.images.data(), await disc.data(), 1e-5);
    const moved = await tf.max(tf.abs(tf.sub(view.images, images))).data();
    assert.ok(moved[0] > 0.2);
  }
});

testOnBackends("supervisedView() lets the classes of every pixel sum to 1", async () => {
  const labels = discs(4);
  const images = slices(4);
  for (const settings of [PUBLISHED_VIEWS, SUPERVISED_VIEWS, V2_VIEWS]) {
    const view = supervisedView({ images, labels }, settings, random(8));
    const sums = await tf.sum(view.labels, 3).data();
    assertClose(sums, new Array(4 * SIZE * SIZE).fill(1), 1e-5);
    assert.ok((await tf.min(view.labels).data())[0] > -1e-5);
  }
});

testOnBackends("supervisedView() leaves labels one-hot where nothing moves", async () => {
  const labels = discs(2);
  const view = supervisedView({ images: slices(2), labels }, PLAIN, random(9));
  assertClose(await view.labels.data(), await labels.data(), 1e-4);
});

testOnBackends("drawViews() throws RangeError for slices that are not square", () => {
  assert.throws(() => drawViews(tf.zeros([1, 8, 6, 1]), PLAIN, random(10)), {
    name: "RangeError",
    message: "views: expected square slices, found 8 × 6; crop or pad them first",
  });
});

testOnBackends(
  "supervisedView() knows of a pixel what it knows of those it is made of",
  async () => {
    const whole = discs(4);
    // Nobody labelled the right half.
    const half = Float32Array.from({ length: SIZE * SIZE }, (_, i) => i % SIZE < SIZE / 2 ? 1 : 0);
    const known: tf.Tensor4D = tf.tile(tf.tensor4d(half, [1, SIZE, SIZE, 1]), [4, 1, 1, 1]);
    const labels: tf.Tensor4D = tf.mul(whole, known);
    const images = slices(4);
    for (const settings of [PLAIN, PUBLISHED_VIEWS, V2_VIEWS]) {
      const view = supervisedView({ images, labels, known }, settings, random(11));
      const sums = await tf.sum(view.labels, 3, true).data();
      assertClose(await view.known!.data(), sums, 1e-5);
      // The unknown half as a structure of its own is as large, wherever it went.
      const classes: tf.Tensor4D = tf.concat([labels, tf.sub(1, known)], 3);
      const asStructure = supervisedView({ images, labels: classes }, settings, random(11));
      assertClose(
        await view.labels.data(),
        await tf.slice(asStructure.labels, [0, 0, 0, 0], [-1, -1, -1, 2]).data(),
        1e-5,
      );
      assert.ok(sums.some((sum) => sum < 0.1) && sums.some((sum) => sum > 0.9));
    }
  },
);
