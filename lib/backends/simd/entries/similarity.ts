/**
 * Log-sum-exp over the similarities of all pairs: the kernels of lib/ops/similarity.ts.
 *
 * @module
 */
import type { Entries } from "../../entry.ts";
import type { SimdBackend } from "../backend.ts";
import { EXCLUDED, PANEL, ROW_BLOCK } from "../kernel_calls.ts";
import { after, type Pointer } from "../memory.ts";
import { countFlops } from "../register.ts";
import { pack } from "./matmul.ts";

/** Kernels `SimilarityLogSumExp` and `SimilarityLogSumExpGrad`. */
export const similarityEntries = {
  SimilarityLogSumExp: ({ inputs: { z, mask }, attrs: { scale }, backend }) => {
    const [n, d] = z.shape;
    const padded = Math.ceil(n / PANEL) * PANEL;
    const lse = backend.output([n]);
    const from = backend.pointer(z);
    countFlops(2 * n * n * d);
    backend.withFloats(padded * (d + 1) + 2 * n, (turned) => {
      const penalty = after(turned, padded * d);
      const greatest = after(penalty, padded);
      const sums = after(greatest, n);
      pack(backend, { b: from, bK: 4, bN: d * 4, k: d, n }, turned);
      writePenalty(backend, penalty, padded, mask.dataId);
      const args = { z: from, turned, penalty, n, d, scale, greatest, sums };
      backend.run("similaritySums", Math.ceil(n / ROW_BLOCK), args);
      const values = floats(backend, lse.pointer, n);
      const most = floats(backend, greatest, n);
      const total = floats(backend, sums, n);
      for (let i = 0; i < n; i++) values[i] = most[i] + Math.log(total[i]);
    });
    return lse.info;
  },
  SimilarityLogSumExpGrad: ({ inputs: { dy, z, mask, lse }, attrs: { scale }, backend }) => {
    const [n, d] = z.shape;
    const padded = Math.ceil(n / PANEL) * PANEL;
    const columns = Math.ceil(d / PANEL) * PANEL;
    const dz = backend.output([n, d]);
    const from = backend.pointer(z);
    countFlops(4 * n * n * d);
    backend.withFloats(padded * (d + 3) + columns * n, (turned) => {
      const penalty = after(turned, padded * d);
      const [dyAt, lseAt, packed] = [1, 2, 3].map((i) => after(penalty, i * padded));
      pack(backend, { b: from, bK: 4, bN: d * 4, k: d, n }, turned);
      pack(backend, { b: from, bK: d * 4, bN: 4, k: n, n: d }, packed);
      writePenalty(backend, penalty, padded, mask.dataId);
      for (const [at, { dataId }] of [[dyAt, dy], [lseAt, lse]] as const) {
        const values = floats(backend, at, padded).fill(0);
        values.set(backend.data.get(dataId).values as Float32Array);
      }
      const args = { dy: dyAt, lse: lseAt, z: from, turned, packed, penalty };
      const sizes = { n, d, scale, dz: dz.pointer };
      backend.run("similarityGradient", Math.ceil(n / ROW_BLOCK), { ...args, ...sizes });
    });
    return dz.info;
  },
} satisfies Entries<SimdBackend>;

function writePenalty(backend: SimdBackend, pointer: Pointer, padded: number, mask: object): void {
  const counts = backend.data.get(mask).values as Float32Array;
  const penalty = floats(backend, pointer, padded).fill(EXCLUDED);
  counts.forEach((count, i) => penalty[i] = count ? 0 : EXCLUDED);
}

function floats(backend: SimdBackend, pointer: Pointer, length: number): Float32Array {
  return new Float32Array(backend.shared.memory.buffer, pointer, length);
}
