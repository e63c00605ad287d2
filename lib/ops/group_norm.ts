/**
 * Group normalisation with its ReLU, and its gradient in closed form.
 *
 * @module
 */
import * as tf from "@tensorflow/tfjs";
import { runKernel } from "./kernel.ts";
import type { Tensor, Tensor1D, Tensor4D } from "./tensors.ts";

/** Added to the variance, as in PyTorch. */
const EPSILON = 1e-5;

/** Options of {@link groupNorm}. */
export interface GroupNormOptions {
  /** Groups of neighbouring channels, all of the same number. */
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
 * Normalises each group of channels of each slice (Wu & He, ECCV 2018, eqs. 1–3):
 * y = γ·(x − μ)/√(σ² + 1e-5) + β, μ and σ² over the group's channels at all the slice's pixels. No
 * slice depends on another, so that the smallest batch trains as any. Differentiable in x, γ and β.
 *
 * Kernels: `GroupNorm` {x, gamma, beta}, attributes {groups, relu, epsilon} → [y, mean, variance];
 * `GroupNormGrad` {dy, x, gamma, beta, mean, variance}, the same attributes → [dx, dgamma, dbeta];
 * mean and variance are [batch, groups].
 *
 * @param x [batch, height, width, channels].
 * @returns y, of x's shape.
 * @throws {RangeError} if the channels do not split into so many groups.
 */
export function groupNorm(
  x: Tensor4D,
  { gamma, beta }: NormWeights,
  { groups, relu = false }: GroupNormOptions,
): Tensor4D {
  if (x.shape[3] % groups) {
    throw new RangeError(
      `groupNorm: expected channels in ${groups} equal groups, found ${x.shape[3]} channels`,
    );
  }
  const attributes = { groups, relu, epsilon: EPSILON };
  const normalise = tf.customGrad((...args) => {
    const save = args.pop() as unknown as tf.GradSaveFunc;
    const [x, gamma, beta] = args as Tensor[];
    const [value, mean, variance] = runKernel(
      "GroupNorm",
      { x, gamma, beta },
      attributes,
      () => forward([x, gamma, beta], { groups, relu }),
    );
    save([x, gamma, beta, mean, variance]);
    const gradFunc = (dy: Tensor, saved: Tensor[]) => {
      const [x, gamma, beta, mean, variance] = saved;
      return runKernel(
        "GroupNormGrad",
        { dy, x, gamma, beta, mean, variance },
        attributes,
        () => backward(dy, saved, { groups, relu }),
      );
    };
    return { value, gradFunc };
  });
  return normalise(x, gamma, beta) as Tensor4D;
}

/** [y, mean, variance] in plain tfjs. */
function forward(
  [x, gamma, beta]: Tensor[],
  { groups, relu }: Required<GroupNormOptions>,
): Tensor[] {
  const grouped = split(x, groups);
  const mean = groupMean(grouped);
  const centred = tf.sub(grouped, mean);
  const variance = groupMean(tf.square(centred));
  const normalised = tf.mul(centred, tf.rsqrt(tf.add(variance, EPSILON)));
  const y = tf.add(tf.mul(tf.reshape(normalised, x.shape), gamma), beta);
  const statistics = [mean, variance].map((each) => tf.reshape(each, [x.shape[0], groups]));
  return [relu ? tf.relu(y) : y, ...statistics];
}

/**
 * [dx, dgamma, dbeta] in plain tfjs: dx = (γ·dy − mean(γ·dy) − x̂ · mean(γ·dy·x̂)) / σ, the means
 * over a group.
 */
function backward(
  dy: Tensor,
  [x, gamma, beta, mean, variance]: Tensor[],
  { groups, relu }: Required<GroupNormOptions>,
): Tensor[] {
  const perGroup = [x.shape[0], 1, groups, 1];
  const inverse = tf.reshape(tf.rsqrt(tf.add(variance, EPSILON)), perGroup);
  const normalised = tf.mul(tf.sub(split(x, groups), tf.reshape(mean, perGroup)), inverse);
  const flat = tf.reshape(normalised, x.shape);
  const open = () => tf.cast(tf.greater(tf.add(tf.mul(flat, gamma), beta), 0), "float32");
  const incoming = relu ? tf.mul(dy, open()) : dy;
  const scaled = split(tf.mul(incoming, gamma), groups);
  const along = tf.mul(normalised, groupMean(tf.mul(scaled, normalised)));
  const dx = tf.mul(tf.sub(tf.sub(scaled, groupMean(scaled)), along), inverse);
  const overPixels = (t: Tensor) => tf.sum(t, [0, 1, 2]);
  return [tf.reshape(dx, x.shape), overPixels(tf.mul(incoming, flat)), overPixels(incoming)];
}

/** [batch, pixels, groups, channels of a group]. */
function split(x: Tensor, groups: number): Tensor {
  const [batch, height, width, channels] = x.shape;
  return tf.reshape(x, [batch, height * width, groups, channels / groups]);
}

function groupMean(grouped: Tensor): Tensor {
  return tf.mean(tf.mean(grouped, 1, true), 3, true);
}
