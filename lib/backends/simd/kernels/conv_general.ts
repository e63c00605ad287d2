// @ts-nocheck AssemblyScript, compiled by ../build.ts
/**
 * Convolution of any shape, for what conv_winograd.ts and conv_depthwise.ts do not take: a matrix
 * product over patches (im2col), a block of output pixels at a time so that the patches stay in cache.
 * NHWC; filters [height, width, in, out].
 */
import {
  addFloats,
  copyFloats,
  multiply,
  multiplyRows,
  multiplyRowsScratch,
  ROW_BLOCK,
  zeroFloats,
} from "./gemm";

/** Columns of a patch matrix row that belong to one output pixel, and where they lie in x. */
export class Geometry {
  height: i32;
  width: i32;
  channels: i32;
  outHeight: i32;
  outWidth: i32;
  filterHeight: i32;
  filterWidth: i32;
  strideHeight: i32;
  strideWidth: i32;
  dilationHeight: i32;
  dilationWidth: i32;
  padTop: i32;
  padLeft: i32;
}

export function convScratch(geometry: usize): i32 {
  return multiplyRowsScratch() + ROW_BLOCK * patchSize(changetype<Geometry>(geometry)) * 4;
}

/** y = x ∗ filter. Unit: ROW_BLOCK output pixels of the whole batch. */
export function conv(
  unit: i32,
  scratch: usize,
  geometry: usize,
  x: usize,
  packed: usize,
  y: usize,
  pixels: i32,
  outChannels: i32,
): void {
  const g = changetype<Geometry>(geometry);
  const k = patchSize(g);
  const first = unit * ROW_BLOCK;
  const count = min(ROW_BLOCK, pixels - first);
  const patches = scratch + multiplyRowsScratch();
  gatherPatches(g, x, first, count, patches);
  const out = y + first * outChannels * 4;
  multiplyRows(patches, k * 4, 4, packed, out, count, outChannels, k, scratch);
}

export function convInputGradientScratch(geometry: usize): i32 {
  return convScratch(geometry);
}

/** The gradient of x from dy and packed filterᵀ [out × patch]. Unit: one image. */
export function convInputGradient(
  unit: i32,
  scratch: usize,
  geometry: usize,
  dy: usize,
  packed: usize,
  dx: usize,
  outChannels: i32,
): void {
  const g = changetype<Geometry>(geometry);
  const k = patchSize(g);
  const perImage = g.outHeight * g.outWidth;
  const patches = scratch + multiplyRowsScratch();
  zeroFloats(dx + unit * g.height * g.width * g.channels * 4, g.height * g.width * g.channels);
  for (let done = 0; done < perImage; done += ROW_BLOCK) {
    const first = unit * perImage + done;
    const count = min(ROW_BLOCK, perImage - done);
    const from = dy + first * outChannels * 4;
    multiplyRows(from, outChannels * 4, 4, packed, patches, count, k, outChannels, scratch);
    scatterPatches(g, dx, first, count, patches);
  }
}

export function convFilterGradientScratch(geometry: usize, outChannels: i32): i32 {
  return ROW_BLOCK * (patchSize(changetype<Geometry>(geometry)) + ((outChannels + 7) & ~7)) * 4;
}

/**
 * A chunk's share of the filter's gradient, patchesᵀ·dy, as [patch][out, padded to 8].
 * Unit: a chunk of `chunkPixels` output pixels.
 */
export function convFilterGradient(
  unit: i32,
  scratch: usize,
  geometry: usize,
  x: usize,
  dy: usize,
  partial: usize,
  pixels: i32,
  chunkPixels: i32,
  outChannels: i32,
): void {
  const g = changetype<Geometry>(geometry);
  const k = patchSize(g);
  const padded = (outChannels + 7) & ~7;
  const rows = scratch;
  const patches = scratch + ROW_BLOCK * padded * 4;
  const out = partial + unit * k * padded * 4;
  const end = min(pixels, (unit + 1) * chunkPixels);
  for (let first = unit * chunkPixels; first < end; first += ROW_BLOCK) {
    const count = min(ROW_BLOCK, end - first);
    multiply(
      patchRows(g, x, first, count, patches),
      4,
      k * 4,
      paddedRows(dy + first * outChannels * 4, count, outChannels, rows),
      padded * 4,
      32,
      out,
      padded * 4,
      k,
      padded >> 3,
      count,
      first > unit * chunkPixels,
    );
  }
}

/** Where the patches of `count` output pixels from `first` on lie: in x itself, or in `patches`. */
function patchRows(g: Geometry, x: usize, first: i32, count: i32, patches: usize): usize {
  if (isPointwise(g)) return x + first * g.channels * 4;
  gatherPatches(g, x, first, count, patches);
  return patches;
}

/** Where rows of n values lie with zeros up to whole panels: where they are, or in `rows`. */
function paddedRows(from: usize, count: i32, n: i32, rows: usize): usize {
  const padded = (n + 7) & ~7;
  if (padded == n) return from;
  for (let i = 0; i < count; i++) {
    copyFloats(rows + i * padded * 4, from + i * n * 4, n);
    zeroFloats(rows + (i * padded + n) * 4, padded - n);
  }
  return rows;
}

/** Values of a patch. */
function patchSize(g: Geometry): i32 {
  return g.filterHeight * g.filterWidth * g.channels;
}

function isPointwise(g: Geometry): bool {
  return g.filterHeight * g.filterWidth * g.strideHeight * g.strideWidth == 1 &&
    (g.padTop | g.padLeft) == 0;
}

/** Copies the patches of `count` output pixels from `first` on into rows of `patches`. */
function gatherPatches(g: Geometry, x: usize, first: i32, count: i32, patches: usize): void {
  const c = g.channels;
  for (let i = 0; i < count; i++) {
    const pixel = first + i;
    const ox = pixel % g.outWidth;
    const row = pixel / g.outWidth;
    const oy = row % g.outHeight;
    const image = x + (row / g.outHeight) * g.height * g.width * c * 4;
    for (let ky = 0; ky < g.filterHeight; ky++) {
      const iy = oy * g.strideHeight - g.padTop + ky * g.dilationHeight;
      for (let kx = 0; kx < g.filterWidth; kx++) {
        const ix = ox * g.strideWidth - g.padLeft + kx * g.dilationWidth;
        if (<u32> iy < <u32> g.height && <u32> ix < <u32> g.width) {
          copyFloats(patches, image + (iy * g.width + ix) * c * 4, c);
        } else {
          zeroFloats(patches, c);
        }
        patches += c * 4;
      }
    }
  }
}

/** Adds rows of `patches` back to the pixels of dx they came from. */
function scatterPatches(g: Geometry, dx: usize, first: i32, count: i32, patches: usize): void {
  const c = g.channels;
  for (let i = 0; i < count; i++) {
    const pixel = first + i;
    const ox = pixel % g.outWidth;
    const row = pixel / g.outWidth;
    const oy = row % g.outHeight;
    const image = dx + (row / g.outHeight) * g.height * g.width * c * 4;
    for (let ky = 0; ky < g.filterHeight; ky++) {
      const iy = oy * g.strideHeight - g.padTop + ky * g.dilationHeight;
      for (let kx = 0; kx < g.filterWidth; kx++) {
        const ix = ox * g.strideWidth - g.padLeft + kx * g.dilationWidth;
        if (<u32> iy < <u32> g.height && <u32> ix < <u32> g.width) {
          addFloats(image + (iy * g.width + ix) * c * 4, patches, c);
        }
        patches += c * 4;
      }
    }
  }
}
