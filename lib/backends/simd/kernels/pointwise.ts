// @ts-nocheck AssemblyScript, compiled by ../build.ts
/** Elementwise functions, reductions, Adam. */

/** Values of one unit of work where rows have no meaning. */
export const CHUNK: i32 = 16384;
/** Rows of one unit of a softmax. */
export const SOFTMAX_ROWS: i32 = 16;

/** Functions of two values, by tfjs's names. */
export enum Binary {
  Add, Sub, Multiply, RealDiv, Maximum, Minimum, SquaredDifference,
}

/** Functions of one value, by tfjs's names. */
export enum Unary {
  Relu, Square, Sqrt, Rsqrt, Exp, Neg, Abs, Reciprocal, Sigmoid, Log,
}

/** What values are reduced to. */
export enum Reduction {
  Sum, Max, Min,
}

/**
 * out = a ∘ b over [rows][inner], n values in all; a step of 0 repeats a row or a value.
 * Unit: `unitRows` rows.
 */
export function binary(
  unit: i32,
  _scratch: usize,
  op: Binary,
  a: usize,
  aRow: i32,
  aStep: i32,
  b: usize,
  bRow: i32,
  bStep: i32,
  out: usize,
  inner: i32,
  n: i32,
  unitRows: i32,
): void {
  const end = min(<i64> n, <i64> (unit + 1) * unitRows * inner);
  a += unit * unitRows * aRow;
  b += unit * unitRows * bRow;
  for (let i = <i64> unit * unitRows * inner; i < end; i += inner, a += aRow, b += bRow) {
    binaryLine(op, a, aStep, b, bStep, out + <i32> i * 4, min(inner, <i32> (end - i)));
  }
}

function binaryLine(
  op: Binary,
  a: usize,
  aStep: i32,
  b: usize,
  bStep: i32,
  out: usize,
  n: i32,
): void {
  const whole = n & ~3;
  const aFour = v128.load32_splat(a), bFour = v128.load32_splat(b);
  for (let i = 0; i < whole; i += 4) {
    const x = aStep ? v128.load(a + i * 4) : aFour;
    const y = bStep ? v128.load(b + i * 4) : bFour;
    v128.store(out + i * 4, binaryVector(op, x, y));
  }
  for (let i = whole; i < n; i++) {
    const x = v128.load32_zero(a + i * aStep), y = v128.load32_zero(b + i * bStep);
    store<f32>(out + i * 4, f32x4.extract_lane(binaryVector(op, x, y), 0));
  }
}

function binaryVector(op: Binary, x: v128, y: v128): v128 {
  switch (op) {
    case Binary.Add:
      return f32x4.add(x, y);
    case Binary.Sub:
      return f32x4.sub(x, y);
    case Binary.Multiply:
      return f32x4.mul(x, y);
    case Binary.RealDiv:
      return f32x4.div(x, y);
    case Binary.Maximum:
      return f32x4.max(x, y);
    case Binary.Minimum:
      return f32x4.min(x, y);
    default: { // SquaredDifference
      const d = f32x4.sub(x, y);
      return f32x4.mul(d, d);
    }
  }
}

/** out = f(x), n values. Unit: CHUNK values. */
export function unary(
  unit: i32,
  _scratch: usize,
  op: Unary,
  x: usize,
  out: usize,
  n: i32,
): void {
  const first = unit * CHUNK;
  const end = min(n, first + CHUNK);
  let i = first;
  for (; i + 4 <= end; i += 4) v128.store(out + i * 4, unaryVector(op, v128.load(x + i * 4)));
  for (; i < end; i++) {
    const value = unaryVector(op, v128.load32_zero(x + i * 4));
    store<f32>(out + i * 4, f32x4.extract_lane(value, 0));
  }
}

function unaryVector(op: Unary, x: v128): v128 {
  switch (op) {
    case Unary.Relu:
      return f32x4.max(x, f32x4.splat(0));
    case Unary.Square:
      return f32x4.mul(x, x);
    case Unary.Sqrt:
      return f32x4.sqrt(x);
    case Unary.Rsqrt:
      return f32x4.div(f32x4.splat(1), f32x4.sqrt(x));
    case Unary.Exp:
      return exp4(x);
    case Unary.Neg:
      return f32x4.neg(x);
    case Unary.Abs:
      return f32x4.abs(x);
    case Unary.Reciprocal:
      return f32x4.div(f32x4.splat(1), x);
    case Unary.Sigmoid:
      return f32x4.div(
        f32x4.splat(1),
        f32x4.add(f32x4.splat(1), exp4(f32x4.neg(x))),
      );
    default: // Log
      return log4(x);
  }
}

