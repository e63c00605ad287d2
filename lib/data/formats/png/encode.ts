/**
 * PNG files as bytes: masks of pictures.
 *
 * @module
 */
import { encode } from "fast-png";
import type { Volume, Voxels } from "../../volumes/volume.ts";
import { shapeOn } from "../grid.ts";

/**
 * A grey PNG file of labels, of 8 bits, or of 16 where they need them.
 *
 * @param voxels x fastest, as many as one slice of `like` has.
 * @throws {RangeError} If `like` has several slices, or a label is not whole, from 0 to 65535.
 */
export function encodePng(voxels: Voxels, like: Volume): Uint8Array {
  const [width, height, ...rest] = shapeOn(voxels, like);
  if (rest.some((length) => length > 1)) {
    throw new RangeError(
      `${like.source}: expected one slice, found ${rest.join(" × ")}; write a NIfTI file`,
    );
  }
  let highest = 0;
  for (const value of voxels) {
    if (!Number.isInteger(value) || value < 0 || value > 65535) {
      throw new RangeError(`${like.source}: expected labels from 0 to 65535, found ${value}`);
    }
    highest = Math.max(highest, value);
  }
  return highest < 256
    ? encode({ width, height, data: Uint8Array.from(voxels), channels: 1, depth: 8 })
    : encode({ width, height, data: Uint16Array.from(voxels), channels: 1, depth: 16 });
}
