// @ts-nocheck AssemblyScript, compiled by ../build.ts
/** Batch normalisation with its ReLU. x is [rows][channels]; statistics are per channel. */

/** Rows whose sums are taken together; fixed, so that no result depends on the threads. */
const CHUNK: i32 = 1024;

/** Mean and sum of squared deviations of a chunk, as [chunk][2][channels]. Unit: CHUNK rows. */
export function batchStatistics(
  unit: i32,
  _scratch: usize,
  x: usize,
  rows: i32,
  channels: i32,
  partial: usize,
): void {
  const first = unit * CHUNK;
  const count = min(CHUNK, rows - first);
  x += first * channels * 4;
  const mean = partial + unit * 2 * channels * 4;
  const squares = mean + channels * 4;
  const row = channels * 4;
  const whole = channels & ~3;
  for (let c = 0; c < whole; c += 4) {
    let at = x + c * 4;
    let sum = f32x4.splat(0);
    for (let i = 0; i < count; i++, at += row) sum = f32x4.add(sum, v128.load(at));
    const centre = f32x4.div(sum, f32x4.splat(<f32> count));
    at = x + c * 4;
    let spread = f32x4.splat(0);
    for (let i = 0; i < count; i++, at += row) {
      const d = f32x4.sub(v128.load(at), centre);
      spread = f32x4.relaxed_madd(d, d, spread);
    }
    v128.store(mean + c * 4, centre);
    v128.store(squares + c * 4, spread);
  }
  for (let c = whole; c < channels; c++) {
    let at = x + c * 4;
    let sum: f32 = 0;
    for (let i = 0; i < count; i++, at += row) sum += load<f32>(at);
    const centre = sum / <f32> count;
    at = x + c * 4;
    let spread: f32 = 0;
    for (let i = 0; i < count; i++, at += row) {
      const d = load<f32>(at) - centre;
      spread += d * d;
    }
    store<f32>(mean + c * 4, centre);
    store<f32>(squares + c * 4, spread);
  }
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
    for (let first = 0; first < rows; first += CHUNK, at += 2 * channels * 4) {
      const count = <f64> min(CHUNK, rows - first);
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

/** y = scale·x + shift, at least `floor` (0: ReLU, −∞: none). Unit: CHUNK rows. */
export function scaleShift(
  unit: i32,
  _scratch: usize,
  x: usize,
  rows: i32,
  channels: i32,
  scale: usize,
  shift: usize,
  floor: f32,
  y: usize,
): void {
  const first = unit * CHUNK;
  const count = min(CHUNK, rows - first);
  const least = f32x4.splat(floor);
  let from = x + first * channels * 4;
  let to = y + first * channels * 4;
  for (let i = 0; i < count; i++) {
    let c = 0;
    for (; c + 4 <= channels; c += 4, from += 16, to += 16) {
      const value = f32x4.relaxed_madd(
        v128.load(from),
        v128.load(scale + c * 4),
        v128.load(shift + c * 4),
      );
      v128.store(to, f32x4.max(value, least));
    }
    for (; c < channels; c++, from += 4, to += 4) {
      const value = load<f32>(from) * load<f32>(scale + c * 4) + load<f32>(shift + c * 4);
      store<f32>(to, max(value, floor));
    }
  }
}

/**
 * A chunk's sums of dy and dy·(x − μ) as [chunk][2][channels], dy counted only where the ReLU was open
 * (scale·x + shift > floor). Unit: CHUNK rows.
 */
export function batchGradientSums(
  unit: i32,
  _scratch: usize,
  dy: usize,
  x: usize,
  rows: i32,
  channels: i32,
  mean: usize,
  scale: usize,
  shift: usize,
  floor: f32,
  partial: usize,
): void {
  const first = unit * CHUNK;
  const count = min(CHUNK, rows - first);
  const row = channels * 4;
  const sums = partial + unit * 2 * row;
  const products = sums + row;
  const whole = channels & ~3;
  const least = f32x4.splat(floor);
  for (let c = 0; c < whole; c += 4) {
    let atX = x + first * row + c * 4;
    let atDy = dy + first * row + c * 4;
    const slope = v128.load(scale + c * 4), offset = v128.load(shift + c * 4);
    const centre = v128.load(mean + c * 4);
    let sum = f32x4.splat(0), product = f32x4.splat(0);
    for (let i = 0; i < count; i++, atX += row, atDy += row) {
      const value = v128.load(atX);
      const open = f32x4.gt(f32x4.relaxed_madd(value, slope, offset), least);
      const incoming = v128.and(v128.load(atDy), open);
      sum = f32x4.add(sum, incoming);
      product = f32x4.relaxed_madd(incoming, f32x4.sub(value, centre), product);
    }
    v128.store(sums + c * 4, sum);
    v128.store(products + c * 4, product);
  }
  for (let c = whole; c < channels; c++) {
    let atX = x + first * row + c * 4;
    let atDy = dy + first * row + c * 4;
    const slope = load<f32>(scale + c * 4), offset = load<f32>(shift + c * 4);
    const centre = load<f32>(mean + c * 4);
    let sum: f32 = 0, product: f32 = 0;
    for (let i = 0; i < count; i++, atX += row, atDy += row) {
      const value = load<f32>(atX);
      const incoming = value * slope + offset > floor ? load<f32>(atDy) : 0;
      sum += incoming;
      product += incoming * (value - centre);
    }
    store<f32>(sums + c * 4, sum);
    store<f32>(products + c * 4, product);
  }
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
    for (let first = 0; first < rows; first += CHUNK, at += 2 * channels * 4) {
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

/** dx = scale·dy (where the ReLU was open) + slope·x + offset. Unit: CHUNK rows. */
export function batchGradient(
  unit: i32,
  _scratch: usize,
  dy: usize,
  x: usize,
  rows: i32,
  channels: i32,
  scale: usize,
  shift: usize,
  floor: f32,
  slope: usize,
  offset: usize,
  dx: usize,
): void {
  const first = unit * CHUNK;
  const count = min(CHUNK, rows - first);
  const least = f32x4.splat(floor);
  let at = first * channels * 4;
  for (let i = 0; i < count; i++) {
    let c = 0;
    for (; c + 4 <= channels; c += 4, at += 16) {
      const value = v128.load(x + at), factor = v128.load(scale + c * 4);
      const open = f32x4.gt(
        f32x4.relaxed_madd(value, factor, v128.load(shift + c * 4)),
        least,
      );
      const through = f32x4.relaxed_madd(
        value,
        v128.load(slope + c * 4),
        v128.load(offset + c * 4),
      );
      const incoming = v128.and(v128.load(dy + at), open);
      v128.store(dx + at, f32x4.relaxed_madd(incoming, factor, through));
    }
    for (; c < channels; c++, at += 4) {
      const value = load<f32>(x + at), factor = load<f32>(scale + c * 4);
      const open = value * factor + load<f32>(shift + c * 4) > floor;
      const through = value * load<f32>(slope + c * 4) + load<f32>(offset + c * 4);
      store<f32>(dx + at, (open ? load<f32>(dy + at) * factor : 0) + through);
    }
  }
}
