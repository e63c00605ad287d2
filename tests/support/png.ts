/** Small PNG files made chunk by chunk, so that tests can break any of them. */
import { crc32 } from "node:zlib";

/** A chunk without its length and checksum. */
export type PngChunk = [name: string, data: readonly number[] | Uint8Array];

/** A PNG file of these chunks. */
export function pngBytes(...chunks: PngChunk[]): Uint8Array {
  const parts = chunks.map(([name, data]) => {
    const chunk = new Uint8Array(12 + data.length);
    const view = new DataView(chunk.buffer);
    view.setUint32(0, data.length);
    chunk.set(new TextEncoder().encode(name), 4);
    chunk.set(data, 8);
    view.setUint32(8 + data.length, crc32(chunk.subarray(4, 8 + data.length)));
    return [...chunk];
  });
  return Uint8Array.of(0x89, 0x50, 0x4e, 0x47, 13, 10, 26, 10, ...parts.flat());
}