/** eˣ to 2 units in the last place: 2ⁿ·p(r), |r| ≤ ln 2 / 2, Cephes' polynomial. */
export function exp4(x: v128): v128 {
  const over = f32x4.gt(x, f32x4.splat(88.72284)), under = f32x4.lt(x, f32x4.splat(-87.33655));
  const n = f32x4.nearest(f32x4.mul(x, f32x4.splat(1.44269504088896341)));
  let r = f32x4.relaxed_nmadd(n, f32x4.splat(0.693359375), x);
  r = f32x4.relaxed_nmadd(n, f32x4.splat(-2.12194440e-4), r);
  let p = f32x4.relaxed_madd(f32x4.splat(1.9875691500e-4), r, f32x4.splat(1.3981999507e-3));
  p = f32x4.relaxed_madd(p, r, f32x4.splat(8.3334519073e-3));
  p = f32x4.relaxed_madd(p, r, f32x4.splat(4.1665795894e-2));
  p = f32x4.relaxed_madd(p, r, f32x4.splat(1.6666665459e-1));
  p = f32x4.relaxed_madd(p, r, f32x4.splat(5.0000001201e-1));
  p = f32x4.relaxed_madd(p, f32x4.mul(r, r), f32x4.add(r, f32x4.splat(1)));
  const whole = i32x4.trunc_sat_f32x4_s(n);
  // In two halves: 2¹²⁸ itself is no float.
  const half = i32x4.shr_s(whole, 1);
  p = f32x4.mul(p, i32x4.shl(i32x4.add(half, i32x4.splat(127)), 23));
  p = f32x4.mul(p, i32x4.shl(i32x4.add(i32x4.sub(whole, half), i32x4.splat(127)), 23));
  p = v128.bitselect(f32x4.splat(Infinity), p, over);
  return v128.andnot(p, under);
}

/**
 * ln x to 2 units in the last place: x = m·2ᵉ, √½ ≤ m < √2, Cephes' polynomial in m − 1. Subnormal
 * numbers count as the smallest normal one.
 */
export function log4(x: v128): v128 {
  const normal = f32x4.max(x, f32x4.splat(1.17549435e-38));
  const high = f32x4.ge(
    v128.or(v128.and(normal, i32x4.splat(0x007fffff)), f32x4.splat(1)),
    f32x4.splat(1.41421356),
  );
  // Mantissas from √2 on are halved, which adds one to the exponent.
  const exponent = i32x4.sub(i32x4.sub(i32x4.shr_u(normal, 23), i32x4.splat(127)), high);
  const e = f32x4.convert_i32x4_s(exponent);
  const m = v128.or(
    v128.and(normal, i32x4.splat(0x007fffff)),
    v128.bitselect(f32x4.splat(0.5), f32x4.splat(1), high),
  );
  const r = f32x4.sub(m, f32x4.splat(1));
  let p = f32x4.relaxed_madd(f32x4.splat(7.0376836292e-2), r, f32x4.splat(-1.1514610310e-1));
  p = f32x4.relaxed_madd(p, r, f32x4.splat(1.1676998740e-1));
  p = f32x4.relaxed_madd(p, r, f32x4.splat(-1.2420140846e-1));
  p = f32x4.relaxed_madd(p, r, f32x4.splat(1.4249322787e-1));
  p = f32x4.relaxed_madd(p, r, f32x4.splat(-1.6668057665e-1));
  p = f32x4.relaxed_madd(p, r, f32x4.splat(2.0000714765e-1));
  p = f32x4.relaxed_madd(p, r, f32x4.splat(-2.4999993993e-1));
  p = f32x4.relaxed_madd(p, r, f32x4.splat(3.3333331174e-1));
  const square = f32x4.mul(r, r);
  p = f32x4.mul(f32x4.mul(p, r), square);
  p = f32x4.relaxed_madd(e, f32x4.splat(-2.12194440e-4), p);
  p = f32x4.relaxed_nmadd(f32x4.splat(0.5), square, p);
  let y = f32x4.relaxed_madd(e, f32x4.splat(0.693359375), f32x4.add(r, p));
  y = v128.bitselect(f32x4.splat(-Infinity), y, f32x4.eq(x, f32x4.splat(0)));
  y = v128.bitselect(x, y, f32x4.eq(x, f32x4.splat(Infinity)));
  return v128.bitselect(y, f32x4.splat(NaN), f32x4.ge(x, f32x4.splat(0)));
}

