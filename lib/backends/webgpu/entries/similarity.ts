/**
 * Log-sum-exp over the similarities of all pairs, and its gradient, of so many rows at a time that
 * the similarities fit into little memory.
 *
 * @module
 */
import type * as tf from "@tensorflow/tfjs";
import type { Entries } from "../../entry.ts";
import type { WebgpuBackend } from "../backend.ts";
import { bindings, dispatch } from "../dispatch.ts";
import { matrix, storeMatrix, transposedMatrix, vectorOf } from "../shaders/matrix.ts";
import { productShader, type ProductSizes, productWorkgroups } from "../shaders/product.ts";

/** Similarities in memory at a time. */
const MOST_PAIRS = 2 ** 22;

/** Invocations that share a row. */
const THREADS = 64;

/** Subtracted from similarities that do not count, as in lib/ops/similarity.ts. */
const EXCLUDED = "1e9";

/** The contract's kernels, see lib/ops/similarity.ts. */
export const similarityEntries = {
  SimilarityLogSumExp: ({ inputs: { z, mask }, attrs: { scale }, backend }) => {
    const [n, d] = z.shape;
    const lse = backend.makeTensorInfo([n], "float32");
    for (const block of blocksOf(n)) {
      const logits = pairs(backend, block, {
        label: "SimilarityLogSumExp, similarities",
        size: { n, d },
        inputs: { z, mask },
        value: `similarity * ${scale} - excluded(row, column)`,
      });
      rowLogSumExp(backend, { logits, lse }, block);
      backend.disposeData(logits.dataId);
    }
    return lse;
  },
  SimilarityLogSumExpGrad: ({ inputs: { dy, z, mask, lse }, attrs: { scale }, backend }) => {
    const [n, d] = z.shape;
    const dz = backend.makeTensorInfo([n, d], "float32");
    for (const block of blocksOf(n)) {
      const shares = pairs(backend, block, {
        label: "SimilarityLogSumExpGrad, shares",
        size: { n, d },
        inputs: { z, mask, dy, lse },
        value: `${scale} * (
      dy[row] * exp(similarity * ${scale} - excluded(row, column) - lse[row]) +
      dy[column] * exp(similarity * ${scale} - excluded(column, row) - lse[column]))`,
      });
      timesRows(backend, { shares, z, dz }, block);
      backend.disposeData(shares.dataId);
    }
    return dz;
  },
} satisfies Entries<WebgpuBackend>;

/** Some consecutive rows. */
interface Block {
  first: number;
  rows: number;
}

/** Blocks of as many rows, but for the last, so that one shader serves for all but that one. */
function blocksOf(n: number): Block[] {
  const rows = Math.min(n, Math.max(1, Math.floor(MOST_PAIRS / n)));
  return Array.from({ length: Math.ceil(n / rows) }, (_, i) => {
    const first = i * rows;
    return { first, rows: Math.min(rows, n - first) };
  });
}

/** What to compute of each pair. */
interface PairValue {
  /** The kernel's name. */
  label: string;
  /** Rows and their channels. */
  size: { n: number; d: number };
  /** `z`, `mask` and what else `value` needs. */
  inputs: Record<string, tf.TensorInfo>;
  /** WGSL of the value, from `similarity`, `row` and `column`. */
  value: string;
}

/** A value of each pair of a row of the block with any row: [block.rows, n]. */
function pairs(backend: WebgpuBackend, { first, rows }: Block, pair: PairValue): tf.TensorInfo {
  const { label, size: { n, d }, inputs, value } = pair;
  const sizes = { rows, columns: n, depth: d, splits: 1 };
  return dispatch(backend, {
    label,
    variant: [value],
    code: () => pairsShader(sizes, pair),
    inputs: Object.values(inputs),
    outputs: [[rows, n]],
    parameters: [first],
    workgroups: productWorkgroups(sizes),
    flops: 2 * rows * n * d,
  })[0];
}

