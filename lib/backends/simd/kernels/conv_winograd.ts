// @ts-nocheck AssemblyScript, compiled by ../build.ts
/**
 * 3×3 convolution and its filter gradient, stride 1, by Winograd's F(4×4, 3×3) (Lavin & Gray 2016):
 * tiles of 4×4 outputs become 36 matrix products with a quarter of the multiplications. Channels are
 * multiples of 8; what is otherwise goes to conv_general.ts, as entries/conv.ts decides.
 *
 * Layouts: V [36][tile][in] transformed input; U [36][out/8][in][8] transformed filter;
 * M [36][tile][out block] products.
 */
import { copyFloats, multiply, zeroFloats } from "./gemm";
import {
  filterGradientLine,
  filterLine,
  inputLine,
  outputGradientLine,
  outputLine,
} from "./conv_winograd_lines";

/** Outputs done together: M of a block of tiles stays in cache. */
export const OUT_BLOCK: i32 = 64;
/** Inputs whose filter gradient is summed together. */
export const IN_BLOCK: i32 = 64;
/** Bytes between positions beyond their values, so that the 36 do not share cache sets. */
export const SKEW: i32 = 64;
/** Bytes of the intermediate of a two-dimensional transform. */
const TEMP: i32 = 36 * 32;

/** Steps between the rows and columns of the patch that `patchOf` found, in bytes. */
let patchRow: i32 = 0;
let patchColumn: i32 = 0;

export function winogradFilterScratch(): i32 {
  return TEMP + 9 * 16;
}

/**
 * Transforms a filter panel of 8 outputs. `tap` steps over the filter's 9 taps (negative: turned by
 * 180°), `inStep` and `outStep` over its channels. Unit: a panel.
 */
export function winogradFilter(
  unit: i32,
  scratch: usize,
  filter: usize,
  tap: i32,
  inStep: i32,
  outStep: i32,
  inChannels: i32,
  outChannels: i32,
  u: usize,
): void {
  const panels = outChannels >> 3;
  const position = panels * inChannels * 32 + SKEW;
  const taps = scratch + TEMP;
  for (let i = 0; i < inChannels; i++) {
    for (let half = 0; half < 8; half += 4) {
      let from = filter + i * inStep + (unit * 8 + half) * outStep;
      for (let t = 0; t < 9; t++, from += tap) v128.store(taps + t * 16, load4(from, outStep));
      for (let j = 0; j < 3; j++) filterLine(taps + j * 16, 48, scratch + j * 16, 48);
      const to = u + (unit * inChannels + i) * 32 + half * 4;
      for (let j = 0; j < 6; j++) filterLine(scratch + j * 48, 16, to + j * 6 * position, position);
    }
  }
}

export function winogradConvScratch(inChannels: i32, blockTiles: i32): i32 {
  return TEMP + 36 * (inChannels * 4 + blockTiles * (inChannels + OUT_BLOCK) * 4 + 2 * SKEW);
}

