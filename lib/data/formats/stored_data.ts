/**
 * The voxels' bytes out of a file, or out of one beside it, in bounded memory.
 *
 * @module
 */
import { gunzip } from "../../io/gzip.ts";
import { inflateStream } from "../../io/inflate_stream.ts";
import { excerpt } from "../../io/text/printable.ts";
import { type DecodeOptions, MOST_BYTES } from "./format.ts";

/** Bytes of a file, and where they come from. */
export interface Part {
  /** The bytes. */
  bytes: Uint8Array;
  /** Path or name of their file, for messages. */
  source: string;
}

/**
 * What holds the voxels of a header: the rest of its file, or another file that it names.
 *
 * @throws {SyntaxError} If it names another file and none can be reached.
 */
export async function partOf(
  { bytes, source }: Part,
  { end, dataFile }: { end: number; dataFile?: string },
  { beside }: DecodeOptions,
): Promise<Part> {
  if (dataFile === undefined) return { bytes: bytes.subarray(end), source };
  const name = excerpt(dataFile);
  if (!beside) {
    throw new SyntaxError(
      `${source}: expected voxels in the file itself, found them in ${name}; join both into one file`,
    );
  }
  return { bytes: await beside(dataFile), source: `${source} (${name})` };
}

/** Options of {@linkcode dataOf}. */
export interface DataOptions extends DecodeOptions {
  /** How many bytes the voxels take. */
  size: number;
  /** Whether the data is compressed with gzip or zlib. */
  compressed: boolean;
}

/**
 * The first `size` bytes of what is stored.
 *
 * @throws {SyntaxError} If there are fewer, or they are corrupt.
 * @throws {RangeError} If they are more than `maxBytes`.
 */
export async function dataOf(
  { bytes, source }: Part,
  { size, compressed, maxBytes = MOST_BYTES, inflate = inflateStream }: DataOptions,
): Promise<Uint8Array> {
  const data = compressed
    ? await gunzip(bytes, size, { source, maxBytes, inflate })
    : bytes.subarray(0, size);
  if (data.length < size) {
    throw new SyntaxError(
      `${source}: expected ${size} bytes of voxels, found ${data.length}: truncated`,
    );
  }
  return data;
}

/** Says where data holds more than the voxels that its header speaks of; nothing where not. */
export function surplus({ bytes }: Part, size: number): string[] {
  const more = bytes.length - size;
  return more > 0 ? [`The data goes on for ${more} bytes after the voxels; see the header.`] : [];
}
