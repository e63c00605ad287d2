import assert from "node:assert/strict";
import * as tf from "@tensorflow/tfjs";
import {
  addNoise,
  adjustGamma,
  applyBiasField,
  gaussianBlur,
  intensityView,
  invert,
  rescaleToUnit,
} from "../../lib/augmentations/intensity.ts";
import type { IntensitySettings } from "../../lib/config/config.ts";
import { PUBLISHED_VIEWS } from "../../lib/config/presets.ts";
import { random } from "../../lib/math/random.ts";
import { testOnBackends } from "../support/backends.ts";
import { assertClose } from "../support/close.ts";

const NOTHING: IntensitySettings = {
  noise: { probability: 0, std: [0.1, 0.5] },
  blur: { probability: 0, std: [0.5, 1.3] },
  gamma: { probability: 0, logGamma: [-0.5, 0.5] },
  biasField: { probability: 0, coefficient: [-0.9, 0.9] },
  inversion: { probability: 0 },
  rescale: { probability: 0 },
};

/** Random values in [low, 1). */
function image(shape: [number, number, number, number], seed: number, low = 0): tf.Tensor4D {
  const draw = random(seed, "image");
  const size = shape.reduce((a, b) => a * b);
  return tf.tensor4d(Float32Array.from({ length: size }, () => draw.uniform(low, 1)), shape);
}

testOnBackends("addNoise() adds white noise of each slice's standard deviation", async () => {
  const x = image([3, 64, 64, 1], 1);
  const y = addNoise(x, [0, 0.1, 0.4], random("noise"));
  const slices = tf.split(tf.sub(y, x), 3);
  const [none, weak, strong] = await Promise.all(slices.map(numbers));
  assertClose(none, new Float32Array(64 * 64), 1e-6);
  for (const [noise, std] of [[weak, 0.1], [strong, 0.4]] as const) {
    const mean = noise.reduce((a, b) => a + b) / noise.length;
    const variance = noise.reduce((a, b) => a + (b - mean) ** 2, 0) / noise.length;
    const neighbours = noise.slice(1).reduce((a, b, i) => a + b * noise[i], 0) / noise.length;
    assert.ok(Math.abs(mean) < 0.08 * std, `mean ${mean}`);
    assert.ok(Math.abs(Math.sqrt(variance) / std - 1) < 0.06, `variance ${variance}`);
    assert.ok(Math.abs(neighbours) < 0.08 * std ** 2, `autocorrelation ${neighbours}`);
  }
});

testOnBackends("gaussianBlur() is the direct sum over the mirrored image", async () => {
  const std = [0.4, 0, 1.3, 0.9];
  const mirror = (i: number, n: number): number =>
    i < 0 ? mirror(-1 - i, n) : i >= n ? mirror(2 * n - 1 - i, n) : i;
  // The second is smaller than the kernel: it is mirrored over and over.
  for (const [height, width] of [[9, 11], [2, 3]]) {
    const x = image([4, height, width, 1], 2);
    const y = await gaussianBlur(x, std).data();
    const values = await x.data();
    const expected: number[] = [];
    for (let slice = 0; slice < std.length; slice++) {
      const radius = Math.floor(4 * std[slice] + 0.5);
      for (let row = 0; row < height; row++) {
        for (let column = 0; column < width; column++) {
          let [sum, total] = [0, 0];
          for (let dy = -radius; dy <= radius; dy++) {
            for (let dx = -radius; dx <= radius; dx++) {
              const distance = dx * dx + dy * dy;
              const weight = distance ? Math.exp(-distance / (2 * std[slice] ** 2)) : 1;
              const at = mirror(row + dy, height) * width + mirror(column + dx, width);
              sum += weight * values[slice * height * width + at];
              total += weight;
            }
          }
          expected.push(sum / total);
        }
      }
    }
    assertClose(y, expected, 1e-5);
  }
});

testOnBackends("gaussianBlur() leaves a constant image constant up to its border", async () => {
  const y = await gaussianBlur(tf.fill([2, 8, 8, 1], 0.7), [1.3, 0.6]).data();
  assertClose(y, new Array(128).fill(0.7), 1e-6);
});

testOnBackends("adjustGamma() raises the magnitude and keeps the sign", async () => {
  const values = [-1.5, -0.25, 0, 0.01, 0.5, 2];
  const gamma = [1, 0.7, 1.6];
  const x = tf.tensor4d([...values, ...values, ...values], [3, 2, 3, 1]);
  const expected = gamma.flatMap((g) => values.map((v) => Math.sign(v) * Math.abs(v) ** g));
  assertClose(await adjustGamma(x, gamma).data(), expected, 1e-5);
});

