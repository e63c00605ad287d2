/**
 * What a format of scans has to offer; formats.ts has the table of all.
 *
 * @module
 */
import type { Inflate } from "../../io/gzip.ts";
import type { Volume, Voxels } from "../volumes/volume.ts";

/** How large a file, inflated if it is compressed, and its voxels may be by default. */
export const MOST_BYTES = 2 ** 31;

/** Options of decoders. */
export interface DecodeOptions {
  /** How large the file, inflated if it is compressed, and its voxels may be; 2 GiB by default. */
  maxBytes?: number;
  /** What inflates; by default what browsers have, too. */
  inflate?: Inflate;
  /** Gets a file by its name, seen from the file's folder; files of two parts are refused without. */
  beside?: (name: string) => Promise<Uint8Array>;
}

/** How masks are written in a format. */
export interface MaskFormat {
  /** The ending of their names. */
  ending: string;
  /**
   * Labels as a file on the grid of a volume, as many as it has voxels, or as one of its frames has.
   *
   * @throws {RangeError} If there are more or fewer, or the format cannot hold them.
   */
  encode: (labels: Voxels, like: Volume) => Uint8Array | Promise<Uint8Array>;
}

/** A format of scans: pure functions from bytes, so that a browser can use them, too. */
export interface Format {
  /** What people call it. */
  title: string;
  /** Endings of its files' names in lower case; of files of two parts, that of the header. */
  endings: readonly string[];
  /** Whether a whole file may be gzipped. */
  gzipped: boolean;
  /** Whether the first bytes of a file, inflated if it is gzipped, are of this format. */
  recognises: (head: Uint8Array) => boolean;
  /**
   * A file's content as a volume.
   *
   * @param source The file's path or name, for messages and `Volume.source`.
   * @throws {SyntaxError} If it is of another format, truncated or corrupt.
   * @throws {RangeError} If it is larger than `maxBytes`, or holds an impossible value.
   * @throws {TypeError} If it holds what is not supported.
   */
  decode: (file: Uint8Array, source: string, options: DecodeOptions) => Promise<Volume>;
  /** How masks are written, the usual way first; none where they are not. */
  masks: readonly MaskFormat[];
}
