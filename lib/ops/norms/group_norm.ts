/**
 * Group normalisation with its ReLU, and its gradient in closed form.
 *
 * @module
 */
import * as tf from "@tensorflow/tfjs";
import { customGrad } from "../custom_grad.ts";
import { runKernel } from "../kernel.ts";
import type { Images, Tensor, Tensor1D, Tensor2D } from "../tensors.ts";

/** Added to the variance, as in PyTorch. */
const EPSILON = 1e-5;

/** Options of {@link groupNorm}. */
export interface GroupNormOptions {
  /**
   * Groups of neighbouring channels, all of the same number; as many as channels make it instance
   * normalisation.
   */
  groups: number;
  /** Whether a ReLU follows; false by default. */
  relu?: boolean;
}

/** Scale and shift of every channel, [channels] each. */
export interface NormWeights {
  /** The scale, γ. */
  gamma: Tensor1D;
  /** The shift, β. */
  beta: Tensor1D;
}

/**
 * Normalises each group of channels of each slice or volume (Wu & He, ECCV 2018, eqs. 1–3):
 * y = γ·(x − μ)/√(σ² + 1e-5) + β, μ and σ² over the group's channels at all its pixels. No
 * slice depends on another, so that the smallest batch trains as any. Differentiable in x, γ and β.
 *
 * Kernels: `GroupNorm` {x, gamma, beta}, attributes {groups, relu, epsilon} → [y, mean, variance];
 * `GroupNormGrad` {dy, x, gamma, beta, mean, variance}, the same attributes → [dx, dgamma, dbeta];
 * mean and variance are [batch, groups].
 *
 * @param x [batch, height, width, channels], or volumes [batch, depth, height, width, channels].
 * @returns y, of x's shape.
 * @throws {RangeError} if the channels do not split into so many groups.
 */
export function groupNorm<X extends Images>(
  x: X,
  { gamma, beta }: NormWeights,
  { groups, relu = false }: GroupNormOptions,
): X {
  const channels = x.shape[x.rank - 1];
  if (channels % groups) {
    throw new RangeError(
      `groupNorm: expected channels in ${groups} equal groups, found ${channels} channels`,
    );
  }
  const attributes = { groups, relu, epsilon: EPSILON };
  return customGrad({ x, gamma, beta }, {
    forward: () => {
      const inputs = { x, gamma, beta };
      const compose = () => forward(inputs, { groups, relu });
      const [value, mean, variance] = runKernel("GroupNorm", inputs, attributes, compose);
      return { value, saved: { ...inputs, mean, variance } };
    },
    backward: (dy, saved) => {
      const compose = () => backward(dy, saved, { groups, relu });
      const [dx, dgamma, dbeta] = runKernel("GroupNormGrad", { dy, ...saved }, attributes, compose);
      return { x: dx, gamma: dgamma, beta: dbeta };
    },
  });
}

/** What the operation is computed of. */
interface Inputs<X extends Images> extends NormWeights {
  x: X;
}

/** What its gradient is computed of. */
interface Saved<X extends Images> extends Inputs<X> {
  /** [batch, groups]. */
  mean: Tensor2D;
  /** [batch, groups]. */
  variance: Tensor2D;
}

/** [y, mean, variance] in plain tfjs. */
function forward<X extends Images>(
  { x, gamma, beta }: Inputs<X>,
  { groups, relu }: Required<GroupNormOptions>,
): [X, Tensor2D, Tensor2D] {
  const grouped = split(x, groups);
  const mean = groupMean(grouped);
  const centred = tf.sub(grouped, mean);
  const variance = groupMean(tf.square(centred));
  const normalised = tf.mul(centred, tf.rsqrt(tf.add(variance, EPSILON)));
  const y = tf.add<X>(tf.mul(tf.reshape(normalised, x.shape), gamma), beta);
  const perSlice = (t: Tensor): Tensor2D => tf.reshape(t, [x.shape[0], groups]);
  return [relu ? tf.relu(y) : y, perSlice(mean), perSlice(variance)];
}

/**
 * [dx, dgamma, dbeta] in plain tfjs: dx = (γ·dy − mean(γ·dy) − x̂ · mean(γ·dy·x̂)) / σ, the means
 * over a group.
 */
function backward<X extends Images>(
  dy: X,
  { x, gamma, beta, mean, variance }: Saved<X>,
  { groups, relu }: Required<GroupNormOptions>,
): [X, Tensor1D, Tensor1D] {
  const perGroup = [x.shape[0], 1, groups, 1];
  const inverse = tf.reshape(tf.rsqrt(tf.add(variance, EPSILON)), perGroup);
  const normalised = tf.mul(tf.sub(split(x, groups), tf.reshape(mean, perGroup)), inverse);
  const flat = tf.reshape(normalised, x.shape);
  const open = () => tf.cast(tf.greater(tf.add(tf.mul(flat, gamma), beta), 0), "float32");
  const incoming = relu ? tf.mul(dy, open()) : dy;
  const scaled = split(tf.mul(incoming, gamma), groups);
  const along = tf.mul(normalised, groupMean(tf.mul(scaled, normalised)));
  const dx = tf.mul(tf.sub(tf.sub(scaled, groupMean(scaled)), along), inverse);
  const overPixels = (t: Tensor): Tensor1D => tf.sum(tf.reshape(t, [-1, gamma.size]), 0);
  return [tf.reshape(dx, x.shape) as X, overPixels(tf.mul(incoming, flat)), overPixels(incoming)];
}

/** [batch, pixels, groups, channels of a group]. */
function split(x: Tensor, groups: number): Tensor {
  return tf.reshape(x, [x.shape[0], -1, groups, x.shape[x.rank - 1] / groups]);
}

function groupMean(grouped: Tensor): Tensor {
  return tf.mean(tf.mean(grouped, 1, true), 3, true);
}
