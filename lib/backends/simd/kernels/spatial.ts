// @ts-nocheck AssemblyScript, compiled by ../build.ts
/** Pooling, warping, and copies of rows. */
import { addFloats, copyFloats, zeroFloats } from "./gemm";
import { CHUNK } from "./pointwise";

/** Sampled pixels, or gathered rows, of one unit. */
export const GATHER_BLOCK: i32 = 64;

/** Copies rows of n values; steps in bytes. Unit: `unitRows` rows. */
export function copyRows(
  unit: i32,
  _scratch: usize,
  from: usize,
  fromRow: i32,
  to: usize,
  toRow: i32,
  n: i32,
  rows: i32,
  unitRows: i32,
): void {
  const end = min(rows, (unit + 1) * unitRows);
  for (let row = unit * unitRows; row < end; row++) {
    copyFloats(to + row * toRow, from + row * fromRow, n);
  }
}

/** Fills n values with one. Unit: CHUNK values. */
export function fill(unit: i32, _scratch: usize, out: usize, value: f32, n: i32): void {
  const end = min(n, (unit + 1) * CHUNK);
  let i = unit * CHUNK;
  const four = f32x4.splat(value);
  for (; i + 4 <= end; i += 4) v128.store(out + i * 4, four);
  for (; i < end; i++) store<f32>(out + i * 4, value);
}

/** Transposes the middle axes of x [batch][rows][columns][inner]. Unit: one row of the result. */
export function transpose(
  unit: i32,
  _scratch: usize,
  x: usize,
  out: usize,
  rows: i32,
  columns: i32,
  inner: i32,
): void {
  const batch = unit / columns;
  let from = x + (batch * rows * columns + unit % columns) * inner * 4;
  let to = out + unit * rows * inner * 4;
  for (let i = 0; i < rows; i++, from += columns * inner * 4, to += inner * 4) {
    copyFloats(to, from, inner);
  }
}

/** Max-pooling of volumes; slices have a depth of 1. Unit: one row of output pixels. */
export function maxPool(
  unit: i32,
  _scratch: usize,
  x: usize,
  y: usize,
  depth: i32,
  height: i32,
  width: i32,
  channels: i32,
  outDepth: i32,
  outHeight: i32,
  outWidth: i32,
  filterDepth: i32,
  filterHeight: i32,
  filterWidth: i32,
  strideDepth: i32,
  strideHeight: i32,
  strideWidth: i32,
  padFront: i32,
  padTop: i32,
  padLeft: i32,
): void {
  const plane = unit / outHeight;
  const volume = x + (plane / outDepth) * depth * height * width * channels * 4;
  const front = (plane % outDepth) * strideDepth - padFront;
  const top = (unit % outHeight) * strideHeight - padTop;
  let to = y + unit * outWidth * channels * 4;
  for (let ox = 0; ox < outWidth; ox++, to += channels * 4) {
    const left = ox * strideWidth - padLeft;
    let first = true;
    for (let iz = max(0, front); iz < min(depth, front + filterDepth); iz++) {
      for (let iy = max(0, top); iy < min(height, top + filterHeight); iy++) {
        for (let ix = max(0, left); ix < min(width, left + filterWidth); ix++) {
          const from = volume + ((iz * height + iy) * width + ix) * channels * 4;
          if (first) copyFloats(to, from, channels);
          else maxFloats(to, from, channels);
          first = false;
        }
      }
    }
  }
}

function maxFloats(to: usize, from: usize, n: i32): void {
  let i = 0;
  for (; i + 4 <= n; i += 4, to += 16, from += 16) {
    v128.store(to, f32x4.max(v128.load(to), v128.load(from)));
  }
  for (; i < n; i++, to += 4, from += 4) store<f32>(to, max(load<f32>(to), load<f32>(from)));
}

export function maxPoolGradientScratch(channels: i32): i32 {
  return channels * 4;
}

/**
 * Gradient of max-pooling whose windows do not overlap: dy goes to the first greatest value of its
 * window. Unit: one row of output pixels, with all the rows of dx that belong to it; behind the last
 * windows, all rows and planes that are left.
 */
export function maxPoolGradient(
  unit: i32,
  scratch: usize,
  dy: usize,
  x: usize,
  y: usize,
  dx: usize,
  depth: i32,
  height: i32,
  width: i32,
  channels: i32,
  outDepth: i32,
  outHeight: i32,
  outWidth: i32,
  filterDepth: i32,
  filterHeight: i32,
  filterWidth: i32,
  strideDepth: i32,
  strideHeight: i32,
  strideWidth: i32,
): void {
  const volume = (unit / outHeight / outDepth) * depth * height * width * channels * 4;
  const plane = unit / outHeight % outDepth;
  const front = plane * strideDepth;
  const back = plane == outDepth - 1 ? depth : front + strideDepth;
  const row = unit % outHeight;
  const top = row * strideHeight;
  const bottom = row == outHeight - 1 ? height : top + strideHeight;
  for (let z = front; z < back; z++) {
    const first = volume + (z * height + top) * width * channels * 4;
    zeroFloats(dx + first, (bottom - top) * width * channels);
  }
  for (let ox = 0; ox < outWidth; ox++) {
    const at = (unit * outWidth + ox) * channels * 4;
    copyFloats(scratch, dy + at, channels);
    for (let kz = 0; kz < filterDepth; kz++) {
      for (let ky = 0; ky < filterHeight; ky++) {
        const line = ((front + kz) * height + top + ky) * width + ox * strideWidth;
        for (let kx = 0; kx < filterWidth; kx++) {
          const pixel = volume + (line + kx) * channels * 4;
          takeWhereEqual(dx + pixel, x + pixel, y + at, scratch, channels);
        }
      }
    }
  }
}

