/**
 * Where the voxels of a file lie: from its header alone where that is quick.
 *
 * @module
 */
import { constants, gunzipSync } from "node:zlib";
import { placement } from "./formats/nifti/geometry.ts";
import { parseHeader, versionOf } from "./formats/nifti/header.ts";
import { isGzip } from "./gzip.ts";
import { type ReadBytesOptions, readFirstBytes } from "./read_file.ts";
import { readVolume } from "./read_volume.ts";
import type { GridOf } from "./voxel_order.ts";

/** Bytes of a file, gzipped or not, that hold NIfTI's header. */
const START_BYTES = 2 ** 12;

/**
 * The grid of a scan. Files of other formats than NIfTI are read whole.
 *
 * @throws As `readVolume` does.
 */
export async function readGrid(
  path: string,
  { within }: Pick<ReadBytesOptions, "within"> = {},
): Promise<GridOf> {
  const start = await readFirstBytes(path, START_BYTES, { within });
  // The data ends in the middle of a member: what comes out until there is enough.
  const whole = { finishFlush: constants.Z_SYNC_FLUSH };
  const head = isGzip(start) ? gunzipSync(start, whole) : start;
  if (versionOf(head) === undefined) {
    const { shape, spacing, affine, geometry } = await readVolume(path, { within });
    return { shape, spacing, affine, geometry };
  }
  const { shape, geometry } = parseHeader(head, path);
  const { spacing, affine } = placement(geometry, shape, path);
  return { shape, spacing, affine, geometry };
}
