import assert from "node:assert/strict";
import { withFolder } from "../support/datasets.ts";
import { runTask, TINY } from "../support/run_task.ts";
import { imagePath, TRAINING, writeCohort } from "./cohort.ts";

const UNTESTED = /nobody with masks is left to test on/;
const SCRATCH = ["--strategy", "scratch", ...TINY];

/** Writes the cohort's training patients, of whom some keep their masks. */
async function writeTraining(data: string, labelled: readonly string[]): Promise<void> {
  await writeCohort(data);
  Deno.removeSync(`${data}/testing`, { recursive: true });
  for (const id of TRAINING.filter((one) => !labelled.includes(one))) {
    for (const frame of ["01", "08"]) {
      Deno.removeSync(imagePath(data, id).replace("frame01", `frame${frame}_gt`));
    }
  }
}

Deno.test("finetune trains on the only labelled patient, and says what is not known", () =>
  withFolder(async (dir) => {
    const [data, out] = [`${dir}/cohort`, `${dir}/run`];
    await writeTraining(data, ["patient002"]);
    const run = await runTask("finetune", "--data", data, "--out", out, ...SCRATCH);
    assert.equal(run.code, 0, run.stderr);
    assert.match(run.stderr, UNTESTED);
    assert.match(run.stdout, /slices of patient002[^]*deno task predict --model/);
    const evaluated = await runTask("evaluate", "--data", data, "--model", out);
    assert.equal(evaluated.code, 1);
    assert.match(evaluated.stderr, /split\.json: expected patients to test on, found none: .*\n$/);
  }));

Deno.test("finetune --patients all trains on every labelled patient, and resumes", () =>
  withFolder(async (dir) => {
    const [data, out] = [`${dir}/cohort`, `${dir}/run`];
    const labelled = TRAINING.slice(1, 4);
    await writeTraining(data, labelled);
    const all = ["finetune", "--data", data, "--out", out, "--patients", "all"] as const;
    const run = await runTask(...all, ...SCRATCH);
    assert.equal(run.code, 0, run.stderr);
    assert.match(run.stderr, UNTESTED);
    const { test, pool, subsets } = JSON.parse(Deno.readTextFileSync(`${out}/split.json`));
    assert.deepEqual([test, pool, subsets[3].toSorted()], [[], TRAINING, labelled]);
    assert.equal(JSON.parse(Deno.readTextFileSync(`${out}/run.json`)).patients, 3);
    const resumed = await runTask("finetune", "--data", data, "--out", out, "--resume");
    assert.match(resumed.stdout, /all 3 steps are taken already/);
    // Of a manifest they are all of its pool.
    const manifest = JSON.parse(Deno.readTextFileSync(`${out}/split.json`));
    const [first, ...others] = manifest.pool.filter((id: string) => labelled.includes(id));
    const path = `${dir}/manifest.json`;
    Deno.writeTextFileSync(
      path,
      JSON.stringify({
        ...manifest,
        test: [first],
        pool: others,
        subsets: { 1: others.slice(0, 1) },
      }),
    );
    const options = ["--data", data, "--patients", "all", "--split", path, "--dry-run", "--json"];
    const dry = await runTask("finetune", ...options, "--out", `${dir}/new`, ...SCRATCH);
    const { patients, test: tested } = JSON.parse(dry.stdout);
    assert.deepEqual([patients, tested], [others, [first]]);
  }));
