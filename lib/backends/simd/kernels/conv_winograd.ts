// @ts-nocheck AssemblyScript, compiled by ../build.ts
/**
 * 3×3 convolution and its filter gradient, stride 1, by Winograd's F(4×4, 3×3) (Lavin & Gray 2016):
 * tiles of 4×4 outputs become 36 matrix products with a quarter of the multiplications. Channels are
 * multiples of 8; what is otherwise goes to conv_general.ts, as entries/conv.ts decides.
 *
 * A filter of several planes, K×3×3, sums over them where tiles are transformed. A column is the same
 * tile of up to `columnPlanes` neighbouring output planes; its K − 1 planes more of input are each
 * transformed once. As these lie one after another, K of them are one row of a matrix, and rows
 * overlap. Slices have columns of one tile.
 *
 * Layouts: V [36][column][plane][in] transformed input; U [36][out/8][K·in][8] transformed filter;
 * M [36][column][plane][out block] products.
 */
import { multiply } from "./gemm";
import { filterGradientLine, filterLine } from "./conv_winograd_lines";
import {
  clearTile,
  locate,
  patchOf,
  tilePlane,
  tileVolume,
  tileX,
  tileY,
  transformInput,
  transformOutput,
  transformOutputGradient,
} from "./conv_winograd_tiles";

/** Outputs done together: M of a block of tiles stays in cache. */
export const OUT_BLOCK: i32 = 64;
/** Inputs whose filter gradient is summed together. */
export const IN_BLOCK: i32 = 64;
/** Bytes between positions beyond their values, so that the 36 do not share cache sets. */
export const SKEW: i32 = 64;
/** Bytes of the intermediate of a two-dimensional transform. */
const TEMP: i32 = 36 * 32;

export function winogradFilterScratch(): i32 {
  return TEMP + 9 * 16;
}

/**
 * Transforms a filter panel of 8 outputs. `plane` steps over the filter's planes, `tap` over the 9 taps
 * of one (negative: turned by 180°), `inStep` and `outStep` over channels. Unit: a panel.
 */
export function winogradFilter(
  unit: i32,
  scratch: usize,
  filter: usize,
  filterDepth: i32,
  plane: i32,
  tap: i32,
  inStep: i32,
  outStep: i32,
  inChannels: i32,
  outChannels: i32,
  u: usize,
): void {
  const panels = outChannels >> 3;
  const rows = filterDepth * inChannels;
  const position = panels * rows * 32 + SKEW;
  const taps = scratch + TEMP;
  for (let i = 0; i < rows; i++) {
    const row = filter + (i / inChannels) * plane + (i % inChannels) * inStep;
    for (let half = 0; half < 8; half += 4) {
      let from = row + (unit * 8 + half) * outStep;
      for (let t = 0; t < 9; t++, from += tap) v128.store(taps + t * 16, load4(from, outStep));
      for (let j = 0; j < 3; j++) filterLine(taps + j * 16, 48, scratch + j * 16, 48);
      const to = u + (unit * rows + i) * 32 + half * 4;
      for (let j = 0; j < 6; j++) filterLine(scratch + j * 48, 16, to + j * 6 * position, position);
    }
  }
}

export function winogradConvScratch(
  inChannels: i32,
  filterDepth: i32,
  columnPlanes: i32,
  blockColumns: i32,
): i32 {
  const inputs = blockColumns * (columnPlanes + filterDepth - 1) * inChannels;
  const outputs = blockColumns * columnPlanes * OUT_BLOCK;
  return TEMP + 36 * (inChannels * 4 + (inputs + outputs) * 4 + 2 * SKEW);
}

