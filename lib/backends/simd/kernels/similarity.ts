// @ts-nocheck AssemblyScript, compiled by ../build.ts
/**
 * Log-sum-exp over the similarities of all pairs of rows of z [n][d], and its gradient: a block of
 * rows at a time, so that the n × n matrix never exists.
 */
import { multiply, multiplyRows, multiplyRowsScratch, ROW_BLOCK } from "./gemm";
import { exp4 } from "./pointwise";

/** Similarity of a row with what does not count for it. */
export const EXCLUDED: f32 = -1e9;

/** Scaled products of a block of rows with all rows, EXCLUDED with itself: [rows][padded]. */
function similarities(
  z: usize, turned: usize, n: i32, d: i32, scale: f32, first: i32, count: i32, out: usize,
): void {
  const panels = (n + 7) >> 3;
  const row = panels * 32;
  multiply(z + first * d * 4, d * 4, 4, turned, 32, d * 32, out, row, count, panels, d, false);
  const factor = f32x4.splat(scale);
  for (let at = out, end = out + count * row; at < end; at += 16) {
    v128.store(at, f32x4.mul(v128.load(at), factor));
  }
  for (let i = 0; i < count; i++) store<f32>(out + i * row + (first + i) * 4, EXCLUDED);
}

/** A block of rows of similarities. */
export function similaritySumsScratch(n: i32): i32 {
  return ROW_BLOCK * ((n + 7) & ~7) * 4;
}

/**
 * The greatest similarity of each row and the sum of exp(similarity − greatest). `penalty` [padded]
 * is 0 for rows that count and EXCLUDED for the others. Unit: ROW_BLOCK rows.
 */
export function similaritySums(
  unit: i32, scratch: usize,
  z: usize, turned: usize, penalty: usize, n: i32, d: i32, scale: f32,
  greatest: usize, sums: usize,
): void {
  const first = unit * ROW_BLOCK;
  const count = min(ROW_BLOCK, n - first);
  const row = ((n + 7) & ~7) * 4;
  similarities(z, turned, n, d, scale, first, count, scratch);
  for (let i = 0; i < count; i++) {
    const from = scratch + i * row;
    let most = f32x4.splat(EXCLUDED);
    for (let at = 0; at < row; at += 16) {
      const value = f32x4.add(v128.load(from + at), v128.load(penalty + at));
      v128.store(from + at, value);
      most = f32x4.max(most, value);
    }
    most = f32x4.max(most, v128.shuffle<i32>(most, most, 2, 3, 0, 1));
    most = f32x4.max(most, v128.shuffle<i32>(most, most, 1, 0, 3, 2));
    let sum = f32x4.splat(0);
    for (let at = 0; at < row; at += 16) {
      sum = f32x4.add(sum, exp4(f32x4.sub(v128.load(from + at), most)));
    }
    sum = f32x4.add(sum, v128.shuffle<i32>(sum, sum, 2, 3, 0, 1));
    sum = f32x4.add(sum, v128.shuffle<i32>(sum, sum, 1, 0, 3, 2));
    store<f32>(greatest + (first + i) * 4, f32x4.extract_lane(most, 0));
    store<f32>(sums + (first + i) * 4, f32x4.extract_lane(sum, 0));
  }
}

export function similarityGradientScratch(n: i32): i32 {
  return similaritySumsScratch(n) + multiplyRowsScratch();
}

/**
 * dz for dy, the gradient of the log-sum-exps: row k is Σⱼ (dyₖ pₖⱼ + dyⱼ pⱼₖ) zⱼ · scale, where pₖⱼ
 * is the softmax of row k. `packed` is z in panels; dy and lse are padded like `penalty`.
 * Unit: ROW_BLOCK rows.
 */
export function similarityGradient(
  unit: i32, scratch: usize,
  dy: usize, lse: usize, z: usize, turned: usize, packed: usize, penalty: usize,
  n: i32, d: i32, scale: f32, dz: usize,
): void {
  const first = unit * ROW_BLOCK;
  const count = min(ROW_BLOCK, n - first);
  const row = ((n + 7) & ~7) * 4;
  similarities(z, turned, n, d, scale, first, count, scratch);
  const none = f32x4.splat(0);
  for (let i = 0; i < count; i++) {
    const own = (first + i) * 4;
    const share = f32x4.splat(load<f32>(dy + own) * scale);
    const sum = v128.load32_splat(lse + own), minus = v128.load32_splat(penalty + own);
    for (let at = 0, from = scratch + i * row; at < row; at += 16, from += 16) {
      const value = v128.load(from);
      // At most 0 where it counts; the limit keeps what does not count finite.
      const mine = f32x4.min(f32x4.sub(f32x4.add(value, v128.load(penalty + at)), sum), none);
      const theirs = f32x4.min(f32x4.sub(f32x4.add(value, minus), v128.load(lse + at)), none);
      const other = f32x4.mul(v128.load(dy + at), f32x4.splat(scale));
      v128.store(
        from, f32x4.relaxed_madd(share, exp4(mine), f32x4.mul(other, exp4(theirs))),
      );
    }
  }
  multiplyRows(
    scratch, row, 4, packed, dz + first * d * 4, count, d, n, scratch + ROW_BLOCK * row,
  );
}
