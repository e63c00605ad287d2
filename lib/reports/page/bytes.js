/**
 * The bytes that `pack` put into the page: zlib in base64.
 *
 * @param {string} packed
 * @returns {Promise<Uint8Array>}
 */
export async function unpack(packed) {
  const bytes = Uint8Array.from(atob(packed), (character) => character.charCodeAt(0));
  const stream = new Blob([bytes]).stream().pipeThrough(new DecompressionStream("deflate"));
  return new Uint8Array(await new Response(stream).arrayBuffer());
}

/**
 * Cuts bytes into parts of one length.
 *
 * @param {Uint8Array} bytes
 * @param {number} length
 * @returns {Uint8Array[]}
 */
export function split(bytes, length) {
  return Array.from(
    { length: bytes.length / length },
    (_, i) => bytes.subarray(i * length, (i + 1) * length),
  );
}