/** out = a·keep + b·share, n values. Unit: CHUNK values. */
export function mix(
  unit: i32,
  _scratch: usize,
  a: usize,
  b: usize,
  out: usize,
  n: i32,
  keep: f32,
  share: f32,
): void {
  const first = unit * CHUNK;
  const end = min(n, first + CHUNK);
  const k = f32x4.splat(keep), s = f32x4.splat(share);
  for (let i = first; i < end; i += 4) {
    const at = i * 4;
    const left = end - i;
    const kept = f32x4.mul(loadUpTo(a + at, left), k);
    storeUpTo(out + at, f32x4.add(kept, f32x4.mul(loadUpTo(b + at, left), s)), left);
  }
}

/**
 * Reduces the middle axis of x [outer][axis][inner], `part` values of it at a time, to
 * [outer][parts][inner]. Unit: a part of one outer row.
 */
export function reduce(
  unit: i32,
  _scratch: usize,
  op: Reduction,
  x: usize,
  axis: i32,
  inner: i32,
  part: i32,
  out: usize,
): void {
  const parts = (axis + part - 1) / part;
  const first = (unit % parts) * part;
  const count = min(part, axis - first);
  x += ((unit / parts) * axis + first) * inner * 4;
  out += unit * inner * 4;
  const row = inner * 4;
  if (inner == 1) {
    store<f32>(out, reduceLine(op, x, count));
  } else if (inner < 4) {
    for (let c = 0; c < row; c += 4) reduceColumn(op, x + c, row, count, out + c);
  } else if (inner < 8) {
    // The last columns may overlap the ones before: they give the same values again.
    for (let c = 0; c < inner; c += 4) {
      const column = min(c, inner - 4) * 4;
      reduceColumns4(op, x + column, row, count, out + column);
    }
  } else {
    for (let c = 0; c < inner; c += 8) {
      const column = min(c, inner - 8) * 4;
      reduceColumns8(op, x + column, row, count, out + column);
    }
  }
}

/** Reduces a column of values that lie `row` bytes apart. */
function reduceColumn(op: Reduction, x: usize, row: i32, count: i32, out: usize): void {
  let total = v128.load32_zero(x);
  for (let i = 1; i < count; i++) total = combine(op, total, v128.load32_zero(x += row));
  store<f32>(out, f32x4.extract_lane(total, 0));
}

function reduceColumns4(op: Reduction, x: usize, row: i32, count: i32, out: usize): void {
  let total = v128.load(x);
  for (let i = 1; i < count; i++) total = combine(op, total, v128.load(x += row));
  v128.store(out, total);
}

function reduceColumns8(op: Reduction, x: usize, row: i32, count: i32, out: usize): void {
  let left = v128.load(x), right = v128.load(x, 16);
  if (op == Reduction.Sum) {
    for (let i = 1; i < count; i++) {
      x += row;
      left = f32x4.add(left, v128.load(x));
      right = f32x4.add(right, v128.load(x, 16));
    }
  } else {
    for (let i = 1; i < count; i++) {
      x += row;
      left = combine(op, left, v128.load(x));
      right = combine(op, right, v128.load(x, 16));
    }
  }
  v128.store(out, left);
  v128.store(out, right, 16);
}

function reduceLine(op: Reduction, x: usize, n: i32): f32 {
  let i = 0;
  let total = v128.load32_zero(x);
  if (n >= 4) {
    total = v128.load(x);
    for (i = 4; i + 4 <= n; i += 4) total = combine(op, total, v128.load(x + i * 4));
    total = combine(op, total, v128.shuffle<i32>(total, total, 2, 3, 0, 1));
    total = combine(op, total, v128.shuffle<i32>(total, total, 1, 0, 3, 2));
  } else {
    i = 1;
  }
  for (; i < n; i++) total = combine(op, total, v128.load32_zero(x + i * 4));
  return f32x4.extract_lane(total, 0);
}

