/**
 * Reading the beginning of a file, gzipped or not.
 *
 * @module
 */
import { constants, gunzipSync } from "node:zlib";
import { isGzip } from "./gzip.ts";
import { type ReadBytesOptions, readFirstBytes } from "./read_file.ts";

/** Bytes of a file that hold a scan's header; of text, but for long notes. */
const HEAD_BYTES = 2 ** 12;

/** The beginning of a file. */
export interface FileHead {
  /** Its first bytes, inflated where the file is gzipped. */
  bytes: Uint8Array;
  /** Whether they are the whole file. */
  whole: boolean;
}

/**
 * The beginning of a file, inflated where it is gzipped.
 *
 * @throws {Error} If there is no such file, or it is gzipped but corrupt.
 */
export async function readHead(
  path: string,
  options: Pick<ReadBytesOptions, "within"> = {},
): Promise<FileHead> {
  const start = await readFirstBytes(path, HEAD_BYTES, options);
  // The data ends in the middle of a member: what comes out until there is enough.
  const bytes = isGzip(start) ? gunzipSync(start, { finishFlush: constants.Z_SYNC_FLUSH }) : start;
  return { bytes, whole: start.length < HEAD_BYTES };
}
