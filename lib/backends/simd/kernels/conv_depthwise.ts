// @ts-nocheck AssemblyScript, compiled by ../build.ts
/**
 * Depthwise convolution of stride 1: each channel with its own filter. NHWC; filters [height, width,
 * channels]. Works on eight channels of a band of rows at a time, copied with their padding to
 * scratch space as [rows][columns][8], so that they lie together in cache.
 */
import { copyFloats, zeroFloats } from "./gemm";

/** Output rows of a band. */
export const BAND: i32 = 8;

/** A filter, a line of outputs, and the band's inputs, eight channels of each. */
export function depthwiseScratch(filterHeight: i32, filterWidth: i32, outWidth: i32): i32 {
  const input = (BAND + filterHeight - 1) * (outWidth + filterWidth - 1);
  return (filterHeight * filterWidth + outWidth + input) * 32;
}

/**
 * y = x ∗ filter, each channel for itself; `tapStep` bytes lie between the filter's taps, fewer than
 * 0 to turn it by 180°. Unit: eight channels of a band of one image's output rows.
 */
export function depthwise(
  unit: i32,
  scratch: usize,
  x: usize,
  filter: usize,
  tapStep: i32,
  y: usize,
  height: i32,
  width: i32,
  channels: i32,
  outHeight: i32,
  outWidth: i32,
  filterHeight: i32,
  filterWidth: i32,
  padTop: i32,
  padLeft: i32,
): void {
  const blocks = (channels + 7) >> 3, bands = (outHeight + BAND - 1) / BAND;
  const first = (unit % blocks) * 8, count = min(8, channels - first);
  const top = (unit / blocks % bands) * BAND, rows = min(BAND, outHeight - top);
  const image = unit / blocks / bands;
  const columns = outWidth + filterWidth - 1, taps = filterHeight * filterWidth;
  const packedFilter = scratch, line = packedFilter + taps * 32, input = line + outWidth * 32;
  packFilter(filter + first * 4, tapStep, taps, count, packedFilter);
  const from = x + (image * height * width * channels + first) * 4;
  const inRows = rows + filterHeight - 1;
  packBand(from, height, width, channels, top - padTop, -padLeft, inRows, columns, count, input);
  let out = y + ((image * outHeight + top) * outWidth * channels + first) * 4;
  for (let row = 0; row < rows; row++) {
    const above = input + row * columns * 32;
    linePixels(above, columns, packedFilter, filterHeight, filterWidth, outWidth, line);
    for (let ox = 0; ox < outWidth; ox++, out += channels * 4) {
      copyFloats(out, line + ox * 32, count);
    }
  }
}

/** Copies `count` channels of the filter as [tap][8]. */
function packFilter(filter: usize, tapStep: i32, taps: i32, count: i32, to: usize): void {
  for (let tap = 0; tap < taps; tap++, to += 32) {
    if (count < 8) zeroFloats(to, 8);
    copyFloats(to, filter + tap * tapStep, count);
  }
}

/** Convolves a line of outputs. */
@inline
function linePixels(
  input: usize, columns: i32, filter: usize, filterHeight: i32, filterWidth: i32, width: i32,
  line: usize,
): void {
  let ox = 0;
  for (; ox + 4 <= width; ox += 4) {
    fourPixels(input + ox * 32, columns, filter, filterHeight, filterWidth, line + ox * 32);
  }
  for (; ox < width; ox++) {
    onePixel(input + ox * 32, columns, filter, filterHeight, filterWidth, line + ox * 32);
  }
}

function fourPixels(
  input: usize, columns: i32, filter: usize, filterHeight: i32, filterWidth: i32, out: usize,
): void {
  let l0 = f32x4.splat(0), r0 = l0, l1 = l0, r1 = l0, l2 = l0, r2 = l0, l3 = l0, r3 = l0;
  for (let ky = 0; ky < filterHeight; ky++, input += columns * 32) {
    let at = input;
    for (let kx = 0; kx < filterWidth; kx++, at += 32, filter += 32) {
      const l = v128.load(filter), r = v128.load(filter, 16);
      l0 = f32x4.relaxed_madd(v128.load(at), l, l0);
      r0 = f32x4.relaxed_madd(v128.load(at, 16), r, r0);
      l1 = f32x4.relaxed_madd(v128.load(at, 32), l, l1);
      r1 = f32x4.relaxed_madd(v128.load(at, 48), r, r1);
      l2 = f32x4.relaxed_madd(v128.load(at, 64), l, l2);
      r2 = f32x4.relaxed_madd(v128.load(at, 80), r, r2);
      l3 = f32x4.relaxed_madd(v128.load(at, 96), l, l3);
      r3 = f32x4.relaxed_madd(v128.load(at, 112), r, r3);
    }
  }
  v128.store(out, l0);
  v128.store(out, r0, 16);
  v128.store(out, l1, 32);
  v128.store(out, r1, 48);
  v128.store(out, l2, 64);
  v128.store(out, r2, 80);
  v128.store(out, l3, 96);
  v128.store(out, r3, 112);
}

function onePixel(
  input: usize, columns: i32, filter: usize, filterHeight: i32, filterWidth: i32, out: usize,
): void {
  let l0 = f32x4.splat(0), r0 = l0;
  for (let ky = 0; ky < filterHeight; ky++, input += columns * 32) {
    let at = input;
    for (let kx = 0; kx < filterWidth; kx++, at += 32, filter += 32) {
      l0 = f32x4.relaxed_madd(v128.load(at), v128.load(filter), l0);
      r0 = f32x4.relaxed_madd(v128.load(at, 16), v128.load(filter, 16), r0);
    }
  }
  v128.store(out, l0);
  v128.store(out, r0, 16);
}

