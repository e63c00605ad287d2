/**
 * Matrix products.
 *
 * @module
 */
import * as tf from "@tensorflow/tfjs";
import type { SimdBackend } from "../backend.ts";
import { countFlops, type Entry } from "../register.ts";

/** Rows of one unit of a product, as in kernels/gemm.ts. */
export const ROW_BLOCK = 48;

/** A k × n matrix: address, bytes from row to row and from column to column. */
export interface Matrix {
  /** Address. */
  b: number;
  /** Bytes from row to row. */
  bK: number;
  /** Bytes from column to column. */
  bN: number;
  /** Rows. */
  k: number;
  /** Columns. */
  n: number;
}

/** tfjs's kernel `BatchMatMul`. */
export const matmulEntries: Record<string, Entry> = {
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
    const left = { pointer: backend.pointer(a), batch: aBatch > 1 ? m * k * 4 : 0, aRow, aK };
    const right = backend.pointer(b);
    if (batch === 1 && m * n * 64 < k * 16) {
      splitProduct(backend, left, { b: right, bK, bN, k, n }, m, c.pointer);
      return c.info;
    }
    const panels = Math.ceil(n / 8) * 8;
    backend.withFloats(panels * k * bBatch, (packed) => {
      for (let i = 0; i < bBatch; i++) {
        const from = right + i * k * n * 4;
        backend.run("packPanel", panels / 8, [from, bK, bN, k, n, packed + i * panels * k * 4]);
      }
      backend.run("matmul", batch * Math.ceil(m / ROW_BLOCK), [
        ...[left.pointer, left.batch, aRow, aK, packed, bBatch > 1 ? panels * k * 4 : 0],
        ...[c.pointer, m, n, k],
      ], ROW_BLOCK * 32);
    });
    return c.info;
  },
};

/** Packs B for the kernels that want it in panels of 8 columns, and lends it. */
export function packMatrix(
  backend: SimdBackend,
  { b, bK, bN, k, n }: Matrix,
  use: (packed: number) => void,
): void {
  const panels = Math.ceil(n / 8);
  backend.withFloats(panels * 8 * k, (packed) => {
    backend.run("packPanel", panels, [b, bK, bN, k, n, packed]);
    use(packed);
  });
}

/** A product with a long inner dimension: parts of it side by side, summed in their order. */
function splitProduct(
  backend: SimdBackend,
  { pointer, aRow, aK }: { pointer: number; aRow: number; aK: number },
  b: Matrix,
  m: number,
  c: number,
): void {
  const part = Math.max(256, Math.ceil(b.k / 32));
  const parts = Math.ceil(b.k / part);
  const padded = Math.ceil(b.n / 8) * 8;
  backend.withFloats(padded * (b.k + parts * m), (packed) => {
    const partial = packed + padded * b.k * 4;
    backend.run("packPanel", padded / 8, [b.b, b.bK, b.bN, b.k, b.n, packed]);
    backend.run("matmulPart", parts, [pointer, aRow, aK, packed, partial, m, padded, b.k, part]);
    const sum = [partial, parts, m * b.n, b.n, padded, c];
    backend.run("sumChunks", Math.ceil(m * b.n / 1024), sum);
  });
}

/** Batch, rows and columns. */
function flatBatch(shape: number[]): [number, number, number] {
  const [rows, columns] = shape.slice(-2);
  return [tf.util.sizeFromShape(shape.slice(0, -2)), rows, columns];
}
