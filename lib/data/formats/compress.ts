/**
 * Compressing with what browsers have, too.
 *
 * @module
 */

/** Bytes compressed with gzip, or with zlib ("deflate"). */
export async function compress(
  bytes: Uint8Array,
  format: "gzip" | "deflate",
): Promise<Uint8Array> {
  const stream = new Blob([new Uint8Array(bytes)]).stream().pipeThrough(
    new CompressionStream(format),
  );
  return new Uint8Array(await new Response(stream).arrayBuffer());
}

/** Some bytes after others. */
export function joined(...parts: readonly Uint8Array[]): Uint8Array {
  const all = new Uint8Array(parts.reduce((sum, { length }) => sum + length, 0));
  let at = 0;
  for (const part of parts) {
    all.set(part, at);
    at += part.length;
  }
  return all;
}
