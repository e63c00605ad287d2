import assert from "node:assert/strict";
import { openDataset } from "../../lib/data/datasets/open_dataset.ts";
import { runSteps, tookText, whereText } from "../../tasks/support/training/run_plan.ts";
import { withFolder } from "../support/datasets.ts";
import { onCpu, TINY } from "../training/tiny.ts";
import { writeCohort } from "./cohort.ts";
import { writeConstantModel } from "./constant_model.ts";

Deno.test("runSteps() shares the whole time out among the steps there are to take", () => {
  const names = (labelled: number, unlabelled: number) =>
    runSteps({ minutes: 100, labelled, unlabelled }).map(({ name, strategy = name }) => strategy);
  assert.deepEqual(names(0, 4), ["reading", "pretraining"]);
  assert.deepEqual(names(1, 4), ["reading", "pretraining", "weak-to-strong", "segmentation"]);
  assert.deepEqual(names(5, 0), ["reading", "pretraining", "weak-to-strong", "probe-finetune"]);
  for (const labelled of [1, 5]) {
    const minutes = runSteps({ minutes: 100, labelled, unlabelled: 4 })
      .reduce((sum, { minutes }) => sum + minutes, 0);
    assert.ok(Math.abs(minutes - 100) < 1e-9, `${minutes}`);
  }
});

Deno.test(
  "whereText() tells the step, and the time of those that are left",
  onCpu(() =>
    withFolder(async (dir) => {
      const steps = runSteps({ minutes: 1000, labelled: 3, unlabelled: 4 });
      const where = (at: number) => whereText(steps, at, dir);
      assert.equal(await where(0), "step 1 of 5 · reading · about 16 h 40 min left in all");
      assert.equal(await where(2), "step 3 of 5 · adaptation · about 8 h 0 min left in all");
      const brief = runSteps({ minutes: 5, labelled: 3, unlabelled: 4 });
      assert.match(await whereText(brief, 4, dir), /segmentation · less than a minute left/);
      // A pretraining that is done takes none of the time.
      await writeCohort(`${dir}/cohort`);
      const dataset = await openDataset(`${dir}/cohort`);
      const model = { config: TINY, logits: [0, 0, 0, 0] };
      await writeConstantModel(`${dir}/pretraining`, dataset, model);
      assert.equal(await where(1), "step 2 of 5 · pretraining · about 8 h 0 min left in all");
      // Nor does the half of one that was stopped there.
      const path = `${dir}/pretraining/run.json`;
      const info = JSON.parse(await Deno.readTextFile(path));
      await Deno.writeTextFile(path, JSON.stringify({ ...info, status: "interrupted", steps: 2 }));
      assert.equal(await where(1), "step 2 of 5 · pretraining · about 12 h 10 min left in all");
      // An adaptation is done where its folds are: then it has its page.
      await writeConstantModel(`${dir}/weak-to-strong`, dataset, model);
      assert.equal(await where(2), "step 3 of 5 · adaptation · about 8 h 0 min left in all");
      await Deno.writeTextFile(`${dir}/weak-to-strong/report.html`, "");
      assert.equal(await where(2), "step 3 of 5 · adaptation · about 3 h 20 min left in all");
    })
  ),
);

Deno.test("tookText() tells what it took, and of a whole run what was asked for", () => {
  assert.equal(
    tookText(101, { minutes: 2, goesOn: false }),
    "took 1 min 41 s; 2 minutes were asked for",
  );
  assert.equal(tookText(9, { minutes: 1, goesOn: false }), "took 9 s; 1 minute was asked for");
  assert.equal(tookText(9, { minutes: 2, goesOn: true }), "took 9 s, without what stood already");
});
