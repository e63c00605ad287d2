/**
 * Batch normalisation with its ReLU, and its gradient in closed form.
 *
 * @module
 */
import * as tf from "@tensorflow/tfjs";
import { customGrad } from "../custom_grad.ts";
import type { NormWeights } from "./group_norm.ts";
import { runKernel } from "../kernel.ts";
import type { Images, Tensor, Tensor1D, Tensor2D } from "../tensors.ts";

/** Added to the variance, as in PyTorch. */
export const BATCH_NORM_EPSILON = 1e-5;

/** Options of {@link batchNormTrain}. */
export interface BatchNormOptions {
  /** Whether a ReLU follows; false by default. */
  relu?: boolean;
  /**
   * Receives the batch's mean and biased variance, [channels] each, to update running averages;
   * both are disposed when it returns.
   */
  observe?: (mean: Tensor1D, variance: Tensor1D) => void;
}

/**
 * Normalises with the batch's own statistics (Ioffe & Szegedy 2015): y = γ·(x − μ)/√(σ² + ε) + β,
 * μ and σ² per channel over all pixels of the batch. Differentiable in x, γ and β.
 *
 * Kernels: `BatchNormTrain` {x, gamma, beta}, attributes {relu, epsilon} → [y, mean, variance];
 * `BatchNormTrainGrad` {dy, x, gamma, beta, mean, variance}, the same attributes →
 * [dx, dgamma, dbeta].
 *
 * @param x [batch, height, width, channels], or volumes [batch, depth, height, width, channels].
 * @returns y, of x's shape.
 */
export function batchNormTrain<X extends Images>(
  x: X,
  gamma: Tensor1D,
  beta: Tensor1D,
  { relu = false, observe }: BatchNormOptions = {},
): X {
  const attributes = { relu, epsilon: BATCH_NORM_EPSILON };
  return customGrad({ x, gamma, beta }, {
    forward: () => {
      const inputs = { x, gamma, beta };
      const compose = () => forward(inputs, relu);
      const [value, mean, variance] = runKernel("BatchNormTrain", inputs, attributes, compose);
      observe?.(mean, variance);
      return { value, saved: { ...inputs, mean, variance } };
    },
    backward: (dy, saved) => {
      const inputs = { dy, ...saved };
      const compose = () => backward(inputs, relu);
      const [dx, dgamma, dbeta] = runKernel("BatchNormTrainGrad", inputs, attributes, compose);
      return { x: dx, gamma: dgamma, beta: dbeta };
    },
  });
}

/**
 * Normalises with given statistics: the evaluation mode. Differentiable where it is composed.
 *
 * Kernel: `BatchNormEval` {x, gamma, beta, mean, variance}, attributes {relu, epsilon} → y.
 *
 * @param x [batch, height, width, channels], or volumes [batch, depth, height, width, channels]; the
 *   other tensors [channels].
 */
export function batchNormEval<X extends Images>(
  x: X,
  statistics: { gamma: Tensor1D; beta: Tensor1D; mean: Tensor1D; variance: Tensor1D },
  { relu = false }: Pick<BatchNormOptions, "relu"> = {},
): X {
  const attributes = { relu, epsilon: BATCH_NORM_EPSILON };
  const [y] = runKernel("BatchNormEval", { x, ...statistics }, attributes, () => {
    const { gamma, beta, mean, variance } = statistics;
    const scale = tf.mul(gamma, tf.rsqrt(tf.add(variance, BATCH_NORM_EPSILON)));
    const y = tf.add<X>(tf.mul(x, scale), tf.sub(beta, tf.mul(mean, scale)));
    return [relu ? tf.relu(y) : y];
  });
  return y;
}

/** The statistics of every channel. */
type Statistics = Record<"mean" | "variance", Tensor1D>;

/** [y, mean, variance] in plain tfjs. */
function forward<X extends Images>(
  { x, gamma, beta }: NormWeights & { x: X },
  relu: boolean,
): [X, Tensor1D, Tensor1D] {
  const pixels = rows(x);
  const mean = channelMean(pixels);
  const variance = channelMean(tf.square(tf.sub(pixels, mean)));
  const scale = tf.mul(gamma, tf.rsqrt(tf.add(variance, BATCH_NORM_EPSILON)));
  const y = tf.add<X>(tf.mul(tf.sub(x, mean), scale), beta);
  return [relu ? tf.relu(y) : y, mean, variance];
}

/** [dx, dgamma, dbeta] in plain tfjs: dx = γ/σ · (dy − mean(dy) − x̂ · mean(dy·x̂)). */
function backward<X extends Images>(
  { dy, x, gamma, beta, mean, variance }: NormWeights & Statistics & { dy: X; x: X },
  relu: boolean,
): [X, Tensor1D, Tensor1D] {
  const inverse = tf.rsqrt(tf.add(variance, BATCH_NORM_EPSILON));
  const normalised = tf.mul(tf.sub(rows(x), mean), inverse);
  const positive = () => tf.cast(tf.greater(tf.add(tf.mul(normalised, gamma), beta), 0), "float32");
  const incoming: Tensor2D = relu ? tf.mul(rows(dy), positive()) : rows(dy);
  const meanIncoming = channelMean(incoming);
  const meanProduct = channelMean(tf.mul(incoming, normalised));
  const centred = tf.sub(tf.sub(incoming, meanIncoming), tf.mul(normalised, meanProduct));
  const count = incoming.shape[0];
  return [
    tf.reshape(tf.mul(centred, tf.mul(gamma, inverse)), dy.shape) as X,
    tf.mul(meanProduct, count),
    tf.mul(meanIncoming, count),
  ];
}

/** All pixels of the batch as rows: [pixels, channels]. */
function rows(x: Tensor): Tensor2D {
  return tf.reshape(x, [-1, x.shape[x.rank - 1]]);
}

/** The mean over rows as a product with a row of 1/n: matrix products are every backend's best. */
function channelMean(pixels: Tensor2D): Tensor1D {
  const count = pixels.shape[0];
  return tf.reshape(tf.matMul(tf.fill([1, count], 1 / count), pixels), [-1]);
}
