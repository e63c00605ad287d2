/**
 * Batch normalisation with its ReLU: the kernels of lib/ops/batch_norm.ts.
 *
 * @module
 */
import type * as tf from "@tensorflow/tfjs";
import type { Kernel } from "./register.ts";

/** Rows of one unit, as in assembly/normalise.ts. */
const CHUNK = 1024;

/** Kernels `BatchNormTrain` and `BatchNormTrainGrad`. */
export const normaliseKernels: Record<string, Kernel> = {
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
};

function rowsOf({ shape }: tf.TensorInfo): { channels: number; rows: number; chunks: number } {
  const channels = shape[shape.length - 1];
  const rows = shape.slice(0, -1).reduce((product, size) => product * size, 1);
  return { channels, rows, chunks: Math.ceil(rows / CHUNK) };
}

/** What the ReLU, or none, lets through at least. */
function floorOf({ relu }: { relu: boolean }): number {
  return relu ? 0 : -Infinity;
}
