// @ts-nocheck AssemblyScript, compiled by ../build.ts
/** Batch normalisation with its ReLU. x is [rows][channels]; statistics are per channel. */

/** Rows whose sums are taken together; fixed, so that no result depends on the threads. */
export const ROW_CHUNK: i32 = 1024;

/** Mean and sum of squared deviations of a chunk, as [chunk][2][channels]. Unit: ROW_CHUNK rows. */
export function batchStatistics(
  unit: i32, _scratch: usize,
  x: usize, rows: i32, channels: i32, partial: usize,
): void {
  const first = unit * ROW_CHUNK;
  const count = min(ROW_CHUNK, rows - first);
  const row = channels * 4;
  const from = x + first * row;
  const to = partial + unit * 2 * row;
  if (channels < 8) {
    for (let c = 0; c < row; c += 4) statisticsOf1(from + c, row, count, to + c);
    return;
  }
  // The last eight channels may overlap the ones before: they give the same values again.
  for (let c = 0; c < channels; c += 8) {
    const at = min(c, channels - 8) * 4;
    statisticsOf8(from + at, row, count, to + at);
  }
}

/** Sums of x − x₀ and its square, where x₀ is the first value: small numbers, one pass. */
function statisticsOf8(from: usize, row: i32, count: i32, to: usize): void {
  const l0 = v128.load(from), r0 = v128.load(from, 16);
  let lSum = f32x4.splat(0), rSum = lSum, lSquares = lSum, rSquares = lSum;
  for (let i = 0; i < count; i++, from += row) {
    const l = f32x4.sub(v128.load(from), l0), r = f32x4.sub(v128.load(from, 16), r0);
    lSum = f32x4.add(lSum, l);
    rSum = f32x4.add(rSum, r);
    lSquares = f32x4.relaxed_madd(l, l, lSquares);
    rSquares = f32x4.relaxed_madd(r, r, rSquares);
  }
  const inverse = f32x4.splat(1 / <f32> count);
  const lMean = f32x4.mul(lSum, inverse), rMean = f32x4.mul(rSum, inverse);
  v128.store(to, f32x4.add(l0, lMean));
  v128.store(to, f32x4.add(r0, rMean), 16);
  v128.store(to + row, f32x4.relaxed_nmadd(lSum, lMean, lSquares));
  v128.store(to + row, f32x4.relaxed_nmadd(rSum, rMean, rSquares), 16);
}

function statisticsOf1(from: usize, row: i32, count: i32, to: usize): void {
  const origin = load<f32>(from);
  let sum: f32 = 0, squares: f32 = 0;
  for (let i = 0; i < count; i++, from += row) {
    const value = load<f32>(from) - origin;
    sum += value;
    squares += value * value;
  }
  store<f32>(to, origin + sum / <f32> count);
  store<f32>(to + row, squares - sum * sum / <f32> count);
}

/** Joins the chunks' statistics (Chan et al. 1983) to mean and biased variance. Unit: all. */
export function joinStatistics(
  _unit: i32,
  _scratch: usize,
  partial: usize,
  rows: i32,
  channels: i32,
  mean: usize,
  variance: usize,
): void {
  for (let c = 0; c < channels; c++) {
    let n: f64 = 0, m: f64 = 0, s: f64 = 0;
    let at = partial + c * 4;
    for (let first = 0; first < rows; first += ROW_CHUNK, at += 2 * channels * 4) {
      const count = <f64> min(ROW_CHUNK, rows - first);
      const d = <f64> load<f32>(at) - m;
      s += <f64> load<f32>(at + channels * 4) + d * d * n * count / (n + count);
      m += d * count / (n + count);
      n += count;
    }
    store<f32>(mean + c * 4, <f32> m);
    store<f32>(variance + c * 4, <f32> (s / n));
  }
}

/** The statistics as y = scale·x + shift. Unit: all. */
export function normalisingLine(
  _unit: i32,
  _scratch: usize,
  gamma: usize,
  beta: usize,
  mean: usize,
  variance: usize,
  channels: i32,
  epsilon: f64,
  scale: usize,
  shift: usize,
): void {
  for (let i = 0; i < channels * 4; i += 4) {
    const slope = <f64> load<f32>(gamma + i) / sqrt(<f64> load<f32>(variance + i) + epsilon);
    store<f32>(scale + i, <f32> slope);
    store<f32>(shift + i, <f32> (<f64> load<f32>(beta + i) - <f64> load<f32>(mean + i) * slope));
  }
}

