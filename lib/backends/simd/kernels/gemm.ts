// @ts-nocheck AssemblyScript, compiled by ../build.ts
/**
 * Matrix products. Every step ("row", "k", "panel") is in bytes. B and C are read and written in
 * panels of 8 columns, so their rows must have room for a multiple of 8 columns.
 */

/** Rows of A that one unit of work multiplies. */
export const ROW_BLOCK: i32 = 48;
/** Columns of a panel of B: two vectors of four. */
export const PANEL: i32 = 8;
/** Values of one unit of a sum over chunks. */
export const SUM_CHUNK: i32 = 1024;
/** Longest part of the inner dimension done at once: a panel of B stays in L1. */
const K_BLOCK: i32 = 256;

/**
 * C (m × 8·panels) = A·B, or C += A·B. Either A's rows lie along k and B is packed (aK = 4,
 * bK = 32), or A's columns lie along m (aRow = 4).
 */
export function multiply(
  a: usize,
  aRow: i32,
  aK: i32,
  b: usize,
  bK: i32,
  bPanel: i32,
  c: usize,
  cRow: i32,
  m: i32,
  panels: i32,
  k: i32,
  add: bool,
): void {
  const sixes = rowsInSixes(m);
  for (let p = 0; p < panels; p++, b += bPanel, c += 32) {
    let i = 0;
    if (aRow == 4) {
      for (; i < sixes; i += 6) tile6x8Turned(a + i * 4, aK, b, bK, c + i * cRow, cRow, k, add);
    } else {
      for (; i < sixes; i += 6) tile6x8(a + i * aRow, aRow, b, c + i * cRow, cRow, k, add);
    }
    for (; i + 4 <= m; i += 4) tile4x8(a + i * aRow, aRow, aK, b, bK, c + i * cRow, cRow, k, add);
    for (; i < m; i++) tile1x8(a + i * aRow, aK, b, bK, c + i * cRow, k, add);
  }
}

/** How many of m rows go through the tile of six, so that few are left for the tile of one. */
function rowsInSixes(m: i32): i32 {
  const rest = m % 6;
  return m - rest - (m > 6 && (rest == 2 || rest == 3) ? 6 : 0);
}

/** Six rows that lie along k, B packed: few enough steps in variables to stay in registers. */
function tile6x8(a0: usize, aRow: i32, b: usize, c0: usize, cRow: i32, k: i32, add: bool): void {
  let a1 = a0 + aRow, a2 = a1 + aRow, a3 = a2 + aRow, a4 = a3 + aRow, a5 = a4 + aRow;
  const c1 = c0 + cRow, c2 = c1 + cRow, c3 = c2 + cRow, c4 = c3 + cRow, c5 = c4 + cRow;
  let l0 = f32x4.splat(0), r0 = l0;
  let l1 = l0, r1 = l0;
  let l2 = l0, r2 = l0;
  let l3 = l0, r3 = l0;
  let l4 = l0, r4 = l0;
  let l5 = l0, r5 = l0;
  if (add) {
    l0 = v128.load(c0);
    r0 = v128.load(c0, 16);
    l1 = v128.load(c1);
    r1 = v128.load(c1, 16);
    l2 = v128.load(c2);
    r2 = v128.load(c2, 16);
    l3 = v128.load(c3);
    r3 = v128.load(c3, 16);
    l4 = v128.load(c4);
    r4 = v128.load(c4, 16);
    l5 = v128.load(c5);
    r5 = v128.load(c5, 16);
  }
  for (const end = b + k * 32; b != end; b += 32) {
    const bl = v128.load(b), br = v128.load(b, 16);
    const x0 = v128.load32_splat(a0);
    l0 = f32x4.relaxed_madd(x0, bl, l0);
    r0 = f32x4.relaxed_madd(x0, br, r0);
    const x1 = v128.load32_splat(a1);
    l1 = f32x4.relaxed_madd(x1, bl, l1);
    r1 = f32x4.relaxed_madd(x1, br, r1);
    const x2 = v128.load32_splat(a2);
    l2 = f32x4.relaxed_madd(x2, bl, l2);
    r2 = f32x4.relaxed_madd(x2, br, r2);
    const x3 = v128.load32_splat(a3);
    l3 = f32x4.relaxed_madd(x3, bl, l3);
    r3 = f32x4.relaxed_madd(x3, br, r3);
    const x4 = v128.load32_splat(a4);
    l4 = f32x4.relaxed_madd(x4, bl, l4);
    r4 = f32x4.relaxed_madd(x4, br, r4);
    const x5 = v128.load32_splat(a5);
    l5 = f32x4.relaxed_madd(x5, bl, l5);
    r5 = f32x4.relaxed_madd(x5, br, r5);
    a0 += 4;
    a1 += 4;
    a2 += 4;
    a3 += 4;
    a4 += 4;
    a5 += 4;
  }
  v128.store(c0, l0);
  v128.store(c0, r0, 16);
  v128.store(c1, l1);
  v128.store(c1, r1, 16);
  v128.store(c2, l2);
  v128.store(c2, r2, 16);
  v128.store(c3, l3);
  v128.store(c3, r3, 16);
  v128.store(c4, l4);
  v128.store(c4, r4, 16);
  v128.store(c5, l5);
  v128.store(c5, r5, 16);
}