testOnBackends("applyBiasField() multiplies with the exponential of a cubic", async () => {
  const [height, width] = [5, 7];
  const draw = random("coefficients");
  const c = Array.from({ length: 10 }, () => draw.uniform(-0.9, 0.9));
  const x = image([2, height, width, 1], 3);
  const y = await applyBiasField(x, [c, new Array(10).fill(0)]).data();
  const values = await x.data();
  const expected = Array.from(values);
  for (let row = 0; row < height; row++) {
    for (let column = 0; column < width; column++) {
      const v = -1 + row / 2;
      const u = -1 + column / 3;
      const polynomial = c[0] + c[1] * v + c[2] * v ** 2 + c[3] * v ** 3 +
        u * (c[4] + c[5] * v + c[6] * v ** 2) + u ** 2 * (c[7] + c[8] * v) + c[9] * u ** 3;
      expected[row * width + column] *= Math.exp(polynomial);
    }
  }
  assertClose(y, expected, 1e-5);
});

testOnBackends("invert() turns only the chosen slices into 1 − x", async () => {
  const x = tf.tensor4d([0, 0.2, 1, -0.1, 0, 0.2, 1, -0.1], [2, 2, 2, 1]);
  const y = await invert(x, [true, false]).data();
  assertClose(y, [1, 0.8, 0, 1.1, 0, 0.2, 1, -0.1], 1e-6);
});

testOnBackends("rescaleToUnit() brings only the chosen slices to [0, 1]", async () => {
  const values = [-0.5, 0.25, 1.5, 0.5];
  const x = tf.tensor4d([...values, ...values], [2, 2, 2, 1]);
  assertClose(await rescaleToUnit(x, [true, false]).data(), [0, 0.375, 1, 0.5, ...values], 1e-6);
});

testOnBackends("rescaleToUnit() leaves a constant slice as it is", async () => {
  const x = tf.tensor4d([0, 0, 0, 0, 0.7, 0.7, 0.7, 0.7], [2, 2, 2, 1]);
  assert.deepEqual(await rescaleToUnit(x, [true, true]).data(), await x.data());
});

testOnBackends("intensityView() rescales last, with the probability told", async () => {
  const x = image([200, 8, 8, 1], 7);
  const settings = { ...PUBLISHED_VIEWS.intensity, rescale: { probability: 0.6 } };
  const y = intensityView(x, settings, random("rescale"));
  const lowest = await tf.min(y, [1, 2, 3]).data();
  const highest = await tf.max(y, [1, 2, 3]).data();
  const rescaled = lowest.filter((low, i) => low === 0 && Math.abs(highest[i] - 1) < 1e-6);
  assertFrequency(rescaled.length, 0.6, 200);
});

testOnBackends("intensityView() draws nothing for a rescaling that never happens", async () => {
  const x = image([2, 8, 8, 1], 8);
  const draws = (probability: number) => {
    let count = 0;
    const source = random("draws");
    const uniform = (low?: number, high?: number) => (count++, source.uniform(low, high));
    const settings = { ...PUBLISHED_VIEWS.intensity, rescale: { probability } };
    const y = intensityView(x, settings, { ...source, uniform });
    return { count, y };
  };
  const [never, always] = [draws(0), draws(1)];
  assert.equal(always.count, never.count + 2);
  const expected = rescaleToUnit(never.y, [true, true]);
  assertClose(await always.y.data(), await expected.data(), 1e-6);
});

testOnBackends("intensityView() leaves x when nothing is applied", async () => {
  const x = image([3, 16, 16, 1], 4, -0.2);
  const y = intensityView(x, NOTHING, random("nothing"));
  assertClose(await y.data(), await x.data(), 1e-5);
});

testOnBackends("intensityView() depends on the seed alone", async () => {
  const x = image([2, 16, 16, 1], 5);
  const view = async (seed: number) =>
    Array.from(await intensityView(x, PUBLISHED_VIEWS.intensity, random(seed)).data());
  assert.deepEqual(await view(1), await view(1));
  assert.notDeepEqual(await view(1), await view(2));
});

testOnBackends("intensityView() releases what it makes on the way", () => {
  const x = image([2, 16, 16, 1], 6);
  const before = tf.memory().numTensors;
  intensityView(x, PUBLISHED_VIEWS.intensity, random(3)).dispose();
  assert.equal(tf.memory().numTensors, before);
});

