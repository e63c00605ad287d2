/**
 * Protocol buffers, as far as they are written here: fields of a message, one after the other
 * (https://protobuf.dev/programming-guides/encoding).
 *
 * @module
 */
import { concatBytes } from "./concat_arrays.ts";

/** A whole number from 0 on. */
export function varintField(field: number, value: number): Uint8Array {
  return concatBytes([key(field, 0), varint(value)]);
}

/** Bytes, or a message in bytes. */
export function bytesField(field: number, data: Uint8Array): Uint8Array {
  return concatBytes([key(field, 2), varint(data.length), data]);
}

/** Text. */
export function textField(field: number, text: string): Uint8Array {
  return bytesField(field, new TextEncoder().encode(text));
}

/** A number as float32. */
export function floatField(field: number, value: number): Uint8Array {
  return concatBytes([key(field, 5), little(4, (view) => view.setFloat32(0, value, true))]);
}

/** A number as float64. */
export function doubleField(field: number, value: number): Uint8Array {
  return concatBytes([key(field, 1), little(8, (view) => view.setFloat64(0, value, true))]);
}

/** So many bytes, written through a view. */
export function little(length: number, write: (view: DataView) => void): Uint8Array {
  const bytes = new Uint8Array(length);
  write(new DataView(bytes.buffer));
  return bytes;
}

/** A field's number and wire type. */
function key(field: number, wireType: number): Uint8Array {
  return varint(field << 3 | wireType);
}

/** Seven bits a byte, the lowest first, the eighth set on all but the last. */
function varint(value: number): Uint8Array {
  const bytes: number[] = [];
  for (; value > 0x7f; value = Math.floor(value / 128)) bytes.push(value % 128 | 0x80);
  return Uint8Array.of(...bytes, value);
}
