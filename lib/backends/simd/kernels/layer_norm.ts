// @ts-nocheck AssemblyScript, compiled by ../build.ts
/** Layer normalisation: x is [rows][n], each row by itself. */
import { zeroFloats } from "./gemm";

/** Rows of a unit; fixed, so that no result depends on the threads. */
export const LAYER_ROWS: i32 = 256;

/** y = γ·x̂ + β. Unit: LAYER_ROWS rows. */
export function layerNorm(
  unit: i32, _scratch: usize,
  x: usize, rows: i32, n: i32, gamma: usize, beta: usize, epsilon: f32, y: usize,
): void {
  const first = unit * LAYER_ROWS, count = min(LAYER_ROWS, rows - first), row = n * 4;
  x += first * row;
  y += first * row;
  for (let i = 0; i < count; i++, x += row, y += row) {
    const mean = meanOf(x, n), inverse = inverseOf(x, n, mean, epsilon);
    const m = f32x4.splat(mean), s = f32x4.splat(inverse);
    let at = 0;
    for (; at + 16 <= row; at += 16) {
      const normalised = f32x4.mul(f32x4.sub(v128.load(x + at), m), s);
      const value = f32x4.relaxed_madd(normalised, v128.load(gamma + at), v128.load(beta + at));
      v128.store(y + at, value);
    }
    for (; at < row; at += 4) {
      const normalised = (load<f32>(x + at) - mean) * inverse;
      store<f32>(y + at, normalised * load<f32>(gamma + at) + load<f32>(beta + at));
    }
  }
}

/**
 * dx = (γ·dy − mean(γ·dy) − x̂·mean(γ·dy·x̂)) / σ, and a chunk's share of dγ and dβ as
 * [chunk][2][n]. Unit: LAYER_ROWS rows.
 */
export function layerNormGradient(
  unit: i32, _scratch: usize,
  dy: usize, x: usize, rows: i32, n: i32, gamma: usize, epsilon: f32, dx: usize, share: usize,
): void {
  const first = unit * LAYER_ROWS, count = min(LAYER_ROWS, rows - first), row = n * 4;
  const dGamma = share + unit * 2 * row, dBeta = dGamma + row;
  zeroFloats(dGamma, 2 * n);
  dy += first * row;
  x += first * row;
  dx += first * row;
  for (let i = 0; i < count; i++, dy += row, x += row, dx += row) {
    const mean = meanOf(x, n), inverse = inverseOf(x, n, mean, epsilon);
    rowGradient(dy, x, n, gamma, mean, inverse, dx, dGamma, dBeta);
  }
}

/** dx of one row, whose shares are added to dγ and dβ. */
function rowGradient(
  dy: usize, x: usize, n: i32, gamma: usize, mean: f32, inverse: f32,
  dx: usize, dGamma: usize, dBeta: usize,
): void {
  const row = n * 4;
  const m = f32x4.splat(mean), s = f32x4.splat(inverse);
  let sums = f32x4.splat(0), products = sums;
  let at = 0;
  // x̂ goes to dx for the second pass.
  for (; at + 16 <= row; at += 16) {
    const slope = v128.load(dy + at);
    const normalised = f32x4.mul(f32x4.sub(v128.load(x + at), m), s);
    const scaled = f32x4.mul(slope, v128.load(gamma + at));
    sums = f32x4.add(sums, scaled);
    products = f32x4.relaxed_madd(scaled, normalised, products);
    v128.store(dx + at, normalised);
    v128.store(dGamma + at, f32x4.relaxed_madd(slope, normalised, v128.load(dGamma + at)));
    v128.store(dBeta + at, f32x4.add(slope, v128.load(dBeta + at)));
  }
  let sum = total(sums), product = total(products);
  for (; at < row; at += 4) {
    const slope = load<f32>(dy + at), normalised = (load<f32>(x + at) - mean) * inverse;
    const scaled = slope * load<f32>(gamma + at);
    sum += scaled;
    product += scaled * normalised;
    store<f32>(dx + at, normalised);
    store<f32>(dGamma + at, load<f32>(dGamma + at) + slope * normalised);
    store<f32>(dBeta + at, load<f32>(dBeta + at) + slope);
  }
  inputGradient(dy, n, gamma, sum / <f32> n, product / <f32> n, inverse, dx);
}

/** dx of one row, which holds x̂, from the means of γ·dy and γ·dy·x̂. */
function inputGradient(
  dy: usize, n: i32, gamma: usize, mean: f32, product: f32, inverse: f32, dx: usize,
): void {
  const row = n * 4;
  const meanFour = f32x4.splat(mean), productFour = f32x4.splat(product);
  const s = f32x4.splat(inverse);
  let at = 0;
  for (; at + 16 <= row; at += 16) {
    const scaled = f32x4.mul(v128.load(dy + at), v128.load(gamma + at));
    const rest = f32x4.relaxed_nmadd(v128.load(dx + at), productFour, f32x4.sub(scaled, meanFour));
    v128.store(dx + at, f32x4.mul(rest, s));
  }
  for (; at < row; at += 4) {
    const scaled = load<f32>(dy + at) * load<f32>(gamma + at);
    store<f32>(dx + at, (scaled - mean - load<f32>(dx + at) * product) * inverse);
  }
}

function meanOf(x: usize, n: i32): f32 {
  let sums = f32x4.splat(0);
  let i = 0;
  for (; i + 4 <= n; i += 4) sums = f32x4.add(sums, v128.load(x + i * 4));
  let sum = total(sums);
  for (; i < n; i++) sum += load<f32>(x + i * 4);
  return sum / <f32> n;
}

/** 1/√(σ² + ε). */
function inverseOf(x: usize, n: i32, mean: f32, epsilon: f32): f32 {
  const m = f32x4.splat(mean);
  let sums = f32x4.splat(0);
  let i = 0;
  for (; i + 4 <= n; i += 4) {
    const d = f32x4.sub(v128.load(x + i * 4), m);
    sums = f32x4.relaxed_madd(d, d, sums);
  }
  let sum = total(sums);
  for (; i < n; i++) {
    const d = load<f32>(x + i * 4) - mean;
    sum += d * d;
  }
  return 1 / sqrt<f32>(sum / <f32> n + epsilon);
}

function total(v: v128): f32 {
  const two = f32x4.add(v, v128.shuffle<i32>(v, v, 2, 3, 0, 1));
  return f32x4.extract_lane(two, 0) + f32x4.extract_lane(two, 1);
}
