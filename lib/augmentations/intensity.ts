/**
 * Intensity augmentations of slices in about [0, 1]: noise, blur, gamma, bias field, inversion and
 * rescaling, in this order, as in the published Pix2Rep code (TorchIO's transforms). Everything
 * random is drawn on the CPU, so that a seed gives the same views on every backend.
 *
 * @module
 */
import * as tf from "@tensorflow/tfjs";
import type { IntensitySettings } from "../config/config.ts";
import type { Tensor4D } from "../ops/tensors.ts";
import type { Random } from "../math/random.ts";

/** Degree of the bias field's polynomial. */
const BIAS_FIELD_ORDER = 3;

/** Exponents (i, j) of the bias field's terms xⁱ·yʲ, i + j ≤ 3. */
const BIAS_FIELD_TERMS: readonly (readonly [number, number])[] = exponents(BIAS_FIELD_ORDER);

/** Where the blur's kernel ends, in standard deviations (SciPy's `truncate`). */
const BLUR_TRUNCATE = 4;

/** What the logarithm of an intensity is taken of at least, so that 0 stays 0. */
const SMALLEST_INTENSITY = 1e-12;

/**
 * One random intensity view of a batch: each transform is applied to each slice with its
 * probability, with a strength drawn for that slice. Channels are drawn for as slices are: what is
 * bright in one says nothing of another.
 *
 * @param x [batch, height, width, channels], about [0, 1].
 * @returns a view of the same shape; not clipped to [0, 1].
 */
export function intensityView(
  x: Tensor4D,
  settings: IntensitySettings,
  random: Random,
): Tensor4D {
  const [batch, height, width, channels] = x.shape;
  if (channels === 1) return sliceView(x, settings, random);
  return tf.tidy(() => {
    const apart: Tensor4D = tf.reshape(
      tf.transpose(x, [0, 3, 1, 2]),
      [batch * channels, height, width, 1],
    );
    const view: Tensor4D = tf.reshape(
      sliceView(apart, settings, random),
      [batch, channels, height, width],
    );
    return tf.transpose(view, [0, 2, 3, 1]);
  });
}

/** The view of slices of one channel. */
function sliceView(x: Tensor4D, settings: IntensitySettings, random: Random): Tensor4D {
  const { noise, blur, gamma, biasField, inversion, rescale } = settings;
  const perSlice = <T>({ probability }: { probability: number }, draw: () => T, neutral: T): T[] =>
    Array.from({ length: x.shape[0] }, () => random.uniform() < probability ? draw() : neutral);
  return tf.tidy(() => {
    const noisy = addNoise(x, perSlice(noise, () => random.uniform(...noise.std), 0), random);
    const blurred = gaussianBlur(noisy, perSlice(blur, () => random.uniform(...blur.std), 0));
    const exponent = () => Math.exp(random.uniform(...gamma.logGamma));
    const corrected = adjustGamma(blurred, perSlice(gamma, exponent, 1));
    const coefficients = () => BIAS_FIELD_TERMS.map(() => random.uniform(...biasField.coefficient));
    const flat = BIAS_FIELD_TERMS.map(() => 0);
    const biased = applyBiasField(corrected, perSlice(biasField, coefficients, flat));
    const inverted = invert(biased, perSlice(inversion, () => true, false));
    // Without this condition, views of older settings would be drawn from other random numbers.
    if (rescale.probability === 0) return inverted;
    return rescaleToUnit(inverted, perSlice(rescale, () => true, false));
  });
}

/**
 * Adds white Gaussian noise.
 *
 * @param x [batch, height, width, 1].
 * @param std standard deviation for each slice; 0 leaves it as it is.
 */
export function addNoise(
  x: Tensor4D,
  std: readonly number[],
  random: Random,
): Tensor4D {
  const pixels = x.shape[1] * x.shape[2];
  const noise = new Float32Array(x.shape[0] * pixels);
  std.forEach((strength, slice) => {
    if (strength === 0) return;
    const field = noise.subarray(slice * pixels, (slice + 1) * pixels);
    for (let i = 0; i < pixels; i++) field[i] = strength * random.normal();
  });
  return tf.tidy(() => tf.add(x, tf.tensor4d(noise, x.shape)));
}

/**
 * Blurs with a Gaussian that ends at four standard deviations; the image is mirrored at its border
 * (d c b a | a b c d), as by SciPy's `gaussian_filter`. A product with a matrix from either side: the
 * border is part of the matrices, and matrix products are every backend's best.
 *
 * @param x [batch, height, width, 1].
 * @param std standard deviation for each slice in pixels; 0 leaves it as it is.
 */
export function gaussianBlur(x: Tensor4D, std: readonly number[]): Tensor4D {
  const [batch, height, width] = x.shape;
  return tf.tidy(() => {
    const along = (size: number) => tf.tensor3d(blurMatrices(size, std), [batch, size, size]);
    const down = along(height);
    const across = width === height ? down : along(width);
    const columns = tf.matMul(down, tf.reshape<tf.Rank.R3>(x, [batch, height, width]));
    return tf.reshape(tf.matMul(columns, across, false, true), x.shape);
  });
}

/**
 * Raises to a power, keeping the sign: sign(x)·|x|^γ, computed as x·exp((γ − 1)·log|x|).
 *
 * @param x [batch, height, width, 1].
 * @param gamma exponent for each slice, above 0; 1 leaves it as it is.
 */
