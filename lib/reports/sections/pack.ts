/**
 * Bytes inside a page.
 *
 * @module
 */
import { deflateSync } from "node:zlib";

/** Bytes as text for a page's script to unpack: zlib (RFC 1950) in base64. */
export function pack(bytes: Uint8Array | Int8Array): string {
  const { buffer, byteOffset, byteLength } = bytes;
  return deflateSync(new Uint8Array(buffer, byteOffset, byteLength), { level: 9 })
    .toString("base64");
}

/** Values in [0, 1] as bytes; what lies outside is clipped. */
export function toBytes(values: Float32Array): Uint8Array {
  return Uint8Array.from(values, (value) => Math.round(255 * Math.min(1, Math.max(0, value))));
}

/** Arrays of bytes, one after another. */
export function joinBytes(parts: readonly Uint8Array[]): Uint8Array {
  const joined = new Uint8Array(parts.reduce((sum, { length }) => sum + length, 0));
  parts.reduce((at, part) => (joined.set(part, at), at + part.length), 0);
  return joined;
}
