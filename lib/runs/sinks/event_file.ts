/**
 * TensorBoard's event files: protocol buffers (tensorflow/core/util/event.proto and
 * framework/summary.proto) in TFRecord frames (tensorflow/core/lib/io/record_writer.h).
 *
 * @module
 */
import { concatBytes } from "../../io/concat_arrays.ts";
import { crc32c } from "../../io/crc32c.ts";
import {
  bytesField,
  doubleField,
  floatField,
  little,
  textField,
  varintField,
} from "../../io/protobuf.ts";

/** A number at a step. */
export interface Scalar {
  /** The step. */
  step: number;
  /** The number; kept as float32. */
  value: number;
  /** When it was measured, in seconds since 1970. */
  seconds: number;
}

/** The event that every file begins with. */
export function versionEvent(seconds: number): Uint8Array {
  return event(seconds, [textField(3, "brain.Event:2")]);
}

/** The event of a (re)start: what earlier files hold from `step` on no longer counts. */
export function startEvent(step: number, seconds: number): Uint8Array {
  const start = varintField(1, 1);
  return event(seconds, [varintField(2, step), bytesField(7, start)]);
}

/** The event of a number under a tag. */
export function scalarEvent(tag: string, { step, value, seconds }: Scalar): Uint8Array {
  const summaryValue = concatBytes([textField(1, tag), floatField(2, value)]);
  return event(seconds, [varintField(2, step), bytesField(5, bytesField(1, summaryValue))]);
}

/** An event in its frame: length, masked CRC32C of the length, event, masked CRC32C of the event. */
export function tfRecord(data: Uint8Array): Uint8Array {
  const length = new Uint8Array(8);
  new DataView(length.buffer).setBigUint64(0, BigInt(data.length), true);
  return concatBytes([length, checksum(length), data, checksum(data)]);
}

/** Masked as TFRecord asks: rotated right by 15 bits, plus a constant; little-endian. */
function checksum(data: Uint8Array): Uint8Array {
  const crc = crc32c(data);
  return little(4, (view) => view.setUint32(0, ((crc >>> 15) | (crc << 17)) + 0xa282ead8, true));
}

function event(seconds: number, fields: readonly Uint8Array[]): Uint8Array {
  return concatBytes([doubleField(1, seconds), ...fields]);
}
