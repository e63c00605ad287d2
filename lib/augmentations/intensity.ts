/**
 * Intensity augmentations of slices in about [0, 1]: noise, blur, gamma, bias field, inversion and
 * rescaling, in this order, as in the published Pix2Rep code (TorchIO's transforms). Everything
 * random is drawn on the CPU, so that a seed gives the same views on every backend.
 *
 * @module
 */
import * as tf from "@tensorflow/tfjs";
import type { IntensitySettings } from "../config/config.ts";
import { gatherRows } from "../ops/gather_rows.ts";
import type { Random } from "../random.ts";

/** Degree of the bias field's polynomial. */
const BIAS_FIELD_ORDER = 3;

/** Exponents (i, j) of the bias field's terms xⁱ·yʲ, i + j ≤ 3. */
const BIAS_FIELD_TERMS: readonly (readonly [number, number])[] = exponents(BIAS_FIELD_ORDER);

/** Where the blur's kernel ends, in standard deviations (SciPy's `truncate`). */
const BLUR_TRUNCATE = 4;

/**
 * One random intensity view of a batch: each transform is applied to each slice with its
 * probability, with a strength drawn for that slice.
 *
 * @param x [batch, height, width, 1], about [0, 1].
 * @returns a view of the same shape; not clipped to [0, 1].
 */
export function intensityView(
  x: tf.Tensor4D,
  settings: IntensitySettings,
  random: Random,
): tf.Tensor4D {
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
  x: tf.Tensor4D,
  std: readonly number[],
  random: Random,
): tf.Tensor4D {
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
 * (d c b a | a b c d), as by SciPy's `gaussian_filter`.
 *
 * @param x [batch, height, width, 1].
 * @param std standard deviation for each slice in pixels; 0 leaves it as it is.
 */
export function gaussianBlur(x: tf.Tensor4D, std: readonly number[]): tf.Tensor4D {
  const [batch, height, width] = x.shape;
  const radius = blurRadius(Math.max(...std));
  const length = 2 * radius + 1;
  return tf.tidy(() => {
    // Slices as channels: one depthwise convolution gives each of them its own kernel.
    const slices = tf.transpose(tf.reshape<tf.Rank.R2>(x, [batch, height * width]));
    // Pixels as rows, gathered: on CPUs many times faster than tfjs's mirrorPad.
    const pixels = tf.tensor1d(mirroredPixels(height, width, radius), "int32");
    const padded = tf.reshape<tf.Rank.R4>(
      gatherRows(slices, pixels),
      [1, height + 2 * radius, width + 2 * radius, batch],
    );
    const kernels = tf.transpose(tf.tensor2d(std.map((width) => gaussianKernel(width, radius))));
    const down = tf.reshape<tf.Rank.R4>(kernels, [length, 1, batch, 1]);
    const along = tf.reshape<tf.Rank.R4>(kernels, [1, length, batch, 1]);
    const columns = tf.depthwiseConv2d(padded, down, 1, "valid");
    const blurred = tf.depthwiseConv2d(columns, along, 1, "valid");
    return tf.reshape(tf.transpose(tf.reshape(blurred, [height * width, batch])), x.shape);
  });
}

/**
 * Raises to a power, keeping the sign: sign(x)·|x|^γ.
 *
 * @param x [batch, height, width, 1].
 * @param gamma exponent for each slice; 1 leaves it as it is.
 */
export function adjustGamma(x: tf.Tensor4D, gamma: readonly number[]): tf.Tensor4D {
  const pixels = x.size / gamma.length;
  // An exponent for each pixel: tfjs's own kernel is slow where it has to broadcast.
  const exponents = new Float32Array(x.size);
  gamma.forEach((value, slice) => exponents.fill(value, slice * pixels, (slice + 1) * pixels));
  return tf.tidy(() => tf.mul(tf.sign(x), tf.pow(tf.abs(x), tf.tensor4d(exponents, x.shape))));
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
  x: tf.Tensor4D,
  coefficients: readonly (readonly number[])[],
): tf.Tensor4D {
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
export function invert(x: tf.Tensor4D, inverted: readonly boolean[]): tf.Tensor4D {
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
export function rescaleToUnit(x: tf.Tensor4D, rescaled: readonly boolean[]): tf.Tensor4D {
  return tf.tidy(() => {
    const chosen = tf.tensor4d([...rescaled], [rescaled.length, 1, 1, 1], "bool");
    const lowest = tf.min(x, [1, 2, 3], true);
    const range = tf.sub(tf.max(x, [1, 2, 3], true), lowest);
    const applies = tf.logicalAnd(chosen, tf.greater(range, 0));
    const shifted = tf.sub(x, tf.where(applies, lowest, tf.zerosLike(lowest)));
    return tf.div(shifted, tf.where(applies, range, tf.onesLike(range)));
  });
}

/** How many pixels a blur reaches to each side. */
function blurRadius(std: number): number {
  return Math.floor(BLUR_TRUNCATE * std + 0.5);
}

/** The pixel that each pixel of a slice with a mirrored border of some width shows, row by row. */
function mirroredPixels(height: number, width: number, border: number): Int32Array {
  const mirrored = (size: number) =>
    Array.from({ length: size + 2 * border }, (_, i) => {
      const position = (((i - border) % (2 * size)) + 2 * size) % (2 * size);
      return Math.min(position, 2 * size - 1 - position);
    });
  const columns = mirrored(width);
  return Int32Array.from(mirrored(height).flatMap((row) => columns.map((c) => row * width + c)));
}

/** A Gaussian's weights at −radius…radius, zero beyond its own reach, with sum 1. */
function gaussianKernel(std: number, radius: number): number[] {
  const reach = blurRadius(std);
  const weights = Array.from({ length: 2 * radius + 1 }, (_, i) => {
    const distance = i - radius;
    if (distance === 0) return 1;
    return Math.abs(distance) <= reach ? Math.exp(-0.5 * (distance / std) ** 2) : 0;
  });
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