/** y = x ∗ filter. Unit: a block of tiles × a block of outputs. */
export function winogradConv(
  unit: i32,
  scratch: usize,
  x: usize,
  u: usize,
  y: usize,
  height: i32,
  width: i32,
  inChannels: i32,
  outHeight: i32,
  outWidth: i32,
  outChannels: i32,
  padTop: i32,
  padLeft: i32,
  tiles: i32,
  blockTiles: i32,
): void {
  const outBlocks = (outChannels + OUT_BLOCK - 1) / OUT_BLOCK;
  const firstOut = (unit % outBlocks) * OUT_BLOCK;
  const outs = min(OUT_BLOCK, outChannels - firstOut);
  const panels = outs >> 3;
  const first = (unit / outBlocks) * blockTiles;
  const count = min(blockTiles, tiles - first);
  const patch = scratch + TEMP;
  const v = patch + 36 * inChannels * 4;
  const vPosition = blockTiles * inChannels * 4 + SKEW;
  const m = v + 36 * vPosition;
  const mPosition = blockTiles * OUT_BLOCK * 4 + SKEW;
  for (let t = 0; t < count; t++) {
    locate(first + t, outHeight, outWidth);
    const image = x + tileImage * height * width * inChannels * 4;
    const corner = patchOf(
      image,
      height,
      width,
      inChannels,
      tileY - padTop,
      tileX - padLeft,
      6,
      0,
      inChannels,
      patch,
    );
    transformInput(corner, inChannels, v + t * inChannels * 4, vPosition, scratch);
  }
  const uPanel = inChannels * 32;
  const uPosition = (outChannels >> 3) * uPanel + SKEW;
  const uFirst = u + (firstOut >> 3) * uPanel;
  for (let p = 0; p < 36; p++) {
    multiply(
      v + p * vPosition,
      inChannels * 4,
      4,
      uFirst + p * uPosition,
      32,
      uPanel,
      m + p * mPosition,
      OUT_BLOCK * 4,
      count,
      panels,
      inChannels,
      false,
    );
  }
  for (let t = 0; t < count; t++) {
    locate(first + t, outHeight, outWidth);
    const to = y + ((tileImage * outHeight + tileY) * outWidth + tileX) * outChannels * 4 +
      firstOut * 4;
    const rows = min(4, outHeight - tileY);
    const columns = min(4, outWidth - tileX);
    const from = m + t * OUT_BLOCK * 4;
    for (let c = 0; c < outs; c += 8) {
      for (let j = 0; j < 6; j++) {
        outputLine(from + j * mPosition + c * 4, 6 * mPosition, scratch + j * 32, 192, 4);
      }
      for (let i = 0; i < rows; i++) {
        outputLine(
          scratch + i * 192,
          32,
          to + (i * outWidth * outChannels + c) * 4,
          outChannels * 4,
          columns,
        );
      }
    }
  }
}

export function winogradFilterShareScratch(blockTiles: i32): i32 {
  return TEMP + 36 * (OUT_BLOCK * 4 + blockTiles * (IN_BLOCK + OUT_BLOCK) * 4 + 2 * SKEW);
}

/**
 * A chunk's share of the transformed filter's gradient, Vᵀ·W for each of the 36 positions, as
 * [chunk][36][in][out]. Unit: a chunk of tiles × a block of inputs × one of outputs.
 */
export function winogradFilterShare(
  unit: i32,
  scratch: usize,
  x: usize,
  dy: usize,
  share: usize,
  height: i32,
  width: i32,
  inChannels: i32,
  outHeight: i32,
  outWidth: i32,
  outChannels: i32,
  padTop: i32,
  padLeft: i32,
  tiles: i32,
  blockTiles: i32,
  chunkTiles: i32,
): void {
  const outBlocks = (outChannels + OUT_BLOCK - 1) / OUT_BLOCK;
  const inBlocks = (inChannels + IN_BLOCK - 1) / IN_BLOCK;
  const firstOut = (unit % outBlocks) * OUT_BLOCK;
  const outs = min(OUT_BLOCK, outChannels - firstOut);
  const firstIn = (unit / outBlocks % inBlocks) * IN_BLOCK;
  const ins = min(IN_BLOCK, inChannels - firstIn);
  const chunk = unit / (outBlocks * inBlocks);
  const patch = scratch + TEMP;
  const v = patch + 36 * OUT_BLOCK * 4;
  const vPosition = blockTiles * IN_BLOCK * 4 + SKEW;
  const w = v + 36 * vPosition;
  const wPosition = blockTiles * OUT_BLOCK * 4 + SKEW;
  const out = share + ((chunk * 36 * inChannels + firstIn) * outChannels + firstOut) * 4;
  const end = min(tiles, (chunk + 1) * chunkTiles);
  for (let first = chunk * chunkTiles; first < end; first += blockTiles) {
    const count = min(blockTiles, end - first);
    for (let t = 0; t < count; t++) {
      locate(first + t, outHeight, outWidth);
      const image = x + tileImage * height * width * inChannels * 4;
      const corner = patchOf(
        image,
        height,
        width,
        inChannels,
        tileY - padTop,
        tileX - padLeft,
        6,
        firstIn,
        ins,
        patch,
      );
      transformInput(corner, ins, v + t * IN_BLOCK * 4, vPosition, scratch);
      const dyImage = dy + tileImage * outHeight * outWidth * outChannels * 4;
      const dyCorner = patchOf(
        dyImage,
        outHeight,
        outWidth,
        outChannels,
        tileY,
        tileX,
        4,
        firstOut,
        outs,
        patch,
      );
      transformOutputGradient(dyCorner, outs, w + t * OUT_BLOCK * 4, wPosition, scratch);
    }
    for (let p = 0; p < 36; p++) {
      multiply(
        v + p * vPosition,
        4,
        IN_BLOCK * 4,
        w + p * wPosition,
        OUT_BLOCK * 4,
        32,
        out + p * inChannels * outChannels * 4,
        outChannels * 4,
        ins,
        outs >> 3,
        count,
        first > chunk * chunkTiles,
      );
    }
  }
}

