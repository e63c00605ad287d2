import assert from "node:assert/strict";
import { readCheckpoint } from "../../lib/training/checkpoint.ts";
import { withFolder } from "../support/datasets.ts";
import { expectDone, outcome, runTask, startTask, TINY } from "../support/run_task.ts";
import { writeCohort } from "./cohort.ts";

Deno.test({
  name: "a full disk stops a run in one line; its checkpoint is whole, and it goes on from there",
  ignore: Deno.build.os === "windows",
  fn: () =>
    withFolder(async (dir) => {
      const [data, out, whole] = [`${dir}/cohort`, `${dir}/full`, `${dir}/whole`];
      await writeCohort(data);
      const run = (out: string) => [
        ...["--data", data, "--out", out, "--steps", "600", "--save-every", "0", ...TINY],
      ];
      await expectDone("pretrain", ...run(whole));
      // The limit on a file's size is what the metrics outgrow, and the checkpoints do not.
      const { size } = Deno.statSync(`${whole}/checkpoint/model.safetensors`);
      const metrics = Deno.statSync(`${whole}/metrics.jsonl`).size;
      const limit = Math.ceil(size / 512) + 8;
      assert.ok(metrics > 512 * limit, `${metrics} bytes of metrics, ${size} of a checkpoint`);

      const { code, stderr } = await outcome(
        startTask("pretrain", run(out), { fileBlocks: limit }),
      );
      assert.equal(code, 1, stderr);
      assert.match(
        stderr,
        /pretrain: .*metrics: expected room to write it, found none \(EFBIG: .*\n$/,
      );
      const { metadata } = await readCheckpoint(`${out}/checkpoint/model.safetensors`);
      assert.ok(Number(metadata.step) > 0);

      await expectDone("pretrain", "--data", data, "--out", out, "--resume");
      for (const name of ["checkpoint/model.safetensors", "metrics.jsonl"]) {
        const read = (folder: string) => Deno.readFileSync(`${folder}/${name}`);
        assert.deepEqual(read(out), read(whole), name);
      }
    }),
});

Deno.test("a damaged checkpoint is told of, and the one before it is gone on from", () =>
  withFolder(async (dir) => {
    const [data, out, whole] = [`${dir}/cohort`, `${dir}/damaged`, `${dir}/whole`];
    await writeCohort(data);
    const begin = ["--data", data, "--steps", "60", "--save-every", "0", ...TINY];
    await expectDone("pretrain", "--out", whole, ...begin);
    await expectDone("pretrain", "--out", out, ...begin);
    const path = `${out}/checkpoint/model.safetensors`;
    Deno.truncateSync(path, Deno.statSync(path).size - 100);
    const adapt = ["--data", data, "--pretrained", out, "--out", `${dir}/adapted`];
    const used =
      /model\.safetensors: not a complete .*; the one before it is used, of step 50 of 60/;
    const adapted = await runTask("finetune", ...adapt);
    assert.equal(adapted.code, 0, adapted.stderr);
    assert.match(adapted.stderr, used);
    const resumed = await runTask("pretrain", "--data", data, "--out", out, "--resume");
    assert.equal(resumed.code, 0, resumed.stderr);
    assert.match(resumed.stderr, used);
    assert.deepEqual(Deno.readFileSync(path), Deno.readFileSync(path.replace(out, whole)));
  }));
