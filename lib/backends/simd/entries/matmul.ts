/**
 * Matrix products.
 *
 * @module
 */
import * as tf from "@tensorflow/tfjs";
import type { Entries } from "../../entry.ts";
import type { SimdBackend } from "../backend.ts";
import { type KernelArguments, PANEL, ROW_BLOCK, SUM_CHUNK } from "../kernel_calls.ts";
import { after, type Pointer } from "../memory.ts";
import { countFlops } from "../register.ts";

/** A k × n matrix: address, bytes from row to row and from column to column. */
export type Matrix = Omit<KernelArguments["packPanel"], "packed">;

/** tfjs's kernel `BatchMatMul`. */
export const matmulEntries = {
  BatchMatMul: ({ inputs: { a, b }, attrs: { transposeA, transposeB }, backend }) => {
    if (a.dtype !== "float32" || b.dtype !== "float32") return undefined;
    const [aBatch, aRows, aColumns] = flatBatch(a.shape);
    const [bBatch, bRows, bColumns] = flatBatch(b.shape);
    const [m, k] = transposeA ? [aColumns, aRows] : [aRows, aColumns];
    const n = transposeB ? bRows : bColumns;
    if (aBatch !== bBatch && aBatch !== 1 && bBatch !== 1) return undefined;
    const outer = tf.broadcast_util.assertAndGetBroadcastShape(
      a.shape.slice(0, -2),
      b.shape.slice(0, -2),
    );
    const batch = Math.max(aBatch, bBatch);
    if (outer.reduce((product, size) => product * size, 1) !== batch) return undefined;
    countFlops(2 * batch * m * n * k);
    const c = backend.output([...outer, m, n]);
    const [aRow, aK] = transposeA ? [4, m * 4] : [k * 4, 4];
    const [bK, bN] = transposeB ? [4, k * 4] : [n * 4, 4];
    const left = { a: backend.pointer(a), aRow, aK, m };
    const right = { b: backend.pointer(b), bK, bN, k, n };
    if (batch === 1 && m * n * 64 < k * 16) {
      splitProduct(backend, left, right, c.pointer);
      return c.info;
    }
    const size = Math.ceil(n / PANEL) * PANEL * k;
    backend.withFloats(size * bBatch, (packed) => {
      for (let i = 0; i < bBatch; i++) {
        pack(backend, { ...right, b: after(right.b, i * k * n) }, after(packed, i * size));
      }
      const aStep = { aBatch: aBatch > 1 ? m * k * 4 : 0 };
      const product = { packed, packedBatch: bBatch > 1 ? size * 4 : 0, c: c.pointer, n, k };
      const units = batch * Math.ceil(m / ROW_BLOCK);
      backend.run("matmul", units, { ...left, ...aStep, ...product });
    });
    return c.info;
  },
} satisfies Entries<SimdBackend>;

/** Packs B for the kernels that want it in panels, and lends it. */
export function packMatrix(
  backend: SimdBackend,
  matrix: Matrix,
  use: (packed: Pointer) => void,
): void {
  backend.withFloats(Math.ceil(matrix.n / PANEL) * PANEL * matrix.k, (packed) => {
    pack(backend, matrix, packed);
    use(packed);
  });
}

/** Packs B to `packed`. */
export function pack(backend: SimdBackend, matrix: Matrix, packed: Pointer): void {
  backend.run("packPanel", Math.ceil(matrix.n / PANEL), { ...matrix, packed });
}

/** Sums chunks in their order. */
export function sumChunks(backend: SimdBackend, args: KernelArguments["sumChunks"]): void {
  backend.run("sumChunks", Math.ceil(args.length / SUM_CHUNK), args);
}

/** A product with a long inner dimension: parts of it side by side, summed in their order. */
function splitProduct(
  backend: SimdBackend,
  a: Pick<KernelArguments["matmulPart"], "a" | "aRow" | "aK" | "m">,
  b: Matrix,
  c: Pointer,
): void {
  const { m } = a;
  const { k, n } = b;
  const part = Math.max(256, Math.ceil(k / 32));
  const chunks = Math.ceil(k / part);
  const padded = Math.ceil(n / PANEL) * PANEL;
  backend.withFloats(padded * (k + chunks * m), (packed) => {
    const partial = after(packed, padded * k);
    pack(backend, b, packed);
    backend.run("matmulPart", chunks, { ...a, packed, partial, n: padded, k, part });
    sumChunks(backend, { partial, chunks, length: m * n, columns: n, stride: padded, out: c });
  });
}

/** Batch, rows and columns. */
function flatBatch(shape: number[]): [number, number, number] {
  const [rows, columns] = shape.slice(-2);
  return [tf.util.sizeFromShape(shape.slice(0, -2)), rows, columns];
}
