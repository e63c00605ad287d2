/**
 * Products of two matrices.
 *
 * @module
 */
import type * as tf from "@tensorflow/tfjs";
import type { Entries } from "../../entry.ts";
import type { WebgpuBackend } from "../backend.ts";
import { bindings, dispatch } from "../dispatch.ts";
import { matrix, storeMatrix, transposedMatrix, vectorOf } from "../shaders/matrix.ts";
import {
  productShader,
  type ProductSizes,
  productWorkgroups,
  splitsFor,
  sumParts,
} from "../shaders/product.ts";

/** Workgroups that a product of great depth is split into, at least. */
const WORKGROUPS = 256;

/** Rows below which most of a tile would be empty: tfjs's kernels for vectors are better there. */
const LEAST_ROWS = 8;

/** tfjs's kernel `BatchMatMul`, of one pair of matrices. */
export const matMulEntries = {
  BatchMatMul: ({ inputs: { a, b }, attrs: { transposeA, transposeB }, backend }) => {
    const batch = (x: tf.TensorInfo) => x.shape.slice(0, -2).reduce((product, n) => product * n, 1);
    if (a.dtype !== "float32" || b.dtype !== "float32" || batch(a) * batch(b) !== 1) {
      return undefined;
    }
    const [m, k] = a.shape.slice(-2);
    const [n] = b.shape.slice(transposeB ? -2 : -1);
    const sizes = { rows: transposeA ? k : m, columns: n, depth: transposeA ? m : k };
    if (Math.min(sizes.rows, sizes.columns) < LEAST_ROWS) return undefined;
    return multiply(backend, {
      a,
      b,
      transposeA,
      transposeB,
      ...sizes,
      batch: a.shape.slice(0, -2),
    });
  },
} satisfies Entries<WebgpuBackend>;

function multiply(
  backend: WebgpuBackend,
  { a, b, transposeA, transposeB, rows, columns, depth, batch }: {
    a: tf.TensorInfo;
    b: tf.TensorInfo;
    transposeA: boolean;
    transposeB: boolean;
    rows: number;
    columns: number;
    depth: number;
    batch: number[];
  },
): tf.TensorInfo {
  const splits = splitsFor({ rows, columns, depth }, WORKGROUPS);
  const sizes = { rows, columns, depth, splits };
  const [parts] = dispatch(backend, {
    label: "BatchMatMul",
    variant: [transposeA, transposeB],
    code: () => multiplyShader(sizes, { transposeA, transposeB }),
    inputs: [a, b],
    outputs: [[splits, rows, columns]],
    workgroups: productWorkgroups(sizes),
    flops: 2 * rows * columns * depth,
  });
  return sumParts(backend, parts, {
    label: "BatchMatMul, sum of parts",
    shape: [...batch, rows, columns],
  });
}

function multiplyShader(
  sizes: ProductSizes,
  { transposeA, transposeB }: Record<"transposeA" | "transposeB", boolean>,
): string {
  const { rows, columns, depth } = sizes;
  const types = {
    a: vectorOf(transposeA ? rows : depth),
    b: transposeB ? "f32" : vectorOf(columns),
    y: vectorOf(columns),
  };
  const loadA = transposeA
    ? `${matrix("rowsOfA", "a", { rows: depth, columns: rows })}
fn loadA(row: u32, k: u32) -> vec4f { return rowsOfA(k, row); }`
    : matrix("loadA", "a", { rows, columns: depth });
  const loadB = (transposeB ? transposedMatrix : matrix)("loadB", "b", { rows: depth, columns });
  return productShader({
    ...sizes,
    along: transposeA ? "rows" : "depth",
    code: `${bindings(types, 1)}\n${loadA}\n${loadB}\n${storeMatrix("y", { rows, columns })}`,
  });
}
