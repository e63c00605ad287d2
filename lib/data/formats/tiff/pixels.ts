/**
 * The pixels of a TIFF page out of its blocks.
 *
 * @module
 */
import { dataOf } from "../stored_data.ts";
import type { DecodeOptions } from "../format.ts";
import { ARRAYS, toVoxels } from "../datatype.ts";
import { unpacked } from "../colours.ts";
import type { Voxels } from "../../volumes/volume.ts";
import { unlzw, unpackBits } from "./inflate.ts";
import { blocksOf, type PageLayout, rowBytes } from "./layout.ts";

/** A file whose pages are read. */
export interface TiffSource {
  /** Its content. */
  file: Uint8Array;
  /** Its path or name, for messages. */
  source: string;
  /** Its byte order. */
  littleEndian: boolean;
}

/**
 * The values of a page, those of a pixel beside each other.
 *
 * @throws {SyntaxError} If a block is truncated or corrupt.
 */
export async function pixelsOf(
  layout: PageLayout,
  tiff: TiffSource,
  options: DecodeOptions,
): Promise<Voxels> {
  const { width, height, samples, blockWidth, blockHeight, planar } = layout;
  const [across, down, planes] = blocksOf(layout);
  const values = planar ? 1 : samples;
  const page = new ARRAYS[layout.datatype](width * height * samples);
  for (let index = 0; index < across * down * planes; index++) {
    const x = index % across * blockWidth;
    const y = Math.floor(index / across) % down * blockHeight;
    const plane = Math.floor(index / (across * down));
    const rows = layout.tiled ? blockHeight : Math.min(blockHeight, height - y);
    const block = await blockOf(layout, { index, rows }, tiff, options);
    const columns = Math.min(blockWidth, width - x) * values;
    for (let row = 0; row < Math.min(rows, height - y); row++) {
      const from = row * blockWidth * values;
      const to = ((y + row) * width + x) * samples + plane;
      if (!planar) page.set(block.subarray(from, from + columns), to);
      else for (let i = 0; i < columns; i++) page[to + i * samples] = block[from + i];
    }
  }
  if (layout.photometric === "white-is-zero") invert(page, layout.bits);
  return page;
}

/** The values of a block, inflated, with differences summed up. */
async function blockOf(
  layout: PageLayout,
  { index, rows }: { index: number; rows: number },
  { file, source, littleEndian }: TiffSource,
  options: DecodeOptions,
): Promise<Voxels> {
  const { offsets, lengths, compression, datatype, bits, blockWidth, planar, samples } = layout;
  const stored = file.subarray(offsets[index], offsets[index] + lengths[index]);
  const size = rows * rowBytes(layout);
  const inflated = compression === "lzw"
    ? unlzw(stored, size)
    : compression === "packbits"
    ? unpackBits(stored, size)
    : stored;
  const part = { bytes: inflated, source };
  const data = await dataOf(part, { ...options, size, compressed: compression === "deflate" });
  const values = planar ? 1 : samples;
  if (bits < 8) return unpacked(data, { width: blockWidth * values, height: rows, bits });
  const block = toVoxels(data, { datatype, littleEndian, source });
  if (layout.differences) sum(block, { row: blockWidth * values, step: values });
  return block;
}

/** Adds to each value the same of the pixel before, in place; typed arrays wrap as TIFF does. */
function sum(values: Voxels, { row, step }: { row: number; step: number }): void {
  for (let start = 0; start < values.length; start += row) {
    for (let i = start + step; i < start + row; i++) values[i] += values[i - step];
  }
}

/** Makes white the highest value, in place, where it is stored as 0; only unsigned values are. */
function invert(values: Voxels, bits: number): void {
  if (!(values instanceof Uint8Array || values instanceof Uint16Array)) return;
  for (let i = 0; i < values.length; i++) values[i] = 2 ** bits - 1 - values[i];
}
