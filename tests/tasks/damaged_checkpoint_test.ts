import assert from "node:assert/strict";
import { withFolder } from "../support/datasets.ts";
import { expectDone, runTask, TINY } from "../support/run_task.ts";
import { writeCohort } from "./cohort.ts";

Deno.test("a damaged checkpoint is told of, and the one before it is gone on from", () =>
  withFolder(async (dir) => {
    const [data, out, whole] = [`${dir}/cohort`, `${dir}/damaged`, `${dir}/whole`];
    await writeCohort(data);
    const begin = ["--data", data, "--steps", "20", "--save-every", "0", ...TINY];
    await expectDone("pretrain", "--out", whole, ...begin);
    await expectDone("pretrain", "--out", out, ...begin);
    const path = `${out}/checkpoint/model.safetensors`;
    Deno.truncateSync(path, Deno.statSync(path).size - 100);
    const adapt = ["--data", data, "--pretrained", out, "--out", `${dir}/adapted`];
    const used =
      /model\.safetensors: not a complete .*; the one before it is used, of step 10 of 20/;
    const adapted = await runTask("finetune", ...adapt);
    assert.equal(adapted.code, 0, adapted.stderr);
    assert.match(adapted.stderr, used);
    const resumed = await runTask("pretrain", "--data", data, "--out", out, "--resume");
    assert.equal(resumed.code, 0, resumed.stderr);
    assert.match(resumed.stderr, used);
    assert.deepEqual(Deno.readFileSync(path), Deno.readFileSync(path.replace(out, whole)));
  }));
