import assert from "node:assert/strict";
import { scalarEvent, tfRecord, versionEvent } from "../../../lib/runs/sinks/event_file.ts";

Deno.test("versionEvent() in its frame is what TensorFlow begins a file with", () => {
  const event = versionEvent(0);
  const hex = (bytes: Uint8Array) => bytes.toHex();
  // 09: double wall_time; 1a 0d: string file_version of 13 bytes, "brain.Event:2".
  assert.equal(hex(event), "090000000000000000" + "1a0d627261696e2e4576656e743a32");
  const record = tfRecord(event);
  assert.equal(hex(record.subarray(0, 8)), "1800000000000000");
  // The masked CRC of the length 24, as in any TensorFlow event file.
  assert.equal(hex(record.subarray(8, 12)), "a37f4b22");
  assert.equal(record.length, 8 + 4 + event.length + 4);
});

Deno.test("scalarEvent() holds large steps as varints", () => {
  const event = scalarEvent("a", { step: 300, value: 1, seconds: 0 });
  assert.equal(event.subarray(9).toHex(), "10ac02" + "2a0a" + "0a08" + "0a0161" + "150000803f");
  const far = scalarEvent("a", { step: 2 ** 40, value: 1, seconds: 0 });
  assert.equal(far.subarray(9, 16).toHex(), "10808080808020");
});
