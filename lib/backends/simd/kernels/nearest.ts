// @ts-nocheck AssemblyScript, compiled by ../build.ts
/**
 * The vote of the nearest rows of a labelled memory: a block of rows and of the memory at a time,
 * so that their products stay in a cache and are read once.
 */
import { multiply, ROW_BLOCK } from "./gemm";

/** Rows of the memory that one block multiplies, a multiple of 8. */
const COLUMNS: i32 = 512;

export function nearestVotesScratch(k: i32): i32 {
  return ROW_BLOCK * (COLUMNS + 2 * k) * 4;
}

/**
 * Shares of the classes among the k rows of the memory with the greatest products, weighted by
 * these, `leastVote` or more: out [m][classes]. `packed` holds the memory in panels; of each thread
 * the scratch space has ROW_BLOCK rows of COLUMNS products, k values and k labels. Unit: ROW_BLOCK
 * rows of x [m][d].
 */
export function nearestVotes(
  unit: i32, scratch: usize,
  x: usize, packed: usize, labels: usize, m: i32, n: i32, d: i32, k: i32, classes: i32,
  leastVote: f32, out: usize,
): void {
  const first = unit * ROW_BLOCK;
  const count = min(ROW_BLOCK, m - first);
  const best = scratch + ROW_BLOCK * COLUMNS * 4;
  const row = k * 8;
  for (let i = 0; i < count; i++) {
    for (let j = 0; j < k; j++) {
      store<f32>(best + i * row + j * 4, -Infinity);
      store<f32>(best + i * row + (k + j) * 4, 0);
    }
  }
  for (let from = 0; from < n; from += COLUMNS) {
    const columns = min(COLUMNS, n - from);
    const panel = packed + from * d * 4;
    multiply(
      x + first * d * 4, d * 4, 4, panel, 32, d * 32, scratch, COLUMNS * 4, count,
      (columns + 7) >> 3, d, false,
    );
    for (let i = 0; i < count; i++) {
      keepGreatest(scratch + i * COLUMNS * 4, columns, labels + from * 4, best + i * row, k);
    }
  }
  for (let i = 0; i < count; i++) {
    vote(best + i * row, k, classes, leastVote, out + (first + i) * classes * 4);
  }
}

/** Brings n products and their labels into k values in descending order, followed by k labels. */
function keepGreatest(products: usize, n: i32, labels: usize, best: usize, k: i32): void {
  const last = best + (k - 1) * 4;
  let j = 0;
  for (; j + 4 <= n; j += 4) {
    const four = v128.load(products + j * 4);
    if (!v128.any_true(f32x4.gt(four, v128.load32_splat(last)))) continue;
    for (let lane = j; lane < j + 4; lane++) insert(products, lane, labels, best, last);
  }
  for (; j < n; j++) insert(products, j, labels, best, last);
}

function insert(products: usize, j: i32, labels: usize, best: usize, last: usize): void {
  const value = load<f32>(products + j * 4);
  if (!(value > load<f32>(last))) return;
  // From a value to its label.
  const step = last + 4 - best;
  let at = last;
  for (; at > best && load<f32>(at - 4) < value; at -= 4) {
    store<f32>(at, load<f32>(at - 4));
    store<f32>(at + step, load<f32>(at - 4 + step));
  }
  store<f32>(at, value);
  store<f32>(at + step, load<f32>(labels + j * 4));
}

function vote(best: usize, k: i32, classes: i32, leastVote: f32, out: usize): void {
  for (let c = 0; c < classes; c++) store<f32>(out + c * 4, 0);
  let total: f32 = 0;
  for (let j = 0; j < k; j++) {
    const weight = max(load<f32>(best + j * 4), leastVote);
    const share = out + i32(load<f32>(best + (k + j) * 4)) * 4;
    store<f32>(share, load<f32>(share) + weight);
    total += weight;
  }
  for (let c = 0; c < classes; c++) store<f32>(out + c * 4, load<f32>(out + c * 4) / total);
}
