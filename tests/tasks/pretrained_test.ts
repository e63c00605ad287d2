import assert from "node:assert/strict";
import { readCheckpoint } from "../../lib/runs/checkpoint.ts";
import { checkpointPath } from "../../lib/runs/kept_checkpoints.ts";
import { readQuality } from "../../lib/runs/run_folder.ts";
import { withFolder } from "../support/datasets.ts";
import { expectDone, runTask, TINY } from "../support/run_task.ts";
import { writeCohort } from "./cohort.ts";

Deno.test("finetune starts from a pretraining's last checkpoint, its best, or the part that fits", (t) =>
  withFolder(async (dir) => {
    const [data, pretrained] = [`${dir}/cohort`, `${dir}/pretrained`];
    await writeCohort(data);
    const measured = ["--probe", "2", "--set", "pretraining.qualityEvery=2"];
    const pretrain = ["--data", data, "--out", pretrained, "--steps", "9", ...measured, ...TINY];
    await expectDone("pretrain", ...pretrain);
    const finetune = (out: string, ...args: string[]) =>
      runTask("finetune", "--data", data, "--pretrained", pretrained, "--out", out, ...args);

    await t.step("the best is the first of those that measured best", async () => {
      const records = await readQuality(pretrained);
      const most = Math.max(...records.map(({ probe_dice }) => probe_dice!));
      const best = records.find(({ probe_dice }) => probe_dice === most)!;
      const { metadata } = await readCheckpoint(checkpointPath(pretrained, "best"));
      assert.equal(metadata.step, `${best.step}`);
      assert.equal(metadata.best, `${most}`);
    });

    await t.step("--best starts from it", async () => {
      const backboneAfter = async (...args: string[]) => {
        const out = `${dir}/${args.join() || "last"}`;
        const { code, stderr } = await finetune(out, "--strategy", "probe", ...args);
        assert.equal(code, 0, stderr);
        return (await readCheckpoint(checkpointPath(out))).tensors["backbone.down.0.0.weight"];
      };
      for (const [args, name] of [[[], "last"], [["--best"], "best"]] as const) {
        const { tensors } = await readCheckpoint(checkpointPath(pretrained, name));
        assert.deepEqual(await backboneAfter(...args), tensors["backbone.down.0.0.weight"], name);
      }
    });

    await t.step("another network is refused with a table, unless --partial", async () => {
      const wider = ["--set", "backbone.widths=[4,12]"];
      const refused = await finetune(`${dir}/refused`, ...wider);
      assert.equal(refused.code, 1);
      const table =
        /of its weights \d+ match, \d+ have another shape, 0 are missing\n {2}weight +expected +found\n/;
      assert.match(refused.stderr, table);
      const taken = await finetune(`${dir}/taken`, ...wider, "--partial");
      assert.equal(taken.code, 0, taken.stderr);
      assert.match(taken.stdout, table);
    });

    await t.step("--best without measurements, or without a pretraining, is refused", async () => {
      Deno.removeSync(checkpointPath(pretrained, "best"));
      const { code, stderr } = await finetune(`${dir}/none`, "--best");
      assert.equal(code, 1);
      assert.match(stderr, /expected a best checkpoint, found none; pretrain with --probe N/);
      const scratch = await runTask("finetune", "--strategy", "scratch", "--best");
      assert.equal(scratch.code, 2);
      assert.match(scratch.stderr, /--best: expected --pretrained RUN/);
    });
  }));
