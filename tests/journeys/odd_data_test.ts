import assert from "node:assert/strict";
import { dirname } from "node:path";
import { STRATEGIES, STRATEGY_NAMES } from "../../lib/training/strategies/table.ts";
import { withFolder } from "../support/datasets.ts";
import { diceOfMetrics } from "../support/dice.ts";
import { expectDone, runTask, TINY } from "../support/run_task.ts";
import {
  image,
  imagePath,
  labels,
  TESTING,
  TRAINING,
  writeCohort,
  writeVolume,
} from "../tasks/cohort.ts";

/** A cohort in which all that is odd and allowed occurs. */
async function writeOddCohort(dir: string): Promise<void> {
  await writeCohort(dir);
  const [constant, unmarked, thin] = TRAINING;
  const mask = (id: string) => imagePath(dir, id, "_gt.nii.gz");
  await writeVolume(imagePath(dir, constant), new Int16Array(18 * 14 * 3).fill(7));
  await writeVolume(mask(unmarked), new Uint8Array(18 * 14 * 3));
  const slice = labels(3).subarray(0, 18 * 14);
  await writeVolume(imagePath(dir, thin), image(labels(3), thin).subarray(0, 18 * 14), [18, 14, 1]);
  await writeVolume(mask(thin), slice, [18, 14, 1]);
  // Of the test patients, one has no right ventricle, and one none of its myocardium either.
  for (const [i, id] of TESTING.entries()) {
    await writeVolume(
      mask(id),
      labels(3).map((label) => label === 1 || label === 1 + i ? 0 : label),
    );
  }
}

Deno.test("constant images, empty masks, one slice, absent structures, huge batches: all run", (t) =>
  withFolder(async (dir) => {
    const [data, pretrained] = [`${dir}/cohort`, `${dir}/pretrained`];
    await writeOddCohort(data);
    const big = ["--set", "pretraining.batch=64", "--set", "adaptation.batch=64"];

    await t.step("check-data tells of them, and finds no error", async () => {
      const told = await expectDone("check-data", "--data", data);
      assert.match(told, /constant/);
    });

    await t.step("pretrain, with a batch larger than the data", async () => {
      const run = ["--data", data, "--out", pretrained, "--steps", "3", ...TINY, ...big];
      const losses = await lossesOf("pretrain", run, pretrained);
      assert.equal(losses.length, 3);
    });

    for (const strategy of STRATEGY_NAMES) {
      await t.step(`${strategy}, then evaluate`, async () => {
        const out = `${dir}/${strategy}`;
        const alone = STRATEGIES[strategy].pretraining === "none";
        const start = alone ? TINY : ["--pretrained", pretrained];
        const run = ["--strategy", strategy, "--patients", "6", ...start, ...big];
        await lossesOf("finetune", ["--data", data, "--out", out, ...run], out);
        const told = await expectDone("evaluate", "--data", data, "--model", out, "--json");
        const { mean, both_empty, missed } = JSON.parse(told);
        const metrics = Deno.readTextFileSync(`${out}/evaluation/metrics.csv`);
        assert.equal(mean.dice, diceOfMetrics(metrics).mean);
        // At end diastole two right ventricles and a myocardium are not there: found or not, there is
        // no Dice above 0.
        const absent = metrics.split("\r\n").filter((row) => /,ED,.*,0,[^,]*$/.test(row));
        assert.equal(absent.length, 3);
        const dice = absent.map((row) => row.split(",")[4]);
        assert.ok(dice.every((value) => value === "" || value === "0"), `${dice}`);
        assert.equal(both_empty, dice.filter((value) => value === "").length);
        assert.ok(missed >= 3 - both_empty);
      });
    }
  }));

Deno.test("pretrain learns from no mask: where they are garbled, the weights are the same", () =>
  withFolder(async (dir) => {
    const weights: Uint8Array[] = [];
    for (const place of ["whole", "garbled"]) {
      const [data, out] = [`${dir}/${place}/cohort`, `${dir}/${place}/out`];
      await writeCohort(data);
      const masks = [...TRAINING, ...TESTING].flatMap((id) =>
        ["01", "08"].map((frame) => `${dirname(imagePath(data, id))}/${id}_frame${frame}_gt.nii.gz`)
      );
      if (place === "garbled") masks.forEach((mask) => Deno.writeTextFileSync(mask, "no mask"));
      await expectDone("pretrain", "--data", data, "--out", out, "--steps", "2", ...TINY);
      weights.push(Deno.readFileSync(`${out}/checkpoint/model.safetensors`));
    }
    assert.deepEqual(weights[1], weights[0]);
  }));

Deno.test("a loss that is not finite ends the run: step, rate, slices, what to try", () =>
  withFolder(async (dir) => {
    const data = `${dir}/cohort`;
    await writeCohort(data);
    const rate = ["pretraining.learningRate=1e30", "adaptation.scratch.learningRate=1e30"];
    const sets = [
      ...TINY,
      ...["adaptation.iterations=30", ...rate].flatMap((set) => ["--set", set]),
    ];
    const runs = {
      pretrain: ["--steps", "30", ...sets],
      finetune: ["--strategy", "scratch", "--patients", "2", ...sets],
    };
    for (const [task, args] of Object.entries(runs)) {
      const out = `${dir}/${task}`;
      const { code, stderr } = await runTask(task, "--data", data, "--out", out, ...args);
      assert.equal(code, 1, stderr);
      assert.match(
        stderr,
        /^\w+: the loss became \S+ at step \d+ \(learning rate \S+e\+\d+; trained on patient00\d E[DS] slice \d, [^\n]+\): try a lower learning rate[^\n]+\n$/,
      );
      assert.deepEqual([...Deno.readDirSync(`${out}/checkpoint`)], [], "a checkpoint of no use");
    }
  }));

/** Runs a training, and returns its losses, which are finite. */
async function lossesOf(task: string, args: string[], out: string): Promise<number[]> {
  await expectDone(task, ...args);
  const lines = Deno.readTextFileSync(`${out}/metrics.jsonl`).trimEnd().split("\n");
  const losses = lines.filter(Boolean).map((line) => JSON.parse(line).loss);
  assert.ok(losses.every(Number.isFinite), `${losses}`);
  return losses;
}
