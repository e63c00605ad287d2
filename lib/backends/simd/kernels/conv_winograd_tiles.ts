// @ts-nocheck AssemblyScript, compiled by ../build.ts
/** The tiles of Winograd's convolution: where each lies, and its way to its transform and back. */
import { copyFloats, zeroFloats } from "./gemm";
import { inputLine, outputGradientLine, outputLine } from "./conv_winograd_lines";

/** Where the column that `locate` found begins. */
export let tileVolume: i32 = 0;
export let tilePlane: i32 = 0;
export let tileY: i32 = 0;
export let tileX: i32 = 0;

/** Finds the volume, the first plane and the first output pixel of a column. */
export function locate(
  column: i32,
  columnPlanes: i32,
  outDepth: i32,
  outHeight: i32,
  outWidth: i32,
): void {
  const along = (outDepth + columnPlanes - 1) / columnPlanes;
  const across = (outWidth + 3) >> 2;
  const down = (outHeight + 3) >> 2;
  tilePlane = (column % along) * columnPlanes;
  const tile = column / along;
  tileX = (tile % across) * 4;
  const row = tile / across;
  tileY = (row % down) * 4;
  tileVolume = row / down;
}

/** A tile of zeros. */
export function clearTile(to: usize, channels: i32, position: i32): void {
  for (let p = 0; p < 36; p++) zeroFloats(to + p * position, channels);
}

/** Steps between the rows and columns of the patch that `patchOf` found, in bytes. */
let patchRow: i32 = 0;
let patchColumn: i32 = 0;

/**
 * Where to read channels first … first + n of the size × size pixels at (y, x): in the image, or
 * in `patch`, a copy with zeros outside the image.
 */
export function patchOf(
  image: usize,
  height: i32,
  width: i32,
  channels: i32,
  y: i32,
  x: i32,
  size: i32,
  first: i32,
  n: i32,
  patch: usize,
): usize {
  if (y >= 0 && x >= 0 && y + size <= height && x + size <= width) {
    patchRow = width * channels * 4;
    patchColumn = channels * 4;
    return image + ((y * width + x) * channels + first) * 4;
  }
  patchRow = size * n * 4;
  patchColumn = n * 4;
  for (let i = 0; i < size; i++) {
    for (let j = 0; j < size; j++) {
      const to = patch + i * patchRow + j * patchColumn;
      if (<u32> (y + i) < <u32> height && <u32> (x + j) < <u32> width) {
        copyFloats(to, image + (((y + i) * width + x + j) * channels + first) * 4, n);
      } else {
        zeroFloats(to, n);
      }
    }
  }
  return patch;
}

export function transformInput(from: usize, channels: i32, to: usize, position: i32, temp: usize): void {
  const row = patchRow, column = patchColumn;
  for (let c = 0; c < channels; c += 8, from += 32, to += 32) {
    for (let j = 0; j < 6; j++) inputLine(from + j * column, row, temp + j * 32, 192);
    for (let i = 0; i < 6; i++) inputLine(temp + i * 192, 32, to + i * 6 * position, position);
  }
}

/** Turns a tile's products to the outputs that lie within the plane. */
export function transformOutput(
  from: usize,
  position: i32,
  channels: i32,
  to: usize,
  outHeight: i32,
  outWidth: i32,
  outChannels: i32,
  temp: usize,
): void {
  const rows = min(4, outHeight - tileY);
  const columns = min(4, outWidth - tileX);
  for (let c = 0; c < channels; c += 8, from += 32, to += 32) {
    for (let j = 0; j < 6; j++) {
      outputLine(from + j * position, 6 * position, temp + j * 32, 192, 4);
    }
    for (let i = 0; i < rows; i++) {
      const line = to + i * outWidth * outChannels * 4;
      outputLine(temp + i * 192, 32, line, outChannels * 4, columns);
    }
  }
}

export function transformOutputGradient(
  from: usize,
  channels: i32,
  to: usize,
  position: i32,
  temp: usize,
): void {
  const row = patchRow, column = patchColumn;
  for (let c = 0; c < channels; c += 8, from += 32, to += 32) {
    for (let j = 0; j < 4; j++) outputGradientLine(from + j * column, row, temp + j * 32, 128);
    for (let i = 0; i < 6; i++) {
      outputGradientLine(temp + i * 128, 32, to + i * 6 * position, position);
    }
  }
}