/** y = x ∗ filter. Unit: a block of columns × a block of outputs. */
export function winogradConv(
  unit: i32,
  scratch: usize,
  x: usize,
  u: usize,
  y: usize,
  depth: i32,
  height: i32,
  width: i32,
  inChannels: i32,
  outDepth: i32,
  outHeight: i32,
  outWidth: i32,
  outChannels: i32,
  filterDepth: i32,
  padFront: i32,
  padTop: i32,
  padLeft: i32,
  columnPlanes: i32,
  columns: i32,
  blockColumns: i32,
): void {
  const outBlocks = (outChannels + OUT_BLOCK - 1) / OUT_BLOCK;
  const firstOut = (unit % outBlocks) * OUT_BLOCK;
  const outs = min(OUT_BLOCK, outChannels - firstOut);
  const first = (unit / outBlocks) * blockColumns;
  const count = min(blockColumns, columns - first);
  const span = columnPlanes + filterDepth - 1;
  const patch = scratch + TEMP;
  const v = patch + 36 * inChannels * 4;
  const vPosition = blockColumns * span * inChannels * 4 + SKEW;
  const m = v + 36 * vPosition;
  const mPosition = blockColumns * columnPlanes * OUT_BLOCK * 4 + SKEW;
  for (let c = 0; c < count; c++) {
    locate(first + c, columnPlanes, outDepth, outHeight, outWidth);
    const volume = x + tileVolume * depth * height * width * inChannels * 4;
    for (let j = 0; j < span; j++) {
      const plane = tilePlane - padFront + j;
      const to = v + (c * span + j) * inChannels * 4;
      if (<u32> plane >= <u32> depth) {
        clearTile(to, inChannels, vPosition);
        continue;
      }
      const corner = patchOf(
        volume + plane * height * width * inChannels * 4,
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
      transformInput(corner, inChannels, to, vPosition, scratch);
    }
  }
  // Without planes between them, the rows of all columns are those of one matrix.
  const parts = filterDepth == 1 ? 1 : count;
  const rows = filterDepth == 1 ? count * columnPlanes : columnPlanes;
  const uPanel = filterDepth * inChannels * 32;
  const uPosition = (outChannels >> 3) * uPanel + SKEW;
  const uFirst = u + (firstOut >> 3) * uPanel;
  for (let p = 0; p < 36; p++) {
    for (let part = 0; part < parts; part++) {
      multiply(
        v + p * vPosition + part * span * inChannels * 4,
        inChannels * 4,
        4,
        uFirst + p * uPosition,
        32,
        uPanel,
        m + p * mPosition + part * rows * OUT_BLOCK * 4,
        OUT_BLOCK * 4,
        rows,
        outs >> 3,
        filterDepth * inChannels,
        false,
      );
    }
  }
  for (let c = 0; c < count; c++) {
    locate(first + c, columnPlanes, outDepth, outHeight, outWidth);
    const planes = min(columnPlanes, outDepth - tilePlane);
    for (let j = 0; j < planes; j++) {
      const plane = tileVolume * outDepth + tilePlane + j;
      const to = y + ((plane * outHeight + tileY) * outWidth + tileX) * outChannels * 4 +
        firstOut * 4;
      const from = m + (c * columnPlanes + j) * OUT_BLOCK * 4;
      transformOutput(from, mPosition, outs, to, outHeight, outWidth, outChannels, scratch);
    }
  }
}

export function winogradFilterShareScratch(
  filterDepth: i32,
  columnPlanes: i32,
  blockColumns: i32,
): i32 {
  const tiles = blockColumns * (columnPlanes + filterDepth - 1);
  return TEMP + 36 * (OUT_BLOCK * 4 + tiles * (IN_BLOCK + OUT_BLOCK) * 4 + 2 * SKEW);
}

/**
 * A chunk's share of the transformed filter's gradient, Vᵀ·W for each of the 36 positions, as
 * [chunk][36][K·in][out]. W has columns as long as V's, ended by zeros, so that the sum over all of a
 * block is one product. Unit: a chunk of columns × a block of inputs × one of outputs.
 */
export function winogradFilterShare(
  unit: i32,
  scratch: usize,
  x: usize,
  dy: usize,
  share: usize,
  depth: i32,
  height: i32,
  width: i32,
  inChannels: i32,
  outDepth: i32,
  outHeight: i32,
  outWidth: i32,
  outChannels: i32,
  filterDepth: i32,
  padFront: i32,
  padTop: i32,
  padLeft: i32,
  columnPlanes: i32,
  columns: i32,
  blockColumns: i32,
  chunkColumns: i32,
): void {
  const outBlocks = (outChannels + OUT_BLOCK - 1) / OUT_BLOCK;
  const inBlocks = (inChannels + IN_BLOCK - 1) / IN_BLOCK;
  const firstOut = (unit % outBlocks) * OUT_BLOCK;
  const outs = min(OUT_BLOCK, outChannels - firstOut);
  const firstIn = (unit / outBlocks % inBlocks) * IN_BLOCK;
  const ins = min(IN_BLOCK, inChannels - firstIn);
  const chunk = unit / (outBlocks * inBlocks);
  const span = columnPlanes + filterDepth - 1;
  const patch = scratch + TEMP;
  const v = patch + 36 * OUT_BLOCK * 4;
  const vPosition = blockColumns * span * IN_BLOCK * 4 + SKEW;
  const w = v + 36 * vPosition;
  const wPosition = blockColumns * span * OUT_BLOCK * 4 + SKEW;
  const position = filterDepth * inChannels * outChannels * 4;
  const out = share + chunk * 36 * position + (firstIn * outChannels + firstOut) * 4;
  const end = min(columns, (chunk + 1) * chunkColumns);
  for (let first = chunk * chunkColumns; first < end; first += blockColumns) {
    const count = min(blockColumns, end - first);
    for (let c = 0; c < count; c++) {
      locate(first + c, columnPlanes, outDepth, outHeight, outWidth);
      const volume = x + tileVolume * depth * height * width * inChannels * 4;
      const dyVolume = dy + tileVolume * outDepth * outHeight * outWidth * outChannels * 4;
      for (let j = 0; j < span; j++) {
        const plane = tilePlane - padFront + j;
        const toV = v + (c * span + j) * IN_BLOCK * 4;
        if (<u32> plane < <u32> depth) {
          const corner = patchOf(
            volume + plane * height * width * inChannels * 4,
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
          transformInput(corner, ins, toV, vPosition, scratch);
        } else {
          clearTile(toV, ins, vPosition);
        }
        const toW = w + (c * span + j) * OUT_BLOCK * 4;
        if (j < columnPlanes && tilePlane + j < outDepth) {
          const corner = patchOf(
            dyVolume + (tilePlane + j) * outHeight * outWidth * outChannels * 4,
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
          transformOutputGradient(corner, outs, toW, wPosition, scratch);
        } else {
          clearTile(toW, outs, wPosition);
        }
      }
    }
    for (let p = 0; p < 36; p++) {
      for (let kz = 0; kz < filterDepth; kz++) {
        multiply(
          v + p * vPosition + kz * IN_BLOCK * 4,
          4,
          IN_BLOCK * 4,
          w + p * wPosition,
          OUT_BLOCK * 4,
          32,
          out + p * position + kz * inChannels * outChannels * 4,
          outChannels * 4,
          ins,
          outs >> 3,
          count * span - filterDepth + 1,
          first > chunk * chunkColumns,
        );
      }
    }
  }
}

export function winogradFilterGradientScratch(): i32 {
  return TEMP + 36 * 16;
}

/** The filter's gradient Gᵀ (Σ shares) G. Unit: one input channel of a plane. */
export function winogradFilterGradient(
  unit: i32,
  scratch: usize,
  share: usize,
  chunks: i32,
  filterDepth: i32,
  inChannels: i32,
  outChannels: i32,
  filterGradient: usize,
): void {
  const position = filterDepth * inChannels * outChannels * 4;
  const row = (unit / inChannels) * 9 * inChannels + unit % inChannels;
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
    const to = filterGradient + (row * outChannels + c) * 4;
    const tap = inChannels * outChannels * 4;
    for (let j = 0; j < 6; j++) filterGradientLine(sums + j * 16, 96, scratch + j * 16, 96);
    for (let i = 0; i < 3; i++) filterGradientLine(scratch + i * 96, 16, to + i * 3 * tap, tap);
  }
}

/** Four values `step` bytes apart. */
function load4(from: usize, step: i32): v128 {
  if (step == 4) return v128.load(from);
  const low = f32x4.replace_lane(v128.load32_zero(from), 1, load<f32>(from + step));
  const three = f32x4.replace_lane(low, 2, load<f32>(from + 2 * step));
  return f32x4.replace_lane(three, 3, load<f32>(from + 3 * step));
}
