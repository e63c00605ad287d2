import assert from "node:assert/strict";
import { appendFile } from "node:fs/promises";
import { jsonlSink, readRecords } from "../../../lib/runs/sinks/jsonl.ts";
import { withFolder } from "../../support/datasets.ts";

const STEPS = [1, 2, 3].map((step) => ({ step, loss: 1 / step, learning_rate: 0.1 }));

Deno.test("jsonlSink() adds records, and drops those after the step that a run goes on from", () =>
  withFolder(async (dir) => {
    const sink = jsonlSink(dir);
    await sink.begin(0);
    assert.deepEqual(await Array.fromAsync(Deno.readDir(dir)), []);
    await sink.write("metrics", STEPS.slice(0, 2));
    await sink.write("metrics", STEPS.slice(2));
    await sink.write("quality", [{ step: 2, alignment: 0.5 }]);
    assert.deepEqual(await readRecords(dir, "metrics"), STEPS);
    await sink.begin(2);
    assert.deepEqual(await readRecords(dir, "metrics"), STEPS.slice(0, 2));
    assert.deepEqual(await readRecords(dir, "quality"), [{ step: 2, alignment: 0.5 }]);
    await sink.write("validation", [{ step: 1, dice: 0.5 }, { step: 2, dice: 0.6 }]);
    await sink.begin(1);
    assert.deepEqual(await readRecords(dir, "quality"), []);
    assert.deepEqual(await readRecords(dir, "validation"), [{ step: 1, dice: 0.5 }]);
  }));

Deno.test("readRecords() passes over the torn last line of a killed run", () =>
  withFolder(async (dir) => {
    const sink = jsonlSink(dir);
    await sink.write("metrics", STEPS);
    await appendFile(`${dir}/metrics.jsonl`, '{"step":4,"lo');
    assert.deepEqual(await readRecords(dir, "metrics"), STEPS);
    await sink.begin(9);
    assert.equal((await Deno.readTextFile(`${dir}/metrics.jsonl`)).split("\n").length, 4);
  }));