export function adjustGamma(x: Tensor4D, gamma: readonly number[]): Tensor4D {
  return tf.tidy(() => {
    const exponent = tf.tensor4d(gamma.map((value) => value - 1), [gamma.length, 1, 1, 1]);
    const logarithm = tf.log(tf.maximum(tf.abs(x), SMALLEST_INTENSITY));
    return tf.mul(x, tf.exp(tf.mul(logarithm, exponent)));
  });
}

/**
 * Multiplies with the exponential of a cubic polynomial, the inhomogeneity of a coil's field (Van
 * Leemput et al., IEEE TMI 1999; in the plane, TorchIO's `RandomBiasField`).
 *
 * @param x [batch, height, width, 1].
 * @param coefficients for each slice the ten coefficients of xⁱ·yʲ for i = 0…3, j = 0…3 − i, with x
 * along the width and y along the height from −1 to 1; zeros leave it as it is.
 */
export function applyBiasField(
  x: Tensor4D,
  coefficients: readonly (readonly number[])[],
): Tensor4D {
  const [batch, height, width] = x.shape;
  return tf.tidy(() => {
    const terms = tf.tensor2d(polynomialTerms(height, width), [
      BIAS_FIELD_TERMS.length,
      height * width,
    ]);
    const polynomial = tf.matMul(tf.tensor2d(coefficients.map((row) => [...row])), terms);
    return tf.mul(x, tf.reshape<tf.Rank.R4>(tf.exp(polynomial), [batch, height, width, 1]));
  });
}

/**
 * Inverts intensities: 1 − x.
 *
 * @param x [batch, height, width, 1], about [0, 1].
 * @param inverted whether to invert, for each slice.
 */
export function invert(x: Tensor4D, inverted: readonly boolean[]): Tensor4D {
  return tf.tidy(() => {
    const perSlice = (value: (inverted: boolean) => number) =>
      tf.tensor4d(inverted.map(value), [inverted.length, 1, 1, 1]);
    return tf.add(tf.mul(x, perSlice((yes) => yes ? -1 : 1)), perSlice((yes) => yes ? 1 : 0));
  });
}

/**
 * Rescales to [0, 1]: (x − min)/(max − min), with the slice's own minimum and maximum; a constant
 * slice stays as it is.
 *
 * @param x [batch, height, width, 1].
 * @param rescaled whether to rescale, for each slice.
 */
export function rescaleToUnit(x: Tensor4D, rescaled: readonly boolean[]): Tensor4D {
  return tf.tidy(() => {
    const chosen = tf.tensor4d([...rescaled], [rescaled.length, 1, 1, 1], "bool");
    const lowest = tf.min(x, [1, 2, 3], true);
    const range = tf.sub(tf.max(x, [1, 2, 3], true), lowest);
    const applies = tf.logicalAnd(chosen, tf.greater(range, 0));
    const shifted = tf.sub(x, tf.where(applies, lowest, tf.zerosLike(lowest)));
    return tf.div(shifted, tf.where(applies, range, tf.onesLike(range)));
  });
}

/** For each slice the matrix that blurs a line of `size` pixels: [slices, size, size]. */
function blurMatrices(size: number, std: readonly number[]): Float32Array {
  const matrices = new Float32Array(std.length * size * size);
  std.forEach((width, slice) => {
    const weights = gaussianKernel(width);
    const radius = (weights.length - 1) / 2;
    for (let row = 0; row < size; row++) {
      const at = (slice * size + row) * size;
      weights.forEach((weight, i) => matrices[at + mirrored(row + i - radius, size)] += weight);
    }
  });
  return matrices;
}

/** The position that the mirrored image (d c b a | a b c d) shows at a position outside. */
function mirrored(position: number, size: number): number {
  const phase = ((position % (2 * size)) + 2 * size) % (2 * size);
  return phase < size ? phase : 2 * size - 1 - phase;
}

/** How many pixels a blur reaches to each side. */
function blurRadius(std: number): number {
  return Math.floor(BLUR_TRUNCATE * std + 0.5);
}

/** A Gaussian's weights from one end of its reach to the other, with sum 1. */
function gaussianKernel(std: number): number[] {
  const radius = blurRadius(std);
  const weights = Array.from(
    { length: 2 * radius + 1 },
    (_, i) => i === radius ? 1 : Math.exp(-0.5 * ((i - radius) / std) ** 2),
  );
  const sum = weights.reduce((a, b) => a + b);
  return weights.map((weight) => weight / sum);
}

/** All (i, j) with i + j ≤ order. */
function exponents(order: number): [number, number][] {
  const terms: [number, number][] = [];
  for (let i = 0; i <= order; i++) {
    for (let j = 0; j <= order - i; j++) terms.push([i, j]);
  }
  return terms;
}

/** Each term xⁱ·yʲ at each pixel: [terms, height × width]. */
function polynomialTerms(height: number, width: number): Float32Array {
  const values = new Float32Array(BIAS_FIELD_TERMS.length * height * width);
  let at = 0;
  for (const [i, j] of BIAS_FIELD_TERMS) {
    for (let row = 0; row < height; row++) {
      const yj = (2 * row / (height - 1) - 1) ** j;
      for (let column = 0; column < width; column++) {
        values[at++] = (2 * column / (width - 1) - 1) ** i * yj;
      }
    }
  }
  return values;
}
