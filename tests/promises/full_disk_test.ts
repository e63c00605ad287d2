import assert from "node:assert/strict";
import { readCheckpoint } from "../../lib/runs/checkpoint.ts";
import { withFolder } from "../support/datasets.ts";
import { expectDone, outcome, startTask, TINY } from "../support/run_task.ts";
import { writeCohort } from "../tasks/cohort.ts";

Deno.test({
  name: "a full disk stops a run in one line; its checkpoint is whole, and it goes on from there",
  ignore: Deno.build.os === "windows",
  fn: () =>
    withFolder(async (dir) => {
      const [data, out, whole] = [`${dir}/cohort`, `${dir}/full`, `${dir}/whole`];
      await writeCohort(data);
      // A small checkpoint, which few steps' metrics outgrow.
      const small = ["backbone.widths=[2,2]", "backbone.features=2", "projection.width=2"]
        .flatMap((setting) => ["--set", setting]);
      const run = (out: string) => [
        ...["--data", data, "--out", out, "--steps", "200", "--save-every", "0"],
        ...[...TINY, ...small],
      ];
      await expectDone("pretrain", ...run(whole));
      // The limit on a file's size is what the metrics outgrow, and the checkpoints do not.
      const { size } = Deno.statSync(`${whole}/checkpoint/model.safetensors`);
      const metrics = Deno.statSync(`${whole}/metrics.jsonl`).size;
      const limit = Math.ceil(size / 512) + 2;
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
