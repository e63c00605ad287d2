/**
 * Log-sum-exp over the similarities of all pairs: the kernels of lib/ops/similarity.ts.
 *
 * @module
 */
import type { SimdBackend } from "../backend.ts";
import { ROW_BLOCK } from "./matmul.ts";
import { countFlops, type Entry } from "../register.ts";

/** Similarity of a row with what does not count for it, as in kernels/similarity.ts. */
const EXCLUDED = -1e9;

/** Kernels `SimilarityLogSumExp` and `SimilarityLogSumExpGrad`. */
export const similarityEntries: Record<string, Entry> = {
  SimilarityLogSumExp: ({ inputs: { z, mask }, attrs: { scale }, backend }) => {
    const [n, d] = z.shape;
    const padded = Math.ceil(n / 8) * 8;
    const lse = backend.output([n]);
    const from = backend.pointer(z);
    countFlops(2 * n * n * d);
    backend.withFloats(padded * (d + 1) + 2 * n, (turned) => {
      const penalty = turned + padded * d * 4;
      const greatest = penalty + padded * 4;
      const sums = greatest + n * 4;
      backend.run("packPanel", padded / 8, [from, 4, d * 4, d, n, turned]);
      writePenalty(backend, penalty, padded, mask.dataId);
      const args = [from, turned, penalty, n, d, scale, greatest, sums];
      backend.run("similaritySums", Math.ceil(n / ROW_BLOCK), args, scratchBytes(padded));
      const values = floats(backend, lse.pointer, n);
      const most = floats(backend, greatest, n);
      const total = floats(backend, sums, n);
      for (let i = 0; i < n; i++) values[i] = most[i] + Math.log(total[i]);
    });
    return lse.info;
  },
  SimilarityLogSumExpGrad: ({ inputs: { dy, z, mask, lse }, attrs: { scale }, backend }) => {
    const [n, d] = z.shape;
    const padded = Math.ceil(n / 8) * 8;
    const columns = Math.ceil(d / 8) * 8;
    const dz = backend.output([n, d]);
    const from = backend.pointer(z);
    countFlops(4 * n * n * d);
    backend.withFloats(padded * (d + 3) + columns * n, (turned) => {
      const penalty = turned + padded * d * 4;
      const [dyAt, lseAt, packed] = [1, 2, 3].map((i) => penalty + i * padded * 4);
      backend.run("packPanel", padded / 8, [from, 4, d * 4, d, n, turned]);
      backend.run("packPanel", columns / 8, [from, d * 4, 4, n, d, packed]);
      writePenalty(backend, penalty, padded, mask.dataId);
      for (const [at, { dataId }] of [[dyAt, dy], [lseAt, lse]] as const) {
        const values = floats(backend, at, padded).fill(0);
        values.set(backend.data.get(dataId).values as Float32Array);
      }
      const args = [dyAt, lseAt, from, turned, packed, penalty, n, d, scale, dz.pointer];
      backend.run("similarityGradient", Math.ceil(n / ROW_BLOCK), args, scratchBytes(padded));
    });
    return dz.info;
  },
};

/** A block of rows of similarities, and what `multiplyRows` needs. */
function scratchBytes(padded: number): number {
  return ROW_BLOCK * (padded * 4 + 32);
}

function writePenalty(backend: SimdBackend, pointer: number, padded: number, mask: object): void {
  const counts = backend.data.get(mask).values as Float32Array;
  const penalty = floats(backend, pointer, padded).fill(EXCLUDED);
  counts.forEach((count, i) => penalty[i] = count ? 0 : EXCLUDED);
}

function floats(backend: SimdBackend, pointer: number, length: number): Float32Array {
  return new Float32Array(backend.shared.memory.buffer, pointer, length);
}