function pairsShader(
  sizes: ProductSizes,
  { size: { n, d }, inputs, value }: PairValue,
): string {
  const names = Object.keys(inputs);
  const types = Object.fromEntries(names.map((name) => [name, "f32"]));
  return productShader({
    ...sizes,
    along: "depth",
    code: `${bindings({ ...types, y: "f32" }, 1)}
@group(0) @binding(${names.length + 1}) var<uniform> block: vec4f;
fn loadA(row: u32, k: u32) -> vec4f {
  let i = u32(block[0]) + row;
  if (i >= ${n}u) { return vec4f(); }
  return vec4f(${
      [0, 1, 2, 3].map((j) => `select(0.0, z[i * ${d}u + k + ${j}u], k + ${j}u < ${d}u)`).join(
        ", ",
      )
    });
}
${transposedMatrix("loadB", "z", { rows: d, columns: n })}
fn excluded(row: u32, other: u32) -> f32 {
  return select(${EXCLUDED} * (1.0 - mask[other]), ${EXCLUDED}, row == other);
}
fn valueOf(row: u32, column: u32, similarity: f32) -> f32 {
  return ${value};
}
fn store(split: u32, row: u32, first: u32, similarities: vec4f) {
  if (row >= ${sizes.rows}u) { return; }
  for (var j = 0u; j < min(4u, ${n}u - min(first, ${n}u)); j++) {
    y[row * ${n}u + first + j] = valueOf(u32(block[0]) + row, first + j, similarities[j]);
  }
}`,
  });
}

/** log Σ exp of each row of the block, into its place; one workgroup per row. */
function rowLogSumExp(
  backend: WebgpuBackend,
  { logits, lse }: Record<"logits" | "lse", tf.TensorInfo>,
  { first, rows }: Block,
): void {
  const [n] = lse.shape;
  const code = () =>
    `${bindings({ logits: "f32", lse: "f32" }, 1)}
@group(0) @binding(2) var<uniform> block: vec4f;
var<workgroup> shares: array<vec2f, ${THREADS}>;

/** [greatest, sum of exp(value − greatest)] of two sets together. */
fn merged(a: vec2f, b: vec2f) -> vec2f {
  let most = max(a[0], b[0]);
  return vec2f(most, a[1] * exp(a[0] - most) + b[1] * exp(b[0] - most));
}

@compute @workgroup_size(${THREADS})
fn main(@builtin(workgroup_id) group: vec3u, @builtin(local_invocation_index) local: u32) {
  var sum = vec2f(-3e38, 0.0);
  for (var column = local; column < ${n}u; column += ${THREADS}u) {
    sum = merged(sum, vec2f(logits[group.x * ${n}u + column], 1.0));
  }
  shares[local] = sum;
  for (var half = ${THREADS / 2}u; half > 0u; half /= 2u) {
    workgroupBarrier();
    if (local < half) { shares[local] = merged(shares[local], shares[local + half]); }
  }
  if (local == 0u) { lse[u32(block[0]) + group.x] = shares[0][0] + log(shares[0][1]); }
}`;
  dispatch(backend, {
    label: "SimilarityLogSumExp",
    code,
    inputs: [logits],
    outputs: [lse],
    parameters: [first],
    workgroups: [rows, 1, 1],
  });
}

/** The block's rows of shares · z, into their place. */
function timesRows(
  backend: WebgpuBackend,
  { shares, z, dz }: Record<"shares" | "z" | "dz", tf.TensorInfo>,
  { first, rows }: Block,
): void {
  const [n, d] = z.shape;
  const sizes = { rows, columns: d, depth: n, splits: 1 };
  const code = (): string =>
    productShader({
      ...sizes,
      along: "depth",
      code: `${bindings({ shares: vectorOf(n), z: vectorOf(d), dz: vectorOf(d) }, 1)}
@group(0) @binding(3) var<uniform> block: vec4f;
${matrix("loadA", "shares", { rows, columns: n })}
${matrix("loadB", "z", { rows: n, columns: d })}
${storeMatrix("dz", { rows, columns: d }, "u32(block[0])")}`,
    });
  dispatch(backend, {
    label: "SimilarityLogSumExpGrad",
    code,
    inputs: [shares, z],
    outputs: [dz],
    parameters: [first],
    workgroups: productWorkgroups(sizes),
    flops: 2 * rows * n * d,
  });
}