/** Six rows side by side: the columns of A lie along m. */
function tile6x8Turned(
  a: usize,
  aK: i32,
  b: usize,
  bK: i32,
  c0: usize,
  cRow: i32,
  k: i32,
  add: bool,
): void {
  const c1 = c0 + cRow, c2 = c1 + cRow, c3 = c2 + cRow, c4 = c3 + cRow, c5 = c4 + cRow;
  let l0 = f32x4.splat(0), r0 = l0;
  let l1 = l0, r1 = l0;
  let l2 = l0, r2 = l0;
  let l3 = l0, r3 = l0;
  let l4 = l0, r4 = l0;
  let l5 = l0, r5 = l0;
  if (add) {
    l0 = v128.load(c0);
    r0 = v128.load(c0, 16);
    l1 = v128.load(c1);
    r1 = v128.load(c1, 16);
    l2 = v128.load(c2);
    r2 = v128.load(c2, 16);
    l3 = v128.load(c3);
    r3 = v128.load(c3, 16);
    l4 = v128.load(c4);
    r4 = v128.load(c4, 16);
    l5 = v128.load(c5);
    r5 = v128.load(c5, 16);
  }
  for (let i = 0; i < k; i++) {
    const bl = v128.load(b), br = v128.load(b, 16);
    const x0 = v128.load32_splat(a);
    l0 = f32x4.relaxed_madd(x0, bl, l0);
    r0 = f32x4.relaxed_madd(x0, br, r0);
    const x1 = v128.load32_splat(a, 4);
    l1 = f32x4.relaxed_madd(x1, bl, l1);
    r1 = f32x4.relaxed_madd(x1, br, r1);
    const x2 = v128.load32_splat(a, 8);
    l2 = f32x4.relaxed_madd(x2, bl, l2);
    r2 = f32x4.relaxed_madd(x2, br, r2);
    const x3 = v128.load32_splat(a, 12);
    l3 = f32x4.relaxed_madd(x3, bl, l3);
    r3 = f32x4.relaxed_madd(x3, br, r3);
    const x4 = v128.load32_splat(a, 16);
    l4 = f32x4.relaxed_madd(x4, bl, l4);
    r4 = f32x4.relaxed_madd(x4, br, r4);
    const x5 = v128.load32_splat(a, 20);
    l5 = f32x4.relaxed_madd(x5, bl, l5);
    r5 = f32x4.relaxed_madd(x5, br, r5);
    a += aK;
    b += bK;
  }
  v128.store(c0, l0);
  v128.store(c0, r0, 16);
  v128.store(c1, l1);
  v128.store(c1, r1, 16);
  v128.store(c2, l2);
  v128.store(c2, r2, 16);
  v128.store(c3, l3);
  v128.store(c3, r3, 16);
  v128.store(c4, l4);
  v128.store(c4, r4, 16);
  v128.store(c5, l5);
  v128.store(c5, r5, 16);
}

