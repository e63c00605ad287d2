import assert from "node:assert/strict";
import { appendFile } from "node:fs/promises";
import { csvSink } from "../../../lib/runs/sinks/csv.ts";
import { withFolder } from "../../support/datasets.ts";

Deno.test("csvSink() writes a table of each name, and goes on with it after a kill", () =>
  withFolder(async (dir) => {
    const table = (name: string) => Deno.readTextFileSync(`${dir}/${name}.csv`);
    const sink = csvSink(dir);
    await sink.begin(0);
    await sink.write("metrics", []);
    await sink.write("metrics", [{ step: 1, loss: 0.5, learning_rate: 1e-7 }]);
    await sink.write("metrics", [{ step: 2, loss: 0.25, learning_rate: 0 }]);
    await sink.write("quality", [{ step: 2, alignment: 3 }]);
    assert.equal(table("training"), "step,loss,learning_rate\r\n1,0.5,1e-7\r\n2,0.25,0\r\n");
    assert.equal(table("quality"), "step,alignment\r\n2,3\r\n");
    await appendFile(`${dir}/training.csv`, "3,0.1");
    const goneOn = csvSink(dir);
    await goneOn.begin(1);
    await goneOn.write("metrics", [{ step: 2, learning_rate: 0, loss: 0.125 }]);
    assert.equal(table("training"), "step,loss,learning_rate\r\n1,0.5,1e-7\r\n2,0.125,0\r\n");
    assert.equal(table("quality"), "step,alignment\r\n");
  }));
