import assert from "node:assert/strict";
import { existsSync } from "node:fs";
import { withFolder } from "../support/datasets.ts";
import { expectDone, runTask, TINY } from "../support/run_task.ts";
import { writeCohort } from "../tasks/cohort.ts";

Deno.test("--minutes decides on the length of a training", (t) =>
  withFolder(async (dir) => {
    const data = `${dir}/cohort`;
    await writeCohort(data);
    const json = (path: string) => JSON.parse(Deno.readTextFileSync(path));

    await t.step("of a pretraining, whose epochs say so", async () => {
      const out = `${dir}/pretrained`;
      const run = ["--data", data, "--out", out, "--minutes", "0.05", ...TINY];
      const printed = await expectDone("pretrain", ...run);
      const [, steps] = printed.match(/(\d+) steps of [\d.e-]+ s: /)!;
      assert.equal(json(`${out}/run.json`).steps, Number(steps));
      const { epochs, batch } = json(`${out}/config.json`).pretraining;
      assert.equal(Math.ceil(epochs * 36 / batch), Number(steps));
    });

    await t.step("of an adaptation, and of every fold of it", async () => {
      const out = `${dir}/adapted`;
      const run = ["--data", data, "--strategy", "scratch", "--folds", "2", "--out", out];
      const printed = await expectDone("finetune", ...run, "--minutes", "0.1", ...TINY);
      const [, steps] = printed.match(/(\d+) steps of [\d.e-]+ s: .*, 3 times/)!;
      assert.ok(Number(steps) > 3);
      for (const folder of [out, `${out}/folds/1`, `${out}/folds/2`]) {
        assert.equal(json(`${folder}/run.json`).steps, Number(steps));
      }
    });

    await t.step(
      "of all of a sweep, which goes on with the lengths that it began with",
      async () => {
        const out = `${dir}/sweep`;
        const sweep = ["--data", data, "--strategies", "scratch,finetune", "--patients", "1"];
        const run = [...sweep, "--seeds", "0", "--minutes", "0.1", "--out", out, ...TINY];
        await expectDone("sweep", ...run);
        const result = Deno.readTextFileSync(`${out}/result.json`);
        assert.ok(json(`${out}/result.json`).config.configs[0].adaptation.iterations > 3);
        await Deno.remove(`${out}/result.json`);
        await expectDone("sweep", ...run);
        assert.equal(Deno.readTextFileSync(`${out}/result.json`), result);
      },
    );

    await t.step("and nothing else may, nor a time that is none", async () => {
      const refused: [string[], RegExp][] = [
        [
          ["pretrain", "--minutes", "1", "--steps", "5"],
          /expected --steps or --minutes, found both/,
        ],
        [["pretrain", "--minutes", "-1"], /--minutes: expected a number above 0, found "-1"/],
        [["sweep", "--minutes", "1", "--jobs", "2"], /--minutes: expected no --jobs, found it/],
      ];
      for (const [args, message] of refused) {
        const out = `${dir}/refused`;
        const [task, ...options] = args;
        const { code, stderr } = await runTask(task, "--data", data, "--out", out, ...options);
        assert.equal(code, 2, stderr);
        assert.match(stderr, message);
        assert.ok(!existsSync(out));
      }
    });
  }));
