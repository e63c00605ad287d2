/**
 * CRC32C (Castagnoli, RFC 3720 B.4): a checksum that takes no library and no waiting.
 *
 * @module
 */

/** The CRC32C of bytes; `from` is that of the bytes before them. */
export function crc32c(data: Uint8Array, from = 0): number {
  let crc = ~from;
  for (let i = 0; i < data.length; i++) crc = TABLE[(crc ^ data[i]) & 0xff] ^ (crc >>> 8);
  return ~crc >>> 0;
}

/** The CRC of each byte; the polynomial is 0x1EDC6F41, its bits reversed. */
const TABLE = Uint32Array.from({ length: 256 }, (_, byte) => {
  for (let bit = 0; bit < 8; bit++) byte = byte & 1 ? (byte >>> 1) ^ 0x82f63b78 : byte >>> 1;
  return byte;
});