function tile4x8(
  a: usize,
  aRow: i32,
  aK: i32,
  b: usize,
  bK: i32,
  c: usize,
  cRow: i32,
  k: i32,
  add: bool,
): void {
  let a0 = a, a1 = a0 + aRow, a2 = a1 + aRow, a3 = a2 + aRow;
  const c0 = c, c1 = c0 + cRow, c2 = c1 + cRow, c3 = c2 + cRow;
  let l0 = f32x4.splat(0), l1 = l0, l2 = l0, l3 = l0, r0 = l0, r1 = l0, r2 = l0, r3 = l0;
  if (add) {
    l0 = v128.load(c0);
    r0 = v128.load(c0, 16);
    l1 = v128.load(c1);
    r1 = v128.load(c1, 16);
    l2 = v128.load(c2);
    r2 = v128.load(c2, 16);
    l3 = v128.load(c3);
    r3 = v128.load(c3, 16);
  }
  for (let i = 0; i < k; i++) {
    const bl = v128.load(b), br = v128.load(b, 16);
    const x0 = v128.load32_splat(a0);
    l0 = f32x4.relaxed_madd(x0, bl, l0);
    r0 = f32x4.relaxed_madd(x0, br, r0);
    const x1 = v128.load32_splat(a1);
    l1 = f32x4.relaxed_madd(x1, bl, l1);
    r1 = f32x4.relaxed_madd(x1, br, r1);
    const x2 = v128.load32_splat(a2);
    l2 = f32x4.relaxed_madd(x2, bl, l2);
    r2 = f32x4.relaxed_madd(x2, br, r2);
    const x3 = v128.load32_splat(a3);
    l3 = f32x4.relaxed_madd(x3, bl, l3);
    r3 = f32x4.relaxed_madd(x3, br, r3);
    b += bK;
    a0 += aK;
    a1 += aK;
    a2 += aK;
    a3 += aK;
  }
  v128.store(c0, l0);
  v128.store(c0, r0, 16);
  v128.store(c1, l1);
  v128.store(c1, r1, 16);
  v128.store(c2, l2);
  v128.store(c2, r2, 16);
  v128.store(c3, l3);
  v128.store(c3, r3, 16);
}

function tile1x8(a: usize, aK: i32, b: usize, bK: i32, c: usize, k: i32, add: bool): void {
  let l = f32x4.splat(0), r = l;
  if (add) {
    l = v128.load(c);
    r = v128.load(c, 16);
  }
  for (let i = 0; i < k; i++) {
    const x = v128.load32_splat(a);
    l = f32x4.relaxed_madd(x, v128.load(b), l);
    r = f32x4.relaxed_madd(x, v128.load(b, 16), r);
    a += aK;
    b += bK;
  }
  v128.store(c, l);
  v128.store(c, r, 16);
}

/** Packs 8 columns of B (k × n) as a panel [k][8], zeros beyond the last column. Unit: a panel. */
export function packPanel(
  unit: i32,
  _scratch: usize,
  b: usize,
  bK: i32,
  bN: i32,
  k: i32,
  n: i32,
  packed: usize,
): void {
  const first = unit * PANEL;
  const columns = min(PANEL, n - first);
  b += first * bN;
  let to = packed + unit * k * 32;
  for (let i = 0; i < k; i++) {
    if (columns == 8 && bN == 4) {
      v128.store(to, v128.load(b));
      v128.store(to, v128.load(b, 16), 16);
    } else {
      for (let j = 0; j < 8; j++) {
        store<f32>(to + j * 4, j < columns ? load<f32>(b + j * bN) : 0);
      }
    }
    b += bK;
    to += 32;
  }
}

/** Bytes of scratch space of `multiplyRows`: a panel of a block of rows. */
export function multiplyRowsScratch(): i32 {
  return ROW_BLOCK * PANEL * 4;
}

