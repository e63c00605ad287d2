/**
 * Inflating with what every browser has, at half the speed of zlib.
 *
 * @module
 */
import { isGzip } from "./gzip.ts";

/** Most bytes that are handed over at once: they inflate to 16 MiB at most. */
const PIECE = 1 << 14;

/** Bytes of a member at least: its header, empty data, checksum and length. */
const LEAST = 20;

/**
 * Inflated data; see `Inflate` of gzip.ts. `DecompressionStream` takes one member
 * and refuses what follows. So pieces end wherever another may begin, and where one is refused just
 * there, and the checksum and length before it say that the member is whole, the next one begins.
 */
export async function* inflateStream(
  bytes: Uint8Array,
  source: string,
): AsyncGenerator<Uint8Array> {
  const kind = isGzip(bytes) ? "gzip" : "zlib";
  for (let start = 0; start < bytes.length;) {
    const member = inflateMember(bytes.subarray(start), kind === "gzip" ? kind : "deflate");
    let [checksum, length] = [0, 0];
    for await (const chunk of member.chunks) {
      checksum = crc32(chunk, checksum);
      length += chunk.length;
      yield chunk;
    }
    if (member.ended) return;
    const end = start + member.taken;
    const least = kind === "gzip" && end - start >= LEAST;
    if (!least || !beginsMember(bytes, end) || !endsMember(bytes, end, checksum, length)) {
      throw new SyntaxError(
        `${source}: expected whole ${kind} data, found it truncated or corrupt`,
      );
    }
    start = end;
  }
}

/** A member that is being inflated. */
interface Member {
  /** What comes out, until all is taken or something is refused. */
  chunks: AsyncIterable<Uint8Array>;
  /** How many bytes were taken. */
  taken: number;
  /** Whether the member ended with the bytes. */
  ended: boolean;
}

function inflateMember(bytes: Uint8Array, format: "gzip" | "deflate"): Member {
  const { readable, writable } = new DecompressionStream(format);
  const member: Member = { chunks: chunks(), taken: 0, ended: false };
  async function feed() {
    const writer = writable.getWriter();
    while (member.taken < bytes.length) {
      const end = pieceEnd(bytes, member.taken);
      await writer.write(new Uint8Array(bytes.subarray(member.taken, end)));
      member.taken = end;
    }
    await writer.close();
    member.ended = true;
  }
  async function* chunks() {
    // `taken` and `ended` tell what was refused.
    const fed = feed().catch(() => {});
    const reader = readable.getReader();
    try {
      for (;;) {
        const { done, value } = await reader.read().catch(() => ({ done: true, value: undefined }));
        if (done || !value) break;
        yield value;
      }
      await fed;
    } finally {
      await reader.cancel().catch(() => {});
    }
  }
  return member;
}

/** Where the piece ends that starts at `start`: before what may be another member. */
function pieceEnd(bytes: Uint8Array, start: number): number {
  const most = Math.min(bytes.length, start + PIECE);
  for (let at = start + 1; at < most; at++) if (beginsMember(bytes, at)) return at;
  return most;
}

/** Whether a member's first bytes stand there: magic, deflate, flags (RFC 1952). */
function beginsMember(bytes: Uint8Array, at: number): boolean {
  return bytes[at] === 0x1f && bytes[at + 1] === 0x8b && bytes[at + 2] === 8 && bytes[at + 3] < 32;
}

/** Whether a member's last bytes stand before `end`: checksum and length modulo 2³². */
function endsMember(bytes: Uint8Array, end: number, checksum: number, length: number): boolean {
  const view = new DataView(bytes.buffer, bytes.byteOffset);
  return view.getUint32(end - 8, true) === checksum &&
    view.getUint32(end - 4, true) === length % 2 ** 32;
}

/** CRC-32 of each byte (RFC 1952). */
const CRC = Uint32Array.from({ length: 256 }, (_, byte) => {
  let value = byte;
  for (let bit = 0; bit < 8; bit++) value = value & 1 ? value >>> 1 ^ 0xedb88320 : value >>> 1;
  return value;
});

/** CRC-32 of some bytes after others. */
function crc32(bytes: Uint8Array, before: number): number {
  let value = ~before;
  for (let i = 0; i < bytes.length; i++) value = value >>> 8 ^ CRC[(value ^ bytes[i]) & 255];
  return ~value >>> 0;
}
