/**
 * TIFF files as bytes: masks on the grid of a volume that was read.
 *
 * @module
 */
import { concatBytes } from "../../../io/concat_arrays.ts";
import type { Volume, Voxels } from "../../volumes/volume.ts";
import { datatypeOf, fromVoxels } from "../datatype.ts";
import { shapeOn } from "../grid.ts";

/** Bytes of a header, and of a page's directory of so many fields. */
const [HEADER, FIELDS] = [8, 10];
const DIRECTORY = 2 + 12 * FIELDS + 4;

/**
 * A TIFF file, not compressed, with a page for each slice.
 *
 * @param voxels x fastest, as many as one frame of `like` has.
 * @throws {RangeError} If the number of voxels is another, there are several frames, or the file
 * would be larger than 4 GiB, which TIFF cannot be.
 */
export function encodeTiff(voxels: Voxels, like: Volume): Uint8Array {
  const [width, height, pages, frames = 1] = shapeOn(voxels, like);
  const start = HEADER + pages * DIRECTORY;
  if (frames > 1 || start + voxels.byteLength >= 2 ** 32) {
    throw new RangeError(
      `${like.source}: expected one frame of less than 4 GiB, found ${frames} of ` +
        `${voxels.byteLength / frames} bytes; write a NIfTI file`,
    );
  }
  const head = new DataView(new ArrayBuffer(start));
  head.setUint32(0, 0x49492a00); // little-endian
  head.setUint32(4, HEADER, true);
  const size = voxels.byteLength / pages;
  const datatype = datatypeOf(voxels);
  const format = datatype.startsWith("u") ? 1 : datatype.startsWith("i") ? 2 : 3;
  for (let page = 0; page < pages; page++) {
    const at = HEADER + page * DIRECTORY;
    head.setUint16(at, FIELDS, true);
    [
      [256, width],
      [257, height],
      [258, 8 * voxels.BYTES_PER_ELEMENT],
      [259, 1], // not compressed
      [262, 1], // black is zero
      [273, start + page * size],
      [277, 1], // values of a pixel
      [278, height],
      [279, size],
      [339, format],
    ].forEach(([tag, value], i) => field(head, at + 2 + 12 * i, { tag, value }));
    const next = page + 1 < pages ? at + DIRECTORY : 0;
    head.setUint32(at + 2 + 12 * FIELDS, next, true);
  }
  return concatBytes([new Uint8Array(head.buffer), fromVoxels(voxels, { littleEndian: true })]);
}

/** A field of one long integer. */
function field(view: DataView, at: number, { tag, value }: { tag: number; value: number }): void {
  view.setUint16(at, tag, true);
  view.setUint16(at + 2, 4, true);
  view.setUint32(at + 4, 1, true);
  view.setUint32(at + 8, value, true);
}
