import type { Packed } from "../page_data.ts";

/** The bytes that `pack` put into the page: zlib in base64. */
export async function unpack(packed: Packed): Promise<Uint8Array<ArrayBuffer>> {
  const bytes = Uint8Array.from(atob(packed), (character) => character.charCodeAt(0));
  const stream = new Blob([bytes]).stream().pipeThrough(new DecompressionStream("deflate"));
  return new Uint8Array(await new Response(stream).arrayBuffer());
}

/** Cuts an array into parts of one length. */
export function split<T extends Uint8Array | Float32Array>(array: T, length: number): T[] {
  return Array.from(
    { length: array.length / length },
    (_, i) => array.subarray(i * length, (i + 1) * length) as T,
  );
}
