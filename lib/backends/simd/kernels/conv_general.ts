// @ts-nocheck AssemblyScript, compiled by ../build.ts
/**
 * Convolution of any shape, for what conv_winograd.ts and conv_depthwise.ts do not take: a matrix
 * product over patches (im2col), a block of output pixels at a time so that the patches stay in cache.
 * NDHWC, slices having a depth of 1; filters [depth, height, width, in, out].
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
  depth: i32;
  height: i32;
  width: i32;
  channels: i32;
  outDepth: i32;
  outHeight: i32;
  outWidth: i32;
  filterDepth: i32;
  filterHeight: i32;
  filterWidth: i32;
  strideDepth: i32;
  strideHeight: i32;
  strideWidth: i32;
  dilationDepth: i32;
  dilationHeight: i32;
  dilationWidth: i32;
  padFront: i32;
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

/**
 * The gradient of x from dy and packed filterᵀ [out × patch]. Unit: `unitPlanes` planes of dy: one
 * where no two touch the same plane of x, else all of a volume.
 */
export function convInputGradient(
  unit: i32,
  scratch: usize,
  geometry: usize,
  dy: usize,
  packed: usize,
  dx: usize,
  outChannels: i32,
  unitPlanes: i32,
): void {
  const g = changetype<Geometry>(geometry);
  const k = patchSize(g);
  const perUnit = unitPlanes * g.outHeight * g.outWidth;
  const patches = scratch + multiplyRowsScratch();
  clearPlanes(g, dx, unit * unitPlanes, unitPlanes);
  for (let done = 0; done < perUnit; done += ROW_BLOCK) {
    const first = unit * perUnit + done;
    const count = min(ROW_BLOCK, perUnit - done);
    const from = dy + first * outChannels * 4;
    multiplyRows(from, outChannels * 4, 4, packed, patches, count, k, outChannels, scratch);
    scatterPatches(g, dx, first, count, patches);
  }
}

/** Zeros the planes of dx that `count` planes of dy from `first` on, of one volume, answer for. */
function clearPlanes(g: Geometry, dx: usize, first: i32, count: i32): void {
  const plane = first % g.outDepth;
  const from = plane * g.strideDepth;
  const to = plane + count == g.outDepth ? g.depth : from + count * g.strideDepth;
  const values = g.height * g.width * g.channels;
  zeroFloats(dx + ((first / g.outDepth) * g.depth + from) * values * 4, (to - from) * values);
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
  return g.filterDepth * g.filterHeight * g.filterWidth * g.channels;
}

function isPointwise(g: Geometry): bool {
  return g.filterDepth * g.filterHeight * g.filterWidth == 1 &&
    g.strideDepth * g.strideHeight * g.strideWidth == 1 &&
    (g.padFront | g.padTop | g.padLeft) == 0;
}

/** The output pixel that `findPatch` found: where its patch begins, and where its volume lies. */
let patchZ: i32 = 0;
let patchY: i32 = 0;
let patchX: i32 = 0;
let volume: usize = 0;

function findPatch(g: Geometry, pixel: i32, x: usize): void {
  patchX = (pixel % g.outWidth) * g.strideWidth - g.padLeft;
  const row = pixel / g.outWidth;
  patchY = (row % g.outHeight) * g.strideHeight - g.padTop;
  const plane = row / g.outHeight;
  patchZ = (plane % g.outDepth) * g.strideDepth - g.padFront;
  volume = x + (plane / g.outDepth) * g.depth * g.height * g.width * g.channels * 4;
}

/** Where the pixel under a tap of the patch lies; nowhere, 0, outside the volume. */
function pixelAt(g: Geometry, kz: i32, ky: i32, kx: i32): usize {
  const z = patchZ + kz * g.dilationDepth;
  const y = patchY + ky * g.dilationHeight;
  const x = patchX + kx * g.dilationWidth;
  if (<u32> z >= <u32> g.depth || <u32> y >= <u32> g.height || <u32> x >= <u32> g.width) return 0;
  return volume + ((z * g.height + y) * g.width + x) * g.channels * 4;
}

/** Copies the patches of `count` output pixels from `first` on into rows of `patches`. */
function gatherPatches(g: Geometry, x: usize, first: i32, count: i32, patches: usize): void {
  for (let i = 0; i < count; i++) {
    findPatch(g, first + i, x);
    for (let kz = 0; kz < g.filterDepth; kz++) {
      for (let ky = 0; ky < g.filterHeight; ky++, patches += g.filterWidth * g.channels * 4) {
        gatherLine(g, kz, ky, patches);
      }
    }
  }
}

/** Copies a line of the patch: at once where all its pixels lie side by side within the volume. */
function gatherLine(g: Geometry, kz: i32, ky: i32, to: usize): void {
  const c = g.channels;
  if (g.dilationWidth == 1 && patchX >= 0 && patchX + g.filterWidth <= g.width) {
    const from = pixelAt(g, kz, ky, 0);
    if (from) copyFloats(to, from, g.filterWidth * c);
    else zeroFloats(to, g.filterWidth * c);
    return;
  }
  for (let kx = 0; kx < g.filterWidth; kx++, to += c * 4) {
    const from = pixelAt(g, kz, ky, kx);
    if (from) copyFloats(to, from, c);
    else zeroFloats(to, c);
  }
}

/** Adds rows of `patches` back to the pixels of dx they came from. */
function scatterPatches(g: Geometry, dx: usize, first: i32, count: i32, patches: usize): void {
  const c = g.channels;
  for (let i = 0; i < count; i++) {
    findPatch(g, first + i, dx);
    for (let kz = 0; kz < g.filterDepth; kz++) {
      for (let ky = 0; ky < g.filterHeight; ky++) {
        for (let kx = 0; kx < g.filterWidth; kx++, patches += c * 4) {
          const to = pixelAt(g, kz, ky, kx);
          if (to) addFloats(to, patches, c);
        }
      }
    }
  }
}
