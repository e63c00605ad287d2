// @ts-nocheck AssemblyScript, compiled by ../build.ts
/** Group normalisation with its ReLU: each image by itself, made of the steps of batch norm. */
import {
  batchGradient,
  batchGradientSums,
  batchStatistics,
  joinStatistics,
  ROW_CHUNK,
  scaleShift,
} from "./normalise";

export function groupNormScratch(rows: i32, channels: i32): i32 {
  return channels * (2 + 2 * chunksOf(rows)) * 4;
}

/**
 * y, and the groups' mean and variance as [image][groups]. x is [image][rows][channels].
 * Unit: one image.
 */
export function groupNorm(
  unit: i32,
  scratch: usize,
  x: usize,
  rows: i32,
  channels: i32,
  groups: i32,
  gamma: usize,
  beta: usize,
  epsilon: f64,
  floor: f32,
  mean: usize,
  variance: usize,
  y: usize,
): void {
  const row = channels * 4;
  const scale = scratch, shift = scale + row, partial = shift + row;
  x += unit * rows * row;
  y += unit * rows * row;
  mean += unit * groups * 4;
  variance += unit * groups * 4;
  const chunks = chunksOf(rows);
  for (let chunk = 0; chunk < chunks; chunk++) batchStatistics(chunk, 0, x, rows, channels, partial);
  joinStatistics(0, 0, partial, rows, channels, scale, shift);
  joinChannels(scale, shift, channels, groups, mean, variance);
  normalisingLines(gamma, beta, mean, variance, channels, groups, epsilon, scale, shift);
  for (let chunk = 0; chunk < chunks; chunk++) {
    scaleShift(chunk, 0, x, rows, channels, scale, shift, floor, y);
  }
}

/** Joins the statistics of the channels to those of their groups. */
function joinChannels(
  channelMean: usize, channelVariance: usize, channels: i32, groups: i32,
  mean: usize, variance: usize,
): void {
  const size = channels / groups;
  for (let group = 0; group < groups; group++) {
    const at = group * size * 4;
    let m: f64 = 0, v: f64 = 0;
    for (let c = 0; c < size; c++) m += <f64> load<f32>(channelMean + at + c * 4);
    m /= <f64> size;
    for (let c = 0; c < size; c++) {
      const d = <f64> load<f32>(channelMean + at + c * 4) - m;
      v += <f64> load<f32>(channelVariance + at + c * 4) + d * d;
    }
    store<f32>(mean + group * 4, <f32> m);
    store<f32>(variance + group * 4, <f32> (v / <f64> size));
  }
}

export function groupNormGradientScratch(rows: i32, channels: i32): i32 {
  return channels * (5 + 2 * chunksOf(rows)) * 4;
}

/**
 * dx, and an image's share of dγ and dβ as [image][2][channels]. Unit: one image.
 */
export function groupNormGradient(
  unit: i32,
  scratch: usize,
  dy: usize,
  x: usize,
  rows: i32,
  channels: i32,
  groups: i32,
  gamma: usize,
  beta: usize,
  epsilon: f64,
  floor: f32,
  mean: usize,
  variance: usize,
  dx: usize,
  share: usize,
): void {
  const row = channels * 4;
  const scale = scratch, shift = scale + row, centre = shift + row;
  const slope = centre + row, offset = slope + row, partial = offset + row;
  dy += unit * rows * row;
  x += unit * rows * row;
  dx += unit * rows * row;
  share += unit * 2 * row;
  mean += unit * groups * 4;
  variance += unit * groups * 4;
  normalisingLines(gamma, beta, mean, variance, channels, groups, epsilon, scale, shift);
  groupMeans(mean, channels, groups, centre);
  const chunks = chunksOf(rows);
  for (let chunk = 0; chunk < chunks; chunk++) {
    batchGradientSums(chunk, 0, dy, x, rows, channels, centre, scale, shift, floor, partial);
  }
  joinGroupSums(
    partial, rows, channels, groups, epsilon, gamma, mean, variance, share, slope, offset,
  );
  for (let chunk = 0; chunk < chunks; chunk++) {
    batchGradient(chunk, 0, dy, x, rows, channels, scale, shift, floor, slope, offset, dx);
  }
}

/** The mean of each channel's group. */
function groupMeans(mean: usize, channels: i32, groups: i32, centre: usize): void {
  const size = channels / groups;
  for (let c = 0; c < channels; c++) {
    store<f32>(centre + c * 4, load<f32>(mean + (c / size) * 4));
  }
}

/**
 * Joins the chunks' sums to dγ and dβ, and to dx = (γ·dy − mean(γ·dy) − x̂·mean(γ·dy·x̂)) / σ as
 * scale·dy + slope·x + offset.
 */
function joinGroupSums(
  partial: usize, rows: i32, channels: i32, groups: i32, epsilon: f64, gamma: usize,
  mean: usize, variance: usize, share: usize, slope: usize, offset: usize,
): void {
  const size = channels / groups, chunks = chunksOf(rows);
  const count = <f64> rows * <f64> size;
  for (let group = 0; group < groups; group++) {
    const m = <f64> load<f32>(mean + group * 4);
    const inverse = 1 / sqrt(<f64> load<f32>(variance + group * 4) + epsilon);
    let sums: f64 = 0, products: f64 = 0;
    for (let c = group * size; c < (group + 1) * size; c++) {
      let sum: f64 = 0, product: f64 = 0;
      for (let chunk = 0; chunk < chunks; chunk++) {
        sum += <f64> load<f32>(partial + (2 * chunk * channels + c) * 4);
        product += <f64> load<f32>(partial + ((2 * chunk + 1) * channels + c) * 4);
      }
      store<f32>(share + c * 4, <f32> (product * inverse));
      store<f32>(share + (channels + c) * 4, <f32> sum);
      sums += <f64> load<f32>(gamma + c * 4) * sum;
      products += <f64> load<f32>(gamma + c * 4) * product * inverse;
    }
    const perX = -inverse * inverse * products / count;
    for (let c = group * size; c < (group + 1) * size; c++) {
      store<f32>(slope + c * 4, <f32> perX);
      store<f32>(offset + c * 4, <f32> (-inverse * sums / count - perX * m));
    }
  }
}

function chunksOf(rows: i32): i32 {
  return (rows + ROW_CHUNK - 1) / ROW_CHUNK;
}

/** The statistics of an image's groups as y = scale·x + shift, per channel. */
function normalisingLines(
  gamma: usize, beta: usize, mean: usize, variance: usize,
  channels: i32, groups: i32, epsilon: f64, scale: usize, shift: usize,
): void {
  const size = channels / groups;
  for (let c = 0; c < channels; c++) {
    const group = (c / size) * 4;
    const slope = <f64> load<f32>(gamma + c * 4) /
      sqrt(<f64> load<f32>(variance + group) + epsilon);
    store<f32>(scale + c * 4, <f32> slope);
    const offset = <f64> load<f32>(beta + c * 4) - <f64> load<f32>(mean + group) * slope;
    store<f32>(shift + c * 4, <f32> offset);
  }
}