/** A filter, a band of outputs, and the inputs that it needs, eight channels of each. */
export function depthwiseFilterGradientScratch(
  filterHeight: i32, filterWidth: i32, outWidth: i32,
): i32 {
  return depthwiseScratch(filterHeight, filterWidth, outWidth) + (BAND - 1) * outWidth * 32;
}

/**
 * An image's share of the filter's gradient, as [image][tap][channels, padded to 8]. Unit: eight
 * channels of one image.
 */
export function depthwiseFilterGradient(
  unit: i32,
  scratch: usize,
  x: usize,
  dy: usize,
  partial: usize,
  height: i32,
  width: i32,
  channels: i32,
  outHeight: i32,
  outWidth: i32,
  filterHeight: i32,
  filterWidth: i32,
  padTop: i32,
  padLeft: i32,
): void {
  const blocks = (channels + 7) >> 3;
  const first = (unit % blocks) * 8, count = min(8, channels - first);
  const image = unit / blocks;
  const columns = outWidth + filterWidth - 1, taps = filterHeight * filterWidth;
  const sums = scratch, slopes = sums + taps * 32, input = slopes + BAND * outWidth * 32;
  const from = x + (image * height * width * channels + first) * 4;
  const slope = dy + (image * outHeight * outWidth * channels + first) * 4;
  zeroFloats(sums, taps * 8);
  for (let top = 0; top < outHeight; top += BAND) {
    const rows = min(BAND, outHeight - top), inRows = rows + filterHeight - 1;
    packBand(slope, outHeight, outWidth, channels, top, 0, rows, outWidth, count, slopes);
    packBand(from, height, width, channels, top - padTop, -padLeft, inRows, columns, count, input);
    for (let ky = 0; ky < filterHeight; ky++) {
      const above = input + ky * columns * 32, to = sums + ky * filterWidth * 32;
      lineTaps(above, columns, slopes, rows, outWidth, filterWidth, to);
    }
  }
  let out = partial + (image * taps * blocks + (unit % blocks)) * 32;
  for (let tap = 0; tap < taps; tap++, out += blocks * 32) copyFloats(out, sums + tap * 32, 8);
}

/** Adds a band's share to a line of the filter's taps. */
function lineTaps(
  input: usize, columns: i32, slopes: usize, rows: i32, width: i32, filterWidth: i32, sums: usize,
): void {
  let kx = 0;
  for (; kx + 4 <= filterWidth; kx += 4) {
    fourTaps(input + kx * 32, columns, slopes, rows, width, sums + kx * 32);
  }
  for (; kx < filterWidth; kx++) {
    oneTap(input + kx * 32, columns, slopes, rows, width, sums + kx * 32);
  }
}

function fourTaps(
  input: usize, columns: i32, slopes: usize, rows: i32, width: i32, sums: usize,
): void {
  let l0 = v128.load(sums), r0 = v128.load(sums, 16);
  let l1 = v128.load(sums, 32), r1 = v128.load(sums, 48);
  let l2 = v128.load(sums, 64), r2 = v128.load(sums, 80);
  let l3 = v128.load(sums, 96), r3 = v128.load(sums, 112);
  for (let row = 0; row < rows; row++, input += columns * 32) {
    let at = input;
    for (let ox = 0; ox < width; ox++, at += 32, slopes += 32) {
      const l = v128.load(slopes), r = v128.load(slopes, 16);
      l0 = f32x4.relaxed_madd(v128.load(at), l, l0);
      r0 = f32x4.relaxed_madd(v128.load(at, 16), r, r0);
      l1 = f32x4.relaxed_madd(v128.load(at, 32), l, l1);
      r1 = f32x4.relaxed_madd(v128.load(at, 48), r, r1);
      l2 = f32x4.relaxed_madd(v128.load(at, 64), l, l2);
      r2 = f32x4.relaxed_madd(v128.load(at, 80), r, r2);
      l3 = f32x4.relaxed_madd(v128.load(at, 96), l, l3);
      r3 = f32x4.relaxed_madd(v128.load(at, 112), r, r3);
    }
  }
  v128.store(sums, l0);
  v128.store(sums, r0, 16);
  v128.store(sums, l1, 32);
  v128.store(sums, r1, 48);
  v128.store(sums, l2, 64);
  v128.store(sums, r2, 80);
  v128.store(sums, l3, 96);
  v128.store(sums, r3, 112);
}

function oneTap(
  input: usize, columns: i32, slopes: usize, rows: i32, width: i32, sums: usize,
): void {
  let l0 = v128.load(sums), r0 = v128.load(sums, 16);
  for (let row = 0; row < rows; row++, input += columns * 32) {
    let at = input;
    for (let ox = 0; ox < width; ox++, at += 32, slopes += 32) {
      l0 = f32x4.relaxed_madd(v128.load(at), v128.load(slopes), l0);
      r0 = f32x4.relaxed_madd(v128.load(at, 16), v128.load(slopes, 16), r0);
    }
  }
  v128.store(sums, l0);
  v128.store(sums, r0, 16);
}

/**
 * Copies `count` channels of rows from `top` and columns from `left` on, which may lie outside, as
 * [rows][columns][8] with zeros where there is nothing.
 */
function packBand(
  image: usize, height: i32, width: i32, channels: i32, top: i32, left: i32,
  rows: i32, columns: i32, count: i32, to: usize,
): void {
  for (let row = top; row < top + rows; row++) {
    if (<u32> row >= <u32> height) {
      zeroFloats(to, columns * 8);
      to += columns * 32;
      continue;
    }
    for (let column = left; column < left + columns; column++, to += 32) {
      const inside = <u32> column < <u32> width;
      if (!inside || count < 8) zeroFloats(to, 8);
      if (inside) copyFloats(to, image + (row * width + column) * channels * 4, count);
    }
  }
}
