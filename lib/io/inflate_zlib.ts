/**
 * Inflating with zlib.
 *
 * @module
 */
import { createGunzip, createInflate } from "node:zlib";
import { isGzip } from "./gzip.ts";

/** Inflated data, zlib's errors put into words; see `Inflate` of gzip.ts. */
export async function* inflateZlib(
  bytes: Uint8Array,
  source: string,
): AsyncGenerator<Uint8Array> {
  const kind = isGzip(bytes) ? "gzip" : "zlib";
  const stream = (kind === "gzip" ? createGunzip : createInflate)({ chunkSize: 1 << 18 });
  stream.end(bytes);
  try {
    yield* stream;
  } catch (error) {
    const { code, message } = error as Error & { code?: string };
    throw new SyntaxError(
      code === "Z_BUF_ERROR"
        ? `${source}: expected a whole ${kind} file, found its end missing: truncated`
        : `${source}: expected ${kind} data, found it corrupt (${message})`,
    );
  }
}
