import assert from "node:assert/strict";
import { existsSync } from "node:fs";
import { tensorboardSink } from "../../../lib/runs/sinks/tensorboard.ts";
import { withFolder } from "../../support/datasets.ts";

const PYTHON = "/usr/bin/python3";

/**
 * An independent reader, in Python without TensorBoard: checks both checksums of every record, bit by
 * bit, and prints [step, file version, session status, tag, value] of its event.
 */
const READ = `
import json, struct, sys

def crc32c(data):
    crc = 0xffffffff
    for byte in data:
        crc ^= byte
        for _ in range(8):
            crc = crc >> 1 ^ (0x82f63b78 if crc & 1 else 0)
    return crc ^ 0xffffffff

def masked(data):
    crc = crc32c(data)
    return ((crc >> 15 | crc << 17) + 0xa282ead8) & 0xffffffff

def varint(data, at):
    value = shift = 0
    while True:
        value |= (data[at] & 0x7f) << shift
        at, shift = at + 1, shift + 7
        if data[at - 1] < 0x80:
            return value, at

def fields(data):
    at, found = 0, {}
    while at < len(data):
        key, at = varint(data, at)
        if key & 7 == 0:
            value, at = varint(data, at)
        else:
            size, at = varint(data, at) if key & 7 == 2 else ({1: 8, 5: 4}[key & 7], at)
            value, at = data[at:at + size], at + size
            assert len(value) == size, "truncated field"
        found[key >> 3] = value
    return found

data = open(sys.argv[1], "rb").read()
at = 0
while at < len(data):
    size, crc = struct.unpack_from("<QI", data, at)
    assert crc == masked(data[at:at + 8]), "checksum of a length"
    body = data[at + 12:at + 12 + size]
    assert struct.unpack_from("<I", data, at + 12 + size)[0] == masked(body), "checksum of an event"
    at += 16 + size
    event = fields(body)
    assert struct.unpack("<d", event[1])[0] > 1.7e9, "no wall time"
    value = fields(fields(event[5])[1]) if 5 in event else {}
    print(json.dumps([
        event.get(2), event[3].decode() if 3 in event else None,
        fields(event[7])[1] if 7 in event else None,
        value[1].decode() if value else None,
        struct.unpack("<f", value[2])[0] if value else None]))
`;

const skipped = existsSync(PYTHON) ? "" : " (skipped: no python3)";

Deno.test({
  name: `tensorboardSink() writes event files that another program reads${skipped}`,
  ignore: skipped !== "",
  fn: () =>
    withFolder(async (dir) => {
      const sink = tensorboardSink(dir);
      await sink.begin(0);
      await sink.write("metrics", [{ step: 1, loss: 0.5, learning_rate: 0.25 }]);
      await sink.write("metrics", [{ step: 200, loss: -3, learning_rate: 0 }]);
      await sink.write("quality", [{ step: 200, effective_rank: 12.5 }]);
      const [first] = files(dir);
      assert.match(first, /^events\.out\.tfevents\.\d{13}\.pix2rep$/);
      assert.deepEqual(await read(`${dir}/${first}`), [
        [null, "brain.Event:2", null, null, null],
        [1, null, 1, null, null],
        [1, null, null, "metrics/loss", 0.5],
        [1, null, null, "metrics/learning_rate", 0.25],
        [200, null, null, "metrics/loss", -3],
        [200, null, null, "metrics/learning_rate", 0],
        [200, null, null, "quality/effective_rank", 12.5],
      ]);
      await new Promise((resolve) => setTimeout(resolve, 2));
      const goneOn = tensorboardSink(dir);
      await goneOn.begin(100);
      await goneOn.write("metrics", [{ step: 101, loss: 1, learning_rate: 0 }]);
      const [, second] = files(dir);
      assert.ok(second > first);
      const [, start, loss] = await read(`${dir}/${second}`);
      assert.deepEqual(start, [101, null, 1, null, null]);
      assert.deepEqual(loss, [101, null, null, "metrics/loss", 1]);
    }),
});

function files(dir: string): string[] {
  return [...Deno.readDirSync(dir)].map(({ name }) => name).sort();
}

/** The events of a file. */
async function read(path: string): Promise<unknown[]> {
  const { code, stdout, stderr } = await new Deno.Command(PYTHON, {
    args: ["-c", READ, path],
  }).output();
  assert.equal(code, 0, new TextDecoder().decode(stderr));
  return new TextDecoder().decode(stdout).trimEnd().split("\n").map((line) => JSON.parse(line));
}