/** y = scale·x + shift, at least `floor` (0: ReLU, −∞: none). Unit: ROW_CHUNK rows. */
export function scaleShift(
  unit: i32, _scratch: usize,
  x: usize, rows: i32, channels: i32, scale: usize, shift: usize, floor: f32, y: usize,
): void {
  const first = unit * ROW_CHUNK;
  const count = min(ROW_CHUNK, rows - first);
  const least = f32x4.splat(floor);
  let from = x + first * channels * 4;
  let to = y + first * channels * 4;
  for (let i = 0; i < count; i++) {
    let c = 0;
    for (; c + 8 <= channels; c += 8, from += 32, to += 32) {
      const slope = scale + c * 4, offset = shift + c * 4;
      const l = f32x4.relaxed_madd(v128.load(from), v128.load(slope), v128.load(offset));
      const r = f32x4.relaxed_madd(
        v128.load(from, 16), v128.load(slope, 16), v128.load(offset, 16),
      );
      v128.store(to, f32x4.max(l, least));
      v128.store(to, f32x4.max(r, least), 16);
    }
    for (; c < channels; c++, from += 4, to += 4) {
      const value = load<f32>(from) * load<f32>(scale + c * 4) + load<f32>(shift + c * 4);
      store<f32>(to, max(value, floor));
    }
  }
}

/**
 * A chunk's sums of dy and dy·(x − μ) as [chunk][2][channels], dy counted only where the ReLU was
 * open (scale·x + shift > floor). Unit: ROW_CHUNK rows.
 */
export function batchGradientSums(
  unit: i32, _scratch: usize,
  dy: usize, x: usize, rows: i32, channels: i32,
  mean: usize, scale: usize, shift: usize, floor: f32, partial: usize,
): void {
  const first = unit * ROW_CHUNK;
  const count = min(ROW_CHUNK, rows - first);
  const row = channels * 4;
  dy += first * row;
  x += first * row;
  const to = partial + unit * 2 * row;
  if (channels < 8) {
    for (let c = 0; c < row; c += 4) {
      gradientSumsOf1(dy + c, x + c, row, count, mean + c, scale + c, shift + c, floor, to + c);
    }
    return;
  }
  for (let c = 0; c < channels; c += 8) {
    const at = min(c, channels - 8) * 4;
    gradientSumsOf8(
      dy + at, x + at, row, count, mean + at, scale + at, shift + at, floor, to + at,
    );
  }
}

function gradientSumsOf8(
  dy: usize, x: usize, row: i32, count: i32,
  mean: usize, scale: usize, shift: usize, floor: f32, to: usize,
): void {
  const least = f32x4.splat(floor);
  const lMean = v128.load(mean), rMean = v128.load(mean, 16);
  const lSlope = v128.load(scale), rSlope = v128.load(scale, 16);
  const lOffset = v128.load(shift), rOffset = v128.load(shift, 16);
  let lSum = f32x4.splat(0), rSum = lSum, lProduct = lSum, rProduct = lSum;
  for (let i = 0; i < count; i++, x += row, dy += row) {
    const l = v128.load(x), r = v128.load(x, 16);
    const lOpen = f32x4.gt(f32x4.relaxed_madd(l, lSlope, lOffset), least);
    const rOpen = f32x4.gt(f32x4.relaxed_madd(r, rSlope, rOffset), least);
    const lIn = v128.and(v128.load(dy), lOpen), rIn = v128.and(v128.load(dy, 16), rOpen);
    lSum = f32x4.add(lSum, lIn);
    rSum = f32x4.add(rSum, rIn);
    lProduct = f32x4.relaxed_madd(lIn, f32x4.sub(l, lMean), lProduct);
    rProduct = f32x4.relaxed_madd(rIn, f32x4.sub(r, rMean), rProduct);
  }
  v128.store(to, lSum);
  v128.store(to, rSum, 16);
  v128.store(to + row, lProduct);
  v128.store(to + row, rProduct, 16);
}

