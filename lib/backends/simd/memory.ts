/**
 * The one memory that all tensors, scratch space and threads share, and its allocator: first fit
 * over free ranges in the order of their addresses, neighbours merged.
 *
 * @module
 */

/** Bytes per page of WebAssembly memory. */
const PAGE = 65536;
/** Pages of 4 GB, all that a 32-bit address reaches. */
const MOST_PAGES = 65536;
/** The most that a backend of this kind can hold, in bytes. */
export const SIMD_BYTES = MOST_PAGES * PAGE;
/** Every block starts at a multiple of a cache line. */
const LINE = 64;
/** Least growth: growing is slow, and asks every thread. */
const GROWTH = 64 * 2 ** 20;

declare const address: unique symbol;

/** An address in the shared memory, in bytes. Nothing but {@linkcode SharedMemory} gives one out. */
export type Pointer = number & { readonly [address]: true };

/** The address so many values of 4 bytes after another; before it, where that is negative. */
export function after(pointer: Pointer, values: number): Pointer {
  return pointer + 4 * values as Pointer;
}

/** A range of memory, in bytes. */
interface Range {
  start: number;
  bytes: number;
}

/** A shared memory with blocks of it given out. */
export interface SharedMemory {
  /** The memory itself. */
  memory: WebAssembly.Memory;
  /** Takes a block; `purpose` names it where memory runs out. Throws a `RangeError` then. */
  allocate(bytes: number, purpose: string): Pointer;
  /** Gives a block back. */
  release(pointer: Pointer): void;
  /** Bytes given out. */
  used(): number;
  /** Bytes taken from the system. */
  size(): number;
  /** Whether blocks that are given back are filled with NaN: a test of use after dispose. */
  poison: boolean;
}

/**
 * Makes a memory that grows up to `maxBytes`.
 *
 * @param maxBytes at most 2³².
 */
export function createMemory(maxBytes: number): SharedMemory {
  const limit = Math.min(MOST_PAGES, Math.floor(maxBytes / PAGE));
  // All that 32 bits can address is reserved, whatever the limit: no wrong address of a kernel can
  // reach other data of the process, even where V8's bounds checks are switched off.
  const memory = new WebAssembly.Memory({ initial: 1, maximum: MOST_PAGES, shared: true });
  const blocks = new Map<Pointer, number>();
  const free: Range[] = [];
  let used = 0;
  const shared: SharedMemory = {
    memory,
    poison: false,
    used: () => used,
    size: () => memory.buffer.byteLength,
    allocate(wanted, purpose) {
      const bytes = Math.max(LINE, Math.ceil(wanted / LINE) * LINE);
      let pointer = take(free, bytes);
      if (pointer === undefined) {
        const grown = grow(memory, bytes - freeBefore(free, memory.buffer.byteLength), limit);
        if (!grown) throw outOfMemory(purpose, { bytes, used, most: limit * PAGE });
        insert(free, grown);
        pointer = take(free, bytes)!;
      }
      blocks.set(pointer, bytes);
      used += bytes;
      return pointer;
    },
    release(pointer) {
      const bytes = blocks.get(pointer);
      if (bytes === undefined) return;
      blocks.delete(pointer);
      used -= bytes;
      if (shared.poison) new Float32Array(memory.buffer, pointer, bytes / 4).fill(NaN);
      insert(free, { start: pointer, bytes });
    },
  };
  return shared;
}

/** Takes so many bytes from the first free range that has them. */
function take(free: Range[], bytes: number): Pointer | undefined {
  const at = free.findIndex((range) => range.bytes >= bytes);
  if (at < 0) return undefined;
  const range = free[at];
  const pointer = range.start as Pointer;
  range.start += bytes;
  range.bytes -= bytes;
  if (range.bytes === 0) free.splice(at, 1);
  return pointer;
}

/** Puts a range among the free ones, joined with its neighbours. */
function insert(free: Range[], range: Range): void {
  let at = free.findIndex(({ start }) => start > range.start);
  if (at < 0) at = free.length;
  const next = free[at];
  if (next && range.start + range.bytes === next.start) {
    range = { start: range.start, bytes: range.bytes + next.bytes };
    free.splice(at, 1);
  }
  const before = free[at - 1];
  if (before && before.start + before.bytes === range.start) before.bytes += range.bytes;
  else free.splice(at, 0, range);
}

/** How many bytes are free just before the end of the memory. */
function freeBefore(free: Range[], end: number): number {
  const last = free.at(-1);
  return last && last.start + last.bytes === end ? last.bytes : 0;
}

/**
 * Grows a memory by so many bytes or more, up to `limit` pages, and gives the new range; nothing
 * where there is no room.
 */
function grow(memory: WebAssembly.Memory, bytes: number, limit: number): Range | undefined {
  const start = memory.buffer.byteLength;
  const room = limit - start / PAGE;
  const wanted = Math.ceil(bytes / PAGE);
  if (wanted > room) return undefined;
  const pages = Math.min(room, Math.max(wanted, GROWTH / PAGE));
  try {
    memory.grow(pages);
  } catch {
    return undefined;
  }
  return { start, bytes: pages * PAGE };
}

function outOfMemory(
  purpose: string,
  { bytes, used, most }: Record<"bytes" | "used" | "most", number>,
): RangeError {
  return new RangeError(
    `simd backend: no memory for ${purpose} (${megabytes(bytes)}): ${megabytes(used)} of ` +
      `${megabytes(most)} in use; reduce the batch size, the image size or the ` +
      `widths of the network, or raise maxBytes (at most 4096 MB)`,
  );
}

function megabytes(bytes: number): string {
  return `${(bytes / 2 ** 20).toFixed(1)} MB`;
}