/** C rows of a block of A rows with packed B: the whole inner dimension, n columns. */
export function multiplyRows(
  a: usize,
  aRow: i32,
  aK: i32,
  packed: usize,
  c: usize,
  m: i32,
  n: i32,
  k: i32,
  scratch: usize,
): void {
  const panels = n >> 3;
  const rest = n & 7;
  for (let from = 0; from < k; from += K_BLOCK) {
    const part = min(K_BLOCK, k - from);
    const at = a + from * aK;
    const b = packed + from * 32;
    multiply(at, aRow, aK, b, 32, k * 32, c, n * 4, m, panels, part, from > 0);
    if (rest) {
      multiply(at, aRow, aK, b + panels * k * 32, 32, 0, scratch, 32, m, 1, part, from > 0);
    }
  }
  if (rest) {
    c += panels * 32;
    for (let i = 0; i < m; i++) {
      copyFloats(c + i * n * 4, scratch + i * 32, rest);
    }
  }
}

export function matmulScratch(): i32 {
  return multiplyRowsScratch();
}

/** A product with packed B. Unit: ROW_BLOCK rows of one matrix of the batch. */
export function matmul(
  unit: i32,
  scratch: usize,
  a: usize,
  aBatch: i32,
  aRow: i32,
  aK: i32,
  packed: usize,
  packedBatch: i32,
  c: usize,
  m: i32,
  n: i32,
  k: i32,
): void {
  const blocks = (m + ROW_BLOCK - 1) / ROW_BLOCK;
  const batch = unit / blocks;
  const row = (unit % blocks) * ROW_BLOCK;
  multiplyRows(
    a + batch * aBatch + row * aRow,
    aRow,
    aK,
    packed + batch * packedBatch,
    c + (batch * m + row) * n * 4,
    min(ROW_BLOCK, m - row),
    n,
    k,
    scratch,
  );
}

/** Part of a product's inner dimension, as [part][m][n]. n is a multiple of 8. Unit: a part. */
export function matmulPart(
  unit: i32,
  _scratch: usize,
  a: usize,
  aRow: i32,
  aK: i32,
  packed: usize,
  partial: usize,
  m: i32,
  n: i32,
  k: i32,
  part: i32,
): void {
  const out = partial + unit * m * n * 4;
  const end = min(k, (unit + 1) * part);
  for (let from = unit * part; from < end; from += K_BLOCK) {
    const count = min(K_BLOCK, end - from);
    const add = from > unit * part;
    multiply(
      a + from * aK,
      aRow,
      aK,
      packed + from * 32,
      32,
      k * 32,
      out,
      n * 4,
      m,
      n >> 3,
      count,
      add,
    );
  }
}

/** out[i] = Σ_chunk partial[chunk][i], in the order of the chunks. Unit: SUM_CHUNK values. */
export function sumChunks(
  unit: i32,
  _scratch: usize,
  partial: usize,
  chunks: i32,
  length: i32,
  columns: i32,
  stride: i32,
  out: usize,
): void {
  const end = min(length, (unit + 1) * SUM_CHUNK);
  for (let i = unit * SUM_CHUNK; i < end; i++) {
    let sum: f32 = 0;
    let at = partial + ((i / columns) * stride + (i % columns)) * 4;
    for (let chunk = 0; chunk < chunks; chunk++) {
      sum += load<f32>(at);
      at += (length / columns) * stride * 4;
    }
    store<f32>(out + i * 4, sum);
  }
}

/** Copies n floats. */
export function copyFloats(to: usize, from: usize, n: i32): void {
  let i = 0;
  for (; i + 4 <= n; i += 4, to += 16, from += 16) v128.store(to, v128.load(from));
  for (; i < n; i++, to += 4, from += 4) store<f32>(to, load<f32>(from));
}

/** Writes n zeros. */
export function zeroFloats(to: usize, n: i32): void {
  let i = 0;
  for (; i + 4 <= n; i += 4, to += 16) v128.store(to, i32x4.splat(0));
  for (; i < n; i++, to += 4) store<f32>(to, 0);
}

/** to[i] += from[i] for n floats. */
export function addFloats(to: usize, from: usize, n: i32): void {
  let i = 0;
  for (; i + 4 <= n; i += 4, to += 16, from += 16) {
    v128.store(to, f32x4.add(v128.load(to), v128.load(from)));
  }
  for (; i < n; i++, to += 4, from += 4) store<f32>(to, load<f32>(to) + load<f32>(from));
}
