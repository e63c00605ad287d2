/**
 * Weights by name, and the layers that use them. Names are PyTorch's, so that a checkpoint can be
 * read there; in memory a convolution is [height, width, in, out], as tfjs wants it.
 *
 * @module
 */
import * as tf from "@tensorflow/tfjs";
import { batchNormEval, batchNormTrain } from "../ops/norms/batch_norm.ts";
import { mix } from "../ops/mix.ts";
import type { Tensor, Tensor1D, Tensor4D, Variable } from "../ops/tensors.ts";
import { random } from "../math/random.ts";

/** A network's tensors by name; running statistics are the variables that are not trainable. */
export type Weights = Record<string, Variable>;

/** How a network runs. */
export interface ForwardOptions {
  /** Whether batch norm uses the batch's statistics and updates the running ones. */
  training: boolean;
}

/** A network: weights and what it computes with them. */
export interface Network {
  /** Its tensors; disposing of them ends its life. */
  weights: Weights;
  /** [batch, height, width, channels in] → [batch, height, width, channels out]. */
  forward(x: Tensor4D, options: ForwardOptions): Tensor4D;
}

/** The shape of a convolution. */
export interface ConvShape {
  /** Height and width of the filter. */
  kernel: number;
  /** Channels in. */
  from: number;
  /** Channels out. */
  to: number;
}

/** Share of the batch's statistics in the running ones, as in PyTorch. */
const MOMENTUM = 0.1;

/** Adds a convolution's weight, and its bias if it has one, drawn as PyTorch's: U(±1/√fan-in). */
export function addConv(
  weights: Weights,
  name: string,
  { kernel, from, to, bias, seed }: ConvShape & { bias: boolean; seed: number },
): void {
  const bound = 1 / Math.sqrt(kernel * kernel * from);
  addUniform(weights, `${name}.weight`, [kernel, kernel, from, to], { bound, seed });
  if (bias) addUniform(weights, `${name}.bias`, [to], { bound, seed });
}

/** Adds a transposed convolution with bias; PyTorch's fan-in there is that of the output. */
export function addTransposedConv(
  weights: Weights,
  name: string,
  { kernel, from, to, seed }: ConvShape & { seed: number },
): void {
  const bound = 1 / Math.sqrt(kernel * kernel * to);
  addUniform(weights, `${name}.weight`, [kernel, kernel, to, from], { bound, seed });
  addUniform(weights, `${name}.bias`, [to], { bound, seed });
}

/** Adds batch norm's scale, shift and running statistics. */
export function addBatchNorm(weights: Weights, name: string, channels: number): void {
  weights[`${name}.weight`] = tf.tidy(() => tf.variable(tf.ones([channels])));
  weights[`${name}.bias`] = tf.tidy(() => tf.variable(tf.zeros([channels])));
  weights[`${name}.running_mean`] = tf.tidy(() => tf.variable(tf.zeros([channels]), false));
  weights[`${name}.running_var`] = tf.tidy(() => tf.variable(tf.ones([channels]), false));
}

/**
 * Convolves, adding the bias where there is one: with stride 1 (the default) at the same size, with
 * stride 2 at half of it, padded as PyTorch's `padding=(kernel - 1) // 2`.
 */
export function conv(
  x: Tensor4D,
  weights: Weights,
  name: string,
  { stride = 1 }: { stride?: number } = {},
): Tensor4D {
  const filter = weights[`${name}.weight`] as Tensor as Tensor4D;
  // tfjs's "same" would pad an even size on one side only.
  const pad = stride === 1 ? "same" : Math.floor((filter.shape[0] - 1) / 2);
  return addBias(tf.conv2d(x, filter, stride, pad), weights, name);
}

/**
 * Convolves each channel with its own filter, at the same size, adding the bias where there is one.
 * The weight is that of {@linkcode addConv} from one channel, [height, width, 1, channels].
 */
export function depthwiseConv(x: Tensor4D, weights: Weights, name: string): Tensor4D {
  const filter = weights[`${name}.weight`];
  const [height, width, , channels] = filter.shape;
  const turned: Tensor4D = tf.reshape(filter, [height, width, channels, 1]);
  return addBias(tf.depthwiseConv2d(x, turned, 1, "same"), weights, name);
}

/** Doubles height and width by a 2×2 transposed convolution of stride 2. */
export function transposedConv(x: Tensor4D, weights: Weights, name: string): Tensor4D {
  const filter = weights[`${name}.weight`] as Tensor as Tensor4D;
  const [batch, height, width] = x.shape;
  const shape: [number, number, number, number] = [batch, 2 * height, 2 * width, filter.shape[2]];
  return tf.add(tf.conv2dTranspose(x, filter, shape, 2, "same"), weights[`${name}.bias`]);
}

/** Batch norm and ReLU; in training the running statistics move towards the batch's. */
export function batchNormRelu(
  x: Tensor4D,
  weights: Weights,
  { name, training }: ForwardOptions & { name: string },
): Tensor4D {
  const vector = (key: string) => weights[`${name}.${key}`] as Tensor as Tensor1D;
  const [gamma, beta] = [vector("weight"), vector("bias")];
  if (!training) {
    const [mean, variance] = [vector("running_mean"), vector("running_var")];
    return batchNormEval(x, { gamma, beta, mean, variance }, { relu: true });
  }
  const count = x.size / x.shape[3];
  const observe = (mean: Tensor, variance: Tensor) => {
    move(weights[`${name}.running_mean`], mean, 1);
    move(weights[`${name}.running_var`], variance, count / Math.max(1, count - 1));
  };
  return batchNormTrain(x, gamma, beta, { relu: true, observe });
}

/** The trainable part of some weights. */
export function trainable(weights: Weights): Weights {
  return Object.fromEntries(Object.entries(weights).filter(([, weight]) => weight.trainable));
}

/** Frees the weights. */
export function disposeWeights(weights: Weights): void {
  for (const weight of Object.values(weights)) weight.dispose();
}

function addUniform(
  weights: Weights,
  name: string,
  shape: number[],
  { bound, seed }: { bound: number; seed: number },
): void {
  const source = random(seed, "weights", name);
  const size = shape.reduce((product, n) => product * n, 1);
  const values = Float32Array.from({ length: size }, () => source.uniform(-bound, bound));
  weights[name] = tf.tidy(() => tf.variable(tf.tensor(values, shape)));
}

function addBias(x: Tensor4D, weights: Weights, name: string): Tensor4D {
  const bias = weights[`${name}.bias`];
  return bias ? tf.add(x, bias) : x;
}

/** Moves a running average towards `factor` times a value. */
function move(running: Variable, towards: Tensor, factor: number): void {
  running.assign(mix(running, towards, { keep: 1 - MOMENTUM, share: MOMENTUM * factor }));
}