function combine(op: Reduction, x: v128, y: v128): v128 {
  if (op == Reduction.Sum) return f32x4.add(x, y);
  return op == Reduction.Max ? f32x4.max(x, y) : f32x4.min(x, y);
}

/** Softmax of each row of x. Unit: SOFTMAX_ROWS rows. */
export function softmax(
  unit: i32,
  _scratch: usize,
  x: usize,
  out: usize,
  rows: i32,
  n: i32,
): void {
  const end = min(rows, (unit + 1) * SOFTMAX_ROWS);
  for (let row = unit * SOFTMAX_ROWS; row < end; row++) {
    const from = x + row * n * 4, to = out + row * n * 4;
    const most = f32x4.splat(reduceLine(Reduction.Max, from, n));
    let i = 0;
    for (; i + 4 <= n; i += 4) {
      v128.store(to + i * 4, exp4(f32x4.sub(v128.load(from + i * 4), most)));
    }
    for (; i < n; i++) {
      const value = exp4(f32x4.sub(v128.load32_zero(from + i * 4), most));
      store<f32>(to + i * 4, f32x4.extract_lane(value, 0));
    }
    const scale: f32 = 1 / reduceLine(Reduction.Sum, to, n);
    for (i = 0; i + 4 <= n; i += 4) {
      v128.store(to + i * 4, f32x4.mul(v128.load(to + i * 4), f32x4.splat(scale)));
    }
    for (; i < n; i++) store<f32>(to + i * 4, load<f32>(to + i * 4) * scale);
  }
}

/** One step of Adam with decoupled decay on n weights. Unit: CHUNK values. */
export function adam(
  unit: i32,
  _scratch: usize,
  w: usize,
  gradient: usize,
  m: usize,
  v: usize,
  newW: usize,
  newM: usize,
  newV: usize,
  n: i32,
  keep: f32,
  rate: f32,
  beta1: f32,
  beta2: f32,
  epsilon: f32,
  inverse2: f32,
): void {
  const first = unit * CHUNK;
  const end = min(n, first + CHUNK);
  const b1 = f32x4.splat(beta1), b2 = f32x4.splat(beta2);
  const c1 = f32x4.splat(1 - beta1), c2 = f32x4.splat(1 - beta2);
  const i2 = f32x4.splat(inverse2), e = f32x4.splat(epsilon);
  const k = f32x4.splat(keep), step = f32x4.splat(rate);
  for (let i = first; i < end; i += 4) {
    const at = i * 4;
    const last = end - i;
    const g = loadUpTo(gradient + at, last);
    const m1 = f32x4.relaxed_madd(loadUpTo(m + at, last), b1, f32x4.mul(g, c1));
    const v1 = f32x4.relaxed_madd(loadUpTo(v + at, last), b2, f32x4.mul(f32x4.mul(g, g), c2));
    const root = f32x4.add(f32x4.sqrt(f32x4.mul(v1, i2)), e);
    const move = f32x4.mul(f32x4.div(m1, root), step);
    storeUpTo(newM + at, m1, last);
    storeUpTo(newV + at, v1, last);
    storeUpTo(newW + at, f32x4.sub(f32x4.mul(loadUpTo(w + at, last), k), move), last);
  }
}

/** The next four values, or fewer at the end. */
function loadUpTo(from: usize, count: i32): v128 {
  if (count >= 4) return v128.load(from);
  let value = v128.load32_zero(from);
  if (count > 1) value = f32x4.replace_lane(value, 1, load<f32>(from, 4));
  if (count > 2) value = f32x4.replace_lane(value, 2, load<f32>(from, 8));
  return value;
}

function storeUpTo(to: usize, value: v128, count: i32): void {
  if (count >= 4) {
    v128.store(to, value);
    return;
  }
  store<f32>(to, f32x4.extract_lane(value, 0));
  if (count > 1) store<f32>(to, f32x4.extract_lane(value, 1), 4);
  if (count > 2) store<f32>(to, f32x4.extract_lane(value, 2), 8);
}
