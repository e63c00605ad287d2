/**
 * Where the voxels of a file lie, from its header alone.
 *
 * @module
 */
import { constants, gunzipSync } from "node:zlib";
import { gridOfHead } from "./formats/formats.ts";
import { headerOfImage } from "./formats/pairs.ts";
import { isGzip } from "./gzip.ts";
import { type ReadBytesOptions, readFirstBytes } from "./read_file.ts";
import type { GridOf } from "./voxel_order.ts";

/** Bytes of a file that hold the header, and of one in gzip, whose header is short. */
const START_BYTES = { plain: 2 ** 16, gzipped: 2 ** 12 };

/**
 * The grid of a file; undefined where its format tells none, as pictures do not.
 *
 * @throws {Error} If there is no such file, or its header is not sound.
 */
export async function readGrid(
  path: string,
  { within }: Pick<ReadBytesOptions, "within"> = {},
): Promise<GridOf | undefined> {
  const source = headerOfImage(path) ?? path;
  const start = await readFirstBytes(source, START_BYTES.plain, { within });
  // The data ends in the middle of a member: what comes out until there is enough.
  const whole = { finishFlush: constants.Z_SYNC_FLUSH };
  const head = isGzip(start) ? gunzipSync(start.subarray(0, START_BYTES.gzipped), whole) : start;
  return gridOfHead(head, source);
}
