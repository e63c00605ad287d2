/**
 * How blocks of TIFF files are compressed, other than by zlib.
 *
 * @module
 */

/** Codes of LZW: the table begins anew, and the data ends. */
const [CLEAR, END] = [256, 257];

/** Entries that LZW's table holds at most. */
const MOST_ENTRIES = 4096;

/**
 * LZW as in TIFF 6.0, section 13: codes from 9 bits, the highest bit first, that grow one entry
 * early. Every string of the table was written before, so that an entry says where and how long.
 *
 * @returns `size` bytes, fewer where the data ends before or is corrupt.
 */
export function unlzw(bytes: Uint8Array, size: number): Uint8Array {
  const out = new Uint8Array(size);
  const starts = new Uint32Array(MOST_ENTRIES);
  const lengths = new Uint32Array(MOST_ENTRIES);
  let [at, next, width, last] = [0, END + 1, 9, 0];
  let [bits, held] = [0, 0];
  for (let i = 0; at < size;) {
    for (; held < width && i < bytes.length; held += 8) bits = (bits & 0xffff) << 8 | bytes[i++];
    if (held < width) break;
    held -= width;
    const code = bits >> held & (1 << width) - 1;
    if (code === END) break;
    if (code === CLEAR) {
      [next, width, last] = [END + 1, 9, 0];
      continue;
    }
    if (last > 0 && next < MOST_ENTRIES) {
      [starts[next], lengths[next]] = [at - last, last + 1];
      if (++next >= (1 << width) - 1 && width < 12) width++;
    }
    if (code >= next) break;
    const start = at;
    if (code < CLEAR) out[at++] = code;
    else for (let k = 0; k < lengths[code] && at < size; k++) out[at++] = out[starts[code] + k];
    last = at - start;
  }
  return out.subarray(0, at);
}

/**
 * PackBits as in TIFF 6.0, section 9: runs of bytes as they are, or of one byte repeated.
 *
 * @returns `size` bytes, fewer where the data ends before.
 */
export function unpackBits(bytes: Uint8Array, size: number): Uint8Array {
  const out = new Uint8Array(size);
  let at = 0;
  for (let i = 0; i < bytes.length && at < size;) {
    const run = bytes[i++];
    if (run === 128) continue;
    const count = Math.min(run < 128 ? run + 1 : 257 - run, size - at);
    if (run < 128) {
      out.set(bytes.subarray(i, i + count), at);
      i += run + 1;
    } else {
      out.fill(bytes[i++], at, at + count);
    }
    at += count;
  }
  return out.subarray(0, at);
}
