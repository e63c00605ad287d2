/**
 * Normalisation: the kernels of lib/ops/norms/batch_norm.ts, group_norm.ts and layer_norm.ts.
 *
 * @module
 */
import type * as tf from "@tensorflow/tfjs";
import type { Entries } from "../../entry.ts";
import type { SimdBackend } from "../backend.ts";
import { LAYER_ROWS, ROW_CHUNK } from "../kernel_calls.ts";
import { after, type Pointer } from "../memory.ts";
import { sumChunks } from "./matmul.ts";

/** Kernels `BatchNormTrain`, `GroupNorm`, `LayerNorm` and their gradients. */
export const normaliseEntries = {
  BatchNormTrain: ({ inputs: { x, gamma, beta }, attrs, backend }) => {
    const { channels, rows, chunks } = rowsOf(x);
    const y = backend.output(x.shape);
    const mean = backend.output([channels]);
    const variance = backend.output([channels]);
    const statistics = { mean: mean.pointer, variance: variance.pointer };
    const weights = { gamma: backend.pointer(gamma), beta: backend.pointer(beta) };
    const values = { x: backend.pointer(x), rows, channels };
    backend.withFloats(2 * channels * (chunks + 1), (scale) => {
      const shift = after(scale, channels);
      const partial = after(shift, channels);
      backend.run("batchStatistics", chunks, { ...values, partial });
      backend.run("joinStatistics", 1, { partial, rows, channels, ...statistics });
      const line = { channels, epsilon: attrs.epsilon, scale, shift };
      backend.run("normalisingLine", 1, { ...weights, ...statistics, ...line });
      const args = { scale, shift, floor: floorOf(attrs), y: y.pointer };
      backend.run("scaleShift", chunks, { ...values, ...args });
    });
    return [y.info, mean.info, variance.info];
  },
  BatchNormTrainGrad: ({ inputs, attrs, backend }) => {
    const { dy, x, gamma, beta, mean, variance } = inputs;
    const { channels, rows, chunks } = rowsOf(x);
    const dx = backend.output(x.shape);
    const dGamma = backend.output([channels]);
    const dBeta = backend.output([channels]);
    const values = { dy: backend.pointer(dy), x: backend.pointer(x), rows, channels };
    const weights = { gamma: backend.pointer(gamma), beta: backend.pointer(beta) };
    const statistics = { mean: backend.pointer(mean), variance: backend.pointer(variance) };
    const { epsilon } = attrs;
    backend.withFloats(channels * (4 + 2 * chunks), (scale) => {
      const [shift, slope, offset, partial] = [1, 2, 3, 4].map((i) => after(scale, i * channels));
      const line = { scale, shift, floor: floorOf(attrs) };
      backend.run("normalisingLine", 1, {
        ...{ ...weights, ...statistics },
        ...{ channels, epsilon, scale, shift },
      });
      const sums = { ...line, mean: statistics.mean, partial };
      backend.run("batchGradientSums", chunks, { ...values, ...sums });
      backend.run("joinGradientSums", 1, {
        ...{ partial, rows, channels, epsilon, gamma: weights.gamma, ...statistics },
        ...{ dGamma: dGamma.pointer, dBeta: dBeta.pointer, slope, offset },
      });
      const args = { ...line, slope, offset, dx: dx.pointer };
      backend.run("batchGradient", chunks, { ...values, ...args });
    });
    return [dx.info, dGamma.info, dBeta.info];
  },
  GroupNorm: ({ inputs: { x, gamma, beta }, attrs, backend }) => {
    const { batch, channels, rows } = imagesOf(x);
    const { groups, epsilon } = attrs;
    const y = backend.output(x.shape);
    const mean = backend.output([batch, groups]);
    const variance = backend.output([batch, groups]);
    backend.run("groupNorm", batch, {
      ...{ x: backend.pointer(x), rows, channels, groups },
      ...{ gamma: backend.pointer(gamma), beta: backend.pointer(beta), epsilon },
      ...{ floor: floorOf(attrs), mean: mean.pointer, variance: variance.pointer, y: y.pointer },
    });
    return [y.info, mean.info, variance.info];
  },
  GroupNormGrad: ({ inputs, attrs, backend }) => {
    const { dy, x, gamma, beta, mean, variance } = inputs;
    const { batch, channels, rows } = imagesOf(x);
    const dx = backend.output(x.shape);
    const args = {
      ...{ dy: backend.pointer(dy), x: backend.pointer(x), rows, channels, groups: attrs.groups },
      ...{ gamma: backend.pointer(gamma), beta: backend.pointer(beta), epsilon: attrs.epsilon },
      ...{ floor: floorOf(attrs), mean: backend.pointer(mean) },
      ...{ variance: backend.pointer(variance), dx: dx.pointer },
    };
    return [
      dx.info,
      ...scaleAndShift(
        backend,
        { chunks: batch, channels },
        (share) => backend.run("groupNormGradient", batch, { ...args, share }),
      ),
    ];
  },
  LayerNorm: ({ inputs: { x, gamma, beta }, attrs, backend }) => {
    const { channels, rows } = rowsOf(x);
    const y = backend.output(x.shape);
    backend.run("layerNorm", Math.ceil(rows / LAYER_ROWS), {
      ...{ x: backend.pointer(x), rows, n: channels, epsilon: attrs.epsilon, y: y.pointer },
      ...{ gamma: backend.pointer(gamma), beta: backend.pointer(beta) },
    });
    return [y.info];
  },
  LayerNormGrad: ({ inputs: { dy, x, gamma }, attrs, backend }) => {
    const { channels, rows } = rowsOf(x);
    const dx = backend.output(x.shape);
    const chunks = Math.ceil(rows / LAYER_ROWS);
    const args = {
      ...{ dy: backend.pointer(dy), x: backend.pointer(x), rows, n: channels },
      ...{ gamma: backend.pointer(gamma), epsilon: attrs.epsilon, dx: dx.pointer },
    };
    return [
      dx.info,
      ...scaleAndShift(
        backend,
        { chunks, channels },
        (share) => backend.run("layerNormGradient", chunks, { ...args, share }),
      ),
    ];
  },
} satisfies Entries<SimdBackend>;

/** [dγ, dβ], summed over the chunks' shares of them, [chunks][2][channels], that `write` writes. */
function scaleAndShift(
  backend: SimdBackend,
  { chunks, channels }: { chunks: number; channels: number },
  write: (share: Pointer) => void,
): tf.TensorInfo[] {
  const sums = [backend.output([channels]), backend.output([channels])];
  backend.withFloats(chunks * 2 * channels, (share) => {
    write(share);
    sums.forEach(({ pointer }, i) => {
      const partial = after(share, i * channels);
      const sizes = { chunks, length: channels, columns: channels, stride: 2 * channels };
      sumChunks(backend, { partial, ...sizes, out: pointer });
    });
  });
  return sums.map(({ info }) => info);
}

function imagesOf(x: tf.TensorInfo): { batch: number; channels: number; rows: number } {
  const [batch, ...sizes] = x.shape;
  const channels = sizes.pop()!;
  return { batch, channels, rows: sizes.reduce((product, size) => product * size, 1) };
}

function rowsOf({ shape }: tf.TensorInfo): { channels: number; rows: number; chunks: number } {
  const channels = shape[shape.length - 1];
  const rows = shape.slice(0, -1).reduce((product, size) => product * size, 1);
  return { channels, rows, chunks: Math.ceil(rows / ROW_CHUNK) };
}

/** What the ReLU, or none, lets through at least. */
function floorOf({ relu }: { relu: boolean }): number {
  return relu ? 0 : -Infinity;
}