export function winogradFilterGradientScratch(): i32 {
  return TEMP + 36 * 16;
}

/** The filter's gradient Gᵀ (Σ shares) G. Unit: one input channel. */
export function winogradFilterGradient(
  unit: i32,
  scratch: usize,
  share: usize,
  chunks: i32,
  inChannels: i32,
  outChannels: i32,
  filterGradient: usize,
): void {
  const position = inChannels * outChannels * 4;
  const sums = scratch + TEMP;
  for (let c = 0; c < outChannels; c += 4) {
    for (let p = 0; p < 36; p++) {
      let from = share + p * position + (unit * outChannels + c) * 4;
      let sum = v128.load(from);
      for (let chunk = 1; chunk < chunks; chunk++) {
        from += 36 * position;
        sum = f32x4.add(sum, v128.load(from));
      }
      v128.store(sums + p * 16, sum);
    }
    const to = filterGradient + (unit * outChannels + c) * 4;
    const tap = inChannels * outChannels * 4;
    for (let j = 0; j < 6; j++) filterGradientLine(sums + j * 16, 96, scratch + j * 16, 96);
    for (let i = 0; i < 3; i++) filterGradientLine(scratch + i * 96, 16, to + i * 3 * tap, tap);
  }
}

let tileImage: i32 = 0;
let tileY: i32 = 0;
let tileX: i32 = 0;

/** Finds the image and the first output pixel of a tile. */
function locate(tile: i32, outHeight: i32, outWidth: i32): void {
  const across = (outWidth + 3) >> 2;
  const down = (outHeight + 3) >> 2;
  tileX = (tile % across) * 4;
  const row = tile / across;
  tileY = (row % down) * 4;
  tileImage = row / down;
}

/**
 * Where to read channels first … first + n of the size × size pixels at (y, x): in the image, or
 * in `patch`, a copy with zeros outside the image.
 */
function patchOf(
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

function transformInput(from: usize, channels: i32, to: usize, position: i32, temp: usize): void {
  const row = patchRow, column = patchColumn;
  for (let c = 0; c < channels; c += 8, from += 32, to += 32) {
    for (let j = 0; j < 6; j++) inputLine(from + j * column, row, temp + j * 32, 192);
    for (let i = 0; i < 6; i++) inputLine(temp + i * 192, 32, to + i * 6 * position, position);
  }
}

function transformOutputGradient(
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

/** Four values `step` bytes apart. */
function load4(from: usize, step: i32): v128 {
  if (step == 4) return v128.load(from);
  const low = f32x4.replace_lane(v128.load32_zero(from), 1, load<f32>(from + step));
  const three = f32x4.replace_lane(low, 2, load<f32>(from + 2 * step));
  return f32x4.replace_lane(three, 3, load<f32>(from + 3 * step));
}
