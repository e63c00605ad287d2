/**
 * Inflating with zlib.
 *
 * @module
 */
import { createGunzip } from "node:zlib";

/** The inflated data of a gzip file, zlib's errors put into words; see `Inflate` of gzip.ts. */
export async function* inflateZlib(
  bytes: Uint8Array,
  source: string,
): AsyncGenerator<Uint8Array> {
  const stream = createGunzip({ chunkSize: 1 << 18 });
  stream.end(bytes);
  try {
    yield* stream;
  } catch (error) {
    const { code, message } = error as Error & { code?: string };
    throw new SyntaxError(
      code === "Z_BUF_ERROR"
        ? `${source}: expected a whole gzip file, found its end missing: truncated`
        : `${source}: expected gzip data, found it corrupt (${message})`,
    );
  }
}
