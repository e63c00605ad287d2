/**
 * Normalisation: the kernels of lib/ops/batch_norm.ts, group_norm.ts and layer_norm.ts.
 *
 * @module
 */
import type * as tf from "@tensorflow/tfjs";
import type { SimdBackend } from "../backend.ts";
import type { Entry } from "../register.ts";

/** Rows of one unit, as in kernels/normalise.ts. */
const CHUNK = 1024;
/** Rows of one unit, as in kernels/layer_norm.ts. */
const LAYER_CHUNK = 256;

/** Kernels `BatchNormTrain`, `GroupNorm`, `LayerNorm` and their gradients. */
export const normaliseEntries: Record<string, Entry> = {
  BatchNormTrain: ({ inputs: { x, gamma, beta }, attrs, backend }) => {
    const { channels, rows, chunks } = rowsOf(x);
    const y = backend.output(x.shape);
    const mean = backend.output([channels]);
    const variance = backend.output([channels]);
    const from = backend.pointer(x);
    backend.withFloats(2 * channels * (chunks + 1), (scale) => {
      const shift = scale + channels * 4;
      const partial = shift + channels * 4;
      backend.run("batchStatistics", chunks, [from, rows, channels, partial]);
      const statistics = [mean.pointer, variance.pointer];
      backend.run("joinStatistics", 1, [partial, rows, channels, ...statistics]);
      const line = [backend.pointer(gamma), backend.pointer(beta), ...statistics];
      backend.run("normalisingLine", 1, [...line, channels, attrs.epsilon, scale, shift]);
      const args = [from, rows, channels, scale, shift, floorOf(attrs), y.pointer];
      backend.run("scaleShift", chunks, args);
    });
    return [y.info, mean.info, variance.info];
  },
  BatchNormTrainGrad: ({ inputs, attrs, backend }) => {
    const { dy, x, gamma, beta, mean, variance } = inputs;
    const { channels, rows, chunks } = rowsOf(x);
    const dx = backend.output(x.shape);
    const dGamma = backend.output([channels]);
    const dBeta = backend.output([channels]);
    const [dyAt, xAt, gammaAt, betaAt, meanAt, varianceAt] = [dy, x, gamma, beta, mean, variance]
      .map((tensor) => backend.pointer(tensor));
    const floor = floorOf(attrs);
    backend.withFloats(channels * (4 + 2 * chunks), (scale) => {
      const [shift, slope, offset, partial] = [1, 2, 3, 4].map((i) => scale + i * channels * 4);
      const line = [gammaAt, betaAt, meanAt, varianceAt, channels, attrs.epsilon, scale, shift];
      backend.run("normalisingLine", 1, line);
      const common = [dyAt, xAt, rows, channels];
      const sums = [...common, meanAt, scale, shift, floor, partial];
      backend.run("batchGradientSums", chunks, sums);
      backend.run("joinGradientSums", 1, [
        ...[partial, rows, channels, attrs.epsilon, gammaAt, meanAt, varianceAt],
        ...[dGamma.pointer, dBeta.pointer, slope, offset],
      ]);
      const args = [...common, scale, shift, floor, slope, offset, dx.pointer];
      backend.run("batchGradient", chunks, args);
    });
    return [dx.info, dGamma.info, dBeta.info];
  },
  GroupNorm: ({ inputs: { x, gamma, beta }, attrs, backend }) => {
    const { batch, channels, rows, chunks } = imagesOf(x);
    const y = backend.output(x.shape);
    const mean = backend.output([batch, attrs.groups]);
    const variance = backend.output([batch, attrs.groups]);
    backend.run("groupNorm", batch, [
      ...[backend.pointer(x), rows, channels, attrs.groups],
      ...[backend.pointer(gamma), backend.pointer(beta), attrs.epsilon, floorOf(attrs)],
      ...[mean.pointer, variance.pointer, y.pointer],
    ], channels * (2 + 2 * chunks) * 4);
    return [y.info, mean.info, variance.info];
  },
  GroupNormGrad: ({ inputs, attrs, backend }) => {
    const { dy, x, gamma, beta, mean, variance } = inputs;
    const { batch, channels, rows, chunks } = imagesOf(x);
    const dx = backend.output(x.shape);
    const [dyAt, xAt, gammaAt, betaAt, meanAt, varianceAt] = [dy, x, gamma, beta, mean, variance]
      .map((tensor) => backend.pointer(tensor));
    return [
      dx.info,
      ...scaleAndShift(
        backend,
        { parts: batch, channels },
        (share) =>
          backend.run("groupNormGradient", batch, [
            ...[dyAt, xAt, rows, channels, attrs.groups, gammaAt, betaAt],
            ...[attrs.epsilon, floorOf(attrs), meanAt, varianceAt, dx.pointer, share],
          ], channels * (5 + 2 * chunks) * 4),
      ),
    ];
  },
  LayerNorm: ({ inputs: { x, gamma, beta }, attrs, backend }) => {
    const { channels, rows } = rowsOf(x);
    const y = backend.output(x.shape);
    backend.run("layerNorm", Math.ceil(rows / LAYER_CHUNK), [
      ...[backend.pointer(x), rows, channels, backend.pointer(gamma), backend.pointer(beta)],
      ...[attrs.epsilon, y.pointer],
    ]);
    return [y.info];
  },
  LayerNormGrad: ({ inputs: { dy, x, gamma }, attrs, backend }) => {
    const { channels, rows } = rowsOf(x);
    const dx = backend.output(x.shape);
    const parts = Math.ceil(rows / LAYER_CHUNK);
    const from = [backend.pointer(dy), backend.pointer(x), rows, channels, backend.pointer(gamma)];
    return [
      dx.info,
      ...scaleAndShift(backend, { parts, channels }, (share) => {
        const args = [...from, attrs.epsilon, dx.pointer, share];
        backend.run("layerNormGradient", parts, args);
      }),
    ];
  },
};

/** [dγ, dβ], summed over the parts' shares of them, [parts][2][channels], that `write` writes. */
function scaleAndShift(
  backend: SimdBackend,
  { parts, channels }: { parts: number; channels: number },
  write: (share: number) => void,
): tf.TensorInfo[] {
  const sums = [backend.output([channels]), backend.output([channels])];
  backend.withFloats(parts * 2 * channels, (share) => {
    write(share);
    sums.forEach(({ pointer }, i) => {
      const args = [share + i * channels * 4, parts, channels, channels, 2 * channels, pointer];
      backend.run("sumChunks", Math.ceil(channels / 1024), args);
    });
  });
  return sums.map(({ info }) => info);
}

function imagesOf(x: tf.TensorInfo): ReturnType<typeof rowsOf> & { batch: number } {
  const [batch, height, width, channels] = x.shape;
  const rows = height * width;
  return { batch, channels, rows, chunks: Math.ceil(rows / CHUNK) };
}

function rowsOf({ shape }: tf.TensorInfo): { channels: number; rows: number; chunks: number } {
  const channels = shape[shape.length - 1];
  const rows = shape.slice(0, -1).reduce((product, size) => product * size, 1);
  return { channels, rows, chunks: Math.ceil(rows / CHUNK) };
}

/** What the ReLU, or none, lets through at least. */
function floorOf({ relu }: { relu: boolean }): number {
  return relu ? 0 : -Infinity;
}
