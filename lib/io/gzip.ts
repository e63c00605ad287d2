/**
 * Gzip and zlib with bounded memory, for files that may be hostile.
 *
 * @module
 */

/** Deflate turns one byte into at most 1032 (RFC 1951: 258 bytes for two bits). */
const MAX_RATIO = 1032;

/**
 * Inflates gzip data of one or several members, or zlib data, piece by piece; throws a `SyntaxError`
 * that names `source` where it is truncated or corrupt.
 */
export type Inflate = (bytes: Uint8Array, source: string) => AsyncIterable<Uint8Array>;

/** Options of {@linkcode gunzipStart}. */
export interface GunzipStartOptions {
  /** The file's path or name, for messages. */
  source: string;
  /** What inflates. */
  inflate: Inflate;
}

/** Options of {@linkcode gunzip}. */
export interface GunzipOptions extends GunzipStartOptions {
  /** How many bytes the whole stream may inflate to. */
  maxBytes: number;
}

/** Whether `bytes` start with gzip's magic number. */
export function isGzip(bytes: Uint8Array): boolean {
  return bytes[0] === 0x1f && bytes[1] === 0x8b;
}

/**
 * The first `size` bytes of a file, fewer where it holds fewer. Of gzip data, no more is inflated.
 *
 * @throws {SyntaxError} If the data is truncated or corrupt before that.
 */
export async function gunzipStart(
  bytes: Uint8Array,
  size: number,
  { source, inflate }: GunzipStartOptions,
): Promise<Uint8Array> {
  if (!isGzip(bytes)) return bytes.subarray(0, size);
  const start = new Uint8Array(size);
  let filled = 0;
  for await (const chunk of inflate(bytes, source)) {
    const part = chunk.subarray(0, size - filled);
    start.set(part, filled);
    filled += part.length;
    if (filled === size) break;
  }
  return start.subarray(0, filled);
}

/**
 * Inflates gzip data of one or several members, or zlib data, to its end, so that every checksum is
 * verified, and keeps the first `size` bytes. Memory is taken for those alone, and only if the file
 * can hold them.
 *
 * @returns `size` bytes, fewer where the file holds fewer.
 * @throws {SyntaxError} If the data is truncated or corrupt.
 * @throws {RangeError} If more than `maxBytes` are asked for or come out.
 */
export async function gunzip(
  bytes: Uint8Array,
  size: number,
  { source, maxBytes, inflate }: GunzipOptions,
): Promise<Uint8Array> {
  if (size > maxBytes) throw tooLarge(source, maxBytes, `${size}`);
  if (size > MAX_RATIO * bytes.length) {
    throw new SyntaxError(
      `${source}: expected ${size} bytes, more than ${bytes.length} compressed bytes can hold: truncated`,
    );
  }
  const kept = new Uint8Array(size);
  let total = 0;
  for await (const chunk of inflate(bytes, source)) {
    if (total < size) kept.set(chunk.subarray(0, size - total), total);
    total += chunk.length;
    if (total > maxBytes) throw tooLarge(source, maxBytes, "more");
  }
  return kept.subarray(0, Math.min(total, size));
}

function tooLarge(source: string, maxBytes: number, found: string): RangeError {
  return new RangeError(
    `${source}: expected at most ${maxBytes} bytes of data, found ${found};` +
      ` if the file is to be trusted, raise maxBytes`,
  );
}