// Only one transform at a time is switched on; its strength is read back from what it did to a
// constant slice (for the blur: to a single bright pixel).
testOnBackends(
  "intensityView() draws strengths within their ranges, as often as told",
  async () => {
    const batch = 400;
    const only = (settings: Partial<IntensitySettings>) => ({ ...NOTHING, ...settings });
    const apply = async (x: tf.Tensor4D, settings: IntensitySettings) => {
      const y = await numbers(intensityView(x, settings, random("statistics")));
      const size = y.length / batch;
      return Array.from({ length: batch }, (_, i) => y.slice(i * size, (i + 1) * size));
    };
    const { noise, blur, gamma, biasField, inversion } = PUBLISHED_VIEWS.intensity;
    const half = tf.fill<tf.Rank.R4>([batch, 12, 12, 1], 0.5);
    const spot = tf.tile(
      tf.pad(tf.ones<tf.Rank.R4>([1, 1, 1, 1]), [[0, 0], [6, 5], [6, 5], [0, 0]]),
      [batch, 1, 1, 1],
    ) as tf.Tensor4D;

    const noisy = (await apply(half, only({ noise }))).map((slice) =>
      Math.sqrt(
        slice.reduce((sum, value) => sum + (value - 0.5) ** 2, 0) / slice.length,
      )
    );
    assertDraws(
      noisy.filter((std) => std > 1e-4),
      { ...noise, range: noise.std, slack: 0.1 },
      batch,
    );

    // σ² = second moment of the spread-out pixel; the truncated and pixelated kernel is not exact.
    const spread = (await apply(spot, only({ blur }))).map((slice) =>
      Math.sqrt(
        slice.reduce((sum, value, i) => sum + value * (i % 12 - 6) ** 2, 0),
      )
    );
    assertDraws(spread.filter((std) => std > 0), { ...blur, range: blur.std, slack: 0.1 }, batch);

    const exponents = (await apply(half, only({ gamma })))
      .map(([value]) => Math.log(Math.log(value) / Math.log(0.5)));
    const drawn = exponents.filter((log) => Math.abs(log) > 1e-4);
    assertDraws(drawn, { ...gamma, range: gamma.logGamma, slack: 1e-4 }, batch);

    // At the centre of an odd grid the polynomial is its constant coefficient.
    const odd = tf.fill<tf.Rank.R4>([batch, 3, 3, 1], 0.5);
    const constants = (await apply(odd, only({ biasField }))).map((slice) =>
      Math.log(2 * slice[4])
    );
    const applied = constants.filter((log) => Math.abs(log) > 1e-6);
    assertDraws(applied, { ...biasField, range: biasField.coefficient, slack: 1e-4 }, batch);

    const zero = tf.zeros<tf.Rank.R4>([batch, 2, 2, 1]);
    const inverted = (await apply(zero, only({ inversion }))).filter(([value]) => value === 1);
    assertFrequency(inverted.length, inversion.probability, batch);
  },
);

testOnBackends("intensityView() draws for each channel as for a slice of its own", async () => {
  const [batch, height, width, channels] = [3, 8, 10, 2];
  const settings = { ...PUBLISHED_VIEWS.intensity, rescale: { probability: 0.5 } };
  const x = image([batch, height, width, channels], 9);
  const values = await x.data();
  /** The place of a pixel in slices that stand one channel after the other. */
  const apart = (i: number) => {
    const [pixel, channel] = [Math.floor(i / channels), i % channels];
    const [slice, place] = [Math.floor(pixel / height / width), pixel % (height * width)];
    return (slice * channels + channel) * height * width + place;
  };
  const moved = new Float32Array(x.size);
  values.forEach((value, i) => moved[apart(i)] = value);
  const slices = tf.tensor4d(moved, [batch * channels, height, width, 1]);
  const expected = await intensityView(slices, settings, random("channels")).data();
  const view = intensityView(x, settings, random("channels"));
  assert.deepEqual(view.shape, x.shape);
  assertClose(await view.data(), Array.from(values, (_, i) => expected[apart(i)]), 1e-5);
});

testOnBackends(
  "intensityView() inverts channels independently, and leaves nothing behind",
  async () => {
    const x = tf.zeros<tf.Rank.R4>([300, 2, 2, 2]);
    const before = tf.memory().numTensors;
    const inversion = { probability: 0.5 };
    const view = intensityView(x, { ...NOTHING, inversion }, random("independent"));
    assert.equal(tf.memory().numTensors, before + 1);
    const y = await numbers(view);
    const pairs = Array.from({ length: 300 }, (_, slice) => y.slice(8 * slice, 8 * slice + 2));
    for (const pair of [[0, 0], [0, 1], [1, 0], [1, 1]]) {
      assertFrequency(pairs.filter((found) => `${found}` === `${pair}`).length, 0.25, 300);
    }
  },
);

/** A tensor's values. */
async function numbers(x: tf.Tensor): Promise<number[]> {
  return Array.from(await x.data());
}

/** As many draws as the probability says, filling their range. */
function assertDraws(
  draws: number[],
  { probability, range: [low, high], slack }: {
    probability: number;
    range: readonly [number, number];
    slack: number;
  },
  batch: number,
): void {
  assertFrequency(draws.length, probability, batch);
  const width = high - low;
  const [least, most] = [Math.min(...draws), Math.max(...draws)];
  assert.ok(
    least >= low - slack && least < low + 0.1 * width,
    `least ${least} of [${low}, ${high}]`,
  );
  assert.ok(most <= high + slack && most > high - 0.1 * width, `most ${most} of [${low}, ${high}]`);
}

/** Within four standard deviations of the binomial distribution. */
function assertFrequency(count: number, probability: number, trials: number): void {
  const deviation = Math.sqrt(probability * (1 - probability) * trials);
  assert.ok(Math.abs(count - probability * trials) < 4 * deviation, `${count} of ${trials}`);
}
