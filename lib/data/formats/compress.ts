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
