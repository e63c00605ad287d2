/**
 * The safetensors format: named tensors behind a JSON header
 * (https://github.com/huggingface/safetensors).
 *
 * @module
 */

import { excerpt } from "../../io/text/printable.ts";

/** The longest header, as the format's own library has it: parsed, it takes thirty times as much. */
const LONGEST_HEADER = 100_000_000;

/** A tensor outside the backend. */
export interface HostTensor {
  /** Its dimensions; [] is a scalar. */
  shape: readonly number[];
  /** Its values, the last dimension running fastest. */
  values: Float32Array;
}

/** What a file holds. */
export interface Safetensors {
  /** Tensors by name. */
  tensors: Record<string, HostTensor>;
  /** The header's `__metadata__`: free text by key. */
  metadata: Record<string, string>;
}

/** How each type of numbers is read: the bytes of one, and the values of many. */
const READERS: Record<string, { bytes: number; values: (buffer: ArrayBuffer) => Float32Array }> = {
  F32: { bytes: 4, values: (buffer) => new Float32Array(buffer) },
  F16: { bytes: 2, values: (buffer) => Float32Array.from(new Float16Array(buffer)) },
  // The upper half of a float32.
  BF16: {
    bytes: 2,
    values: (buffer) =>
      new Float32Array(Uint32Array.from(new Uint16Array(buffer), (half) => half << 16).buffer),
  },
};

/** Writes float32 tensors, in order of their names, as one file's content. */
export function encodeSafetensors({ tensors, metadata }: Safetensors): Uint8Array<ArrayBuffer> {
  const entries: [name: string, entry: unknown][] = [["__metadata__", metadata]];
  const names = Object.keys(tensors).sort();
  let end = 0;
  for (const name of names) {
    const { shape, values } = tensors[name];
    entries.push([name, { dtype: "F32", shape, data_offsets: [end, end + values.byteLength] }]);
    end += values.byteLength;
  }
  const json = new TextEncoder().encode(JSON.stringify(Object.fromEntries(entries)));
  // The data starts at a multiple of 8 bytes: the header is padded with spaces.
  const start = 8 + Math.ceil(json.length / 8) * 8;
  const file = new Uint8Array(start + end).fill(0x20, 8, start);
  new DataView(file.buffer).setBigUint64(0, BigInt(start - 8), true);
  file.set(json, 8);
  let at = start;
  for (const name of names) {
    const { values } = tensors[name];
    file.set(new Uint8Array(values.buffer, values.byteOffset, values.byteLength), at);
    at += values.byteLength;
  }
  return file;
}

/**
 * Reads float32 tensors, and float16 and bfloat16 ones as float32; whole-number tensors (PyTorch's
 * `num_batches_tracked`) are passed over.
 *
 * @throws {SyntaxError} for anything but a complete, consistent file, naming `source`.
 */
export function decodeSafetensors(file: Uint8Array, source: string): Safetensors {
  const fail = (what: string): never => {
    throw new SyntaxError(`${source}: not a complete safetensors file: ${what}`);
  };
  if (file.length < 8) fail(`expected 8 bytes or more, found ${file.length}`);
  const view = new DataView(file.buffer, file.byteOffset, file.byteLength);
  const length = Number(view.getBigUint64(0, true));
  const data = 8 + length;
  if (data > file.length) {
    fail(`its header of ${length} bytes is longer than the file: it is cut, or of another format`);
  }
  if (length > LONGEST_HEADER) fail(`its header of ${length} bytes is longer than any`);
  const { __metadata__: metadata = {}, ...entries } = parseHeader(file.subarray(8, data), fail);
  if (!isText(metadata)) return fail("its __metadata__ is not an object of text");
  const tensors: [name: string, tensor: HostTensor][] = [];
  let room = file.length - data;
  for (const [name, entry] of Object.entries(entries)) {
    const tensor = `tensor "${excerpt(name)}"`;
    if (!isEntry(entry)) return fail(`${tensor} has no dtype, shape and data_offsets`);
    if (/^[IU]\d+$/.test(entry.dtype)) continue;
    const read = Object.hasOwn(READERS, entry.dtype) ? READERS[entry.dtype] : undefined;
    if (!read) {
      return fail(`${tensor} is ${excerpt(entry.dtype)}, only F32, F16 and BF16 are read`);
    }
    const [begin, end] = entry.data_offsets;
    const count = entry.shape.reduce((product, n) => product * n, 1);
    if (end - begin !== read.bytes * count || data + end > file.length) {
      fail(`${tensor} of shape [${excerpt(`${entry.shape}`)}] does not fit bytes ${begin}–${end}`);
    }
    // Tensors that share bytes would fill memory from a small file.
    room -= end - begin;
    if (room < 0) fail("its tensors overlap");
    const bytes = new Uint8Array(file.subarray(data + begin, data + end));
    tensors.push([name, { shape: entry.shape, values: read.values(bytes.buffer) }]);
  }
  return { tensors: Object.fromEntries(tensors), metadata };
}

function parseHeader(bytes: Uint8Array, fail: (what: string) => never): Record<string, unknown> {
  try {
    const header = JSON.parse(new TextDecoder().decode(bytes));
    if (header && typeof header === "object" && !Array.isArray(header)) return header;
  } catch {
    // Said below, in one line.
  }
  return fail("its header is not a JSON object");
}

function isText(value: unknown): value is Record<string, string> {
  return typeof value === "object" && value !== null && !Array.isArray(value) &&
    Object.values(value).every((text) => typeof text === "string");
}

interface Entry {
  dtype: string;
  shape: number[];
  data_offsets: [number, number];
}

function isEntry(value: unknown): value is Entry {
  const { dtype, shape, data_offsets } = (value ?? {}) as Record<string, unknown>;
  const whole = (list: unknown) =>
    Array.isArray(list) && list.every((n) => Number.isSafeInteger(n) && n >= 0);
  return typeof dtype === "string" && whole(shape) && whole(data_offsets) &&
    (data_offsets as number[]).length === 2;
}