/** Moves what is left of dy to dx where x = y. */
function takeWhereEqual(dx: usize, x: usize, y: usize, left: usize, n: i32): void {
  let i = 0;
  for (; i + 4 <= n; i += 4, dx += 16, x += 16, y += 16, left += 16) {
    const equal = f32x4.eq(v128.load(x), v128.load(y));
    const value = v128.load(left);
    v128.store(dx, v128.and(value, equal));
    v128.store(left, v128.andnot(value, equal));
  }
  for (; i < n; i++, dx += 4, x += 4, y += 4, left += 4) {
    if (load<f32>(x) == load<f32>(y)) {
      store<f32>(dx, load<f32>(left));
      store<f32>(left, 0);
    }
  }
}

/** Left and upper neighbour of a sampled point, and its distance from them. */
let left: i32 = 0;
let top: i32 = 0;
let fromLeft: f32 = 0;
let fromTop: f32 = 0;

function locate(grid: usize, height: i32, width: i32): void {
  const x = (load<f32>(grid) + 1) * <f32> 0.5 * <f32> (width - 1);
  const y = (load<f32>(grid, 4) + 1) * <f32> 0.5 * <f32> (height - 1);
  // Points far outside touch no pixel; the limits keep the conversion to integers exact.
  const fx = floor(min(max(x, <f32> -2), <f32> width + 1));
  const fy = floor(min(max(y, <f32> -2), <f32> height + 1));
  left = <i32> fx;
  top = <i32> fy;
  fromLeft = x - fx;
  fromTop = y - fy;
}

/** Bilinear samples of x at the points of grid, zero outside. Unit: GATHER_BLOCK output pixels. */
export function gridSample(
  unit: i32,
  _scratch: usize,
  x: usize,
  grid: usize,
  y: usize,
  height: i32,
  width: i32,
  channels: i32,
  perImage: i32,
  pixels: i32,
): void {
  const end = min(pixels, (unit + 1) * GATHER_BLOCK);
  for (let pixel = unit * GATHER_BLOCK; pixel < end; pixel++) {
    const to = y + pixel * channels * 4;
    const image = x + (pixel / perImage) * height * width * channels * 4;
    zeroFloats(to, channels);
    locate(grid + pixel * 8, height, width);
    for (let corner = 0; corner < 4; corner++) {
      const ix = left + (corner & 1), iy = top + (corner >> 1);
      if (<u32> ix >= <u32> width || <u32> iy >= <u32> height) continue;
      const weight = (corner & 1 ? fromLeft : 1 - fromLeft) * (corner >> 1 ? fromTop : 1 - fromTop);
      addScaled(to, image + (iy * width + ix) * channels * 4, weight, channels);
    }
  }
}

/** Gradient of `gridSample`: each point gives its share back. Unit: one image. */
export function gridSampleGradient(
  unit: i32,
  _scratch: usize,
  dy: usize,
  grid: usize,
  dx: usize,
  height: i32,
  width: i32,
  channels: i32,
  perImage: i32,
): void {
  const image = dx + unit * height * width * channels * 4;
  zeroFloats(image, height * width * channels);
  for (let i = 0; i < perImage; i++) {
    const pixel = unit * perImage + i;
    locate(grid + pixel * 8, height, width);
    for (let corner = 0; corner < 4; corner++) {
      const ix = left + (corner & 1), iy = top + (corner >> 1);
      if (<u32> ix >= <u32> width || <u32> iy >= <u32> height) continue;
      const weight = (corner & 1 ? fromLeft : 1 - fromLeft) * (corner >> 1 ? fromTop : 1 - fromTop);
      addScaled(
        image + (iy * width + ix) * channels * 4,
        dy + pixel * channels * 4,
        weight,
        channels,
      );
    }
  }
}

function addScaled(to: usize, from: usize, scale: f32, n: i32): void {
  const four = f32x4.splat(scale);
  let i = 0;
  for (; i + 4 <= n; i += 4, to += 16, from += 16) {
    v128.store(to, f32x4.relaxed_madd(v128.load(from), four, v128.load(to)));
  }
  for (; i < n; i++, to += 4, from += 4) {
    store<f32>(to, load<f32>(to) + load<f32>(from) * scale);
  }
}

/** Rows of x by index. Unit: GATHER_BLOCK rows. */
export function gatherRows(
  unit: i32,
  _scratch: usize,
  x: usize,
  indices: usize,
  y: usize,
  n: i32,
  channels: i32,
): void {
  const end = min(n, (unit + 1) * GATHER_BLOCK);
  for (let i = unit * GATHER_BLOCK; i < end; i++) {
    copyFloats(y + i * channels * 4, x + load<i32>(indices + i * 4) * channels * 4, channels);
  }
}

/** Adds rows of dy to the rows of dx they came from. Unit: all, in order. */
export function scatterRows(
  _unit: i32,
  _scratch: usize,
  dy: usize,
  indices: usize,
  dx: usize,
  n: i32,
  channels: i32,
): void {
  for (let i = 0; i < n; i++) {
    addFloats(dx + load<i32>(indices + i * 4) * channels * 4, dy + i * channels * 4, channels);
  }
}