function gradientSumsOf1(
  dy: usize, x: usize, row: i32, count: i32,
  mean: usize, scale: usize, shift: usize, floor: f32, to: usize,
): void {
  let sum: f32 = 0, product: f32 = 0;
  for (let i = 0; i < count; i++, x += row, dy += row) {
    const value = load<f32>(x);
    if (value * load<f32>(scale) + load<f32>(shift) > floor) {
      sum += load<f32>(dy);
      product += load<f32>(dy) * (value - load<f32>(mean));
    }
  }
  store<f32>(to, sum);
  store<f32>(to + row, product);
}

/**
 * Joins the chunks' sums to dγ and dβ, and to dx = scale·dy + slope·x + offset. Unit: all.
 */
export function joinGradientSums(
  _unit: i32,
  _scratch: usize,
  partial: usize,
  rows: i32,
  channels: i32,
  epsilon: f64,
  gamma: usize,
  mean: usize,
  variance: usize,
  dGamma: usize,
  dBeta: usize,
  slope: usize,
  offset: usize,
): void {
  for (let c = 0; c < channels; c++) {
    let sum: f64 = 0, product: f64 = 0;
    let at = partial + c * 4;
    for (let first = 0; first < rows; first += ROW_CHUNK, at += 2 * channels * 4) {
      sum += <f64> load<f32>(at);
      product += <f64> load<f32>(at + channels * 4);
    }
    const m = <f64> load<f32>(mean + c * 4);
    const inverse = 1 / sqrt(<f64> load<f32>(variance + c * 4) + epsilon);
    const scale = <f64> load<f32>(gamma + c * 4) * inverse;
    const normalised = product * inverse;
    const perX = -scale * inverse * normalised / <f64> rows;
    store<f32>(dGamma + c * 4, <f32> normalised);
    store<f32>(dBeta + c * 4, <f32> sum);
    store<f32>(slope + c * 4, <f32> perX);
    store<f32>(offset + c * 4, <f32> (-scale * sum / <f64> rows - perX * m));
  }
}

/** dx = scale·dy (where the ReLU was open) + slope·x + offset. Unit: ROW_CHUNK rows. */
export function batchGradient(
  unit: i32, _scratch: usize,
  dy: usize, x: usize, rows: i32, channels: i32,
  scale: usize, shift: usize, floor: f32, slope: usize, offset: usize, dx: usize,
): void {
  const first = unit * ROW_CHUNK;
  const count = min(ROW_CHUNK, rows - first);
  const least = f32x4.splat(floor);
  const start = first * channels * 4;
  dy += start;
  x += start;
  dx += start;
  for (let i = 0; i < count; i++) {
    let c = 0;
    for (; c + 8 <= channels; c += 8, dy += 32, x += 32, dx += 32) {
      const at = c * 4;
      const l = v128.load(x), r = v128.load(x, 16);
      const lScale = v128.load(scale + at), rScale = v128.load(scale + at, 16);
      const lOpen = f32x4.gt(f32x4.relaxed_madd(l, lScale, v128.load(shift + at)), least);
      const rOpen = f32x4.gt(f32x4.relaxed_madd(r, rScale, v128.load(shift + at, 16)), least);
      const lBase = f32x4.relaxed_madd(l, v128.load(slope + at), v128.load(offset + at));
      const rBase = f32x4.relaxed_madd(r, v128.load(slope + at, 16), v128.load(offset + at, 16));
      const lIn = v128.and(v128.load(dy), lOpen), rIn = v128.and(v128.load(dy, 16), rOpen);
      v128.store(dx, f32x4.relaxed_madd(lIn, lScale, lBase));
      v128.store(dx, f32x4.relaxed_madd(rIn, rScale, rBase), 16);
    }
    for (; c < channels; c++, dy += 4, x += 4, dx += 4) {
      const at = c * 4;
      const value = load<f32>(x), factor = load<f32>(scale + at);
      const open = value * factor + load<f32>(shift + at) > floor;
      const base = value * load<f32>(slope + at) + load<f32>(offset + at);
      store<f32>(dx, (open ? load<f32>(dy) * factor : 0) + base);
    }
  }
}
