/** What warns of silent errors says nothing of cohorts that are as they should be. */
import assert from "node:assert/strict";
import { openDataset } from "../../lib/data/datasets/open_dataset.ts";
import { splitPatients, writeSplit } from "../../lib/data/datasets/splits.ts";
import { writePhantomCohort } from "../../lib/data/phantom/cohort.ts";
import { realDataPath, withFolder, withRealData } from "../support/datasets.ts";
import { runTask } from "../support/run_task.ts";

/** Patients that a pretraining sees: one of them is learnt from. */
const POOL = 4;

/** A network that is trained in seconds; all else is planned. */
const SMALL = ["--set", "backbone.widths=[4,8]", "--set", "backbone.features=8"];

/** Of check-data, which tells other things too: an empty mask, and a mask in the place of a scan. */
const SILENT = /Nothing is outlined in its mask|it may be a mask, not a scan/;

/** What is true of ACDC, and so of the phantom: it spoils nothing. */
const TRUE = /^warning: The affine contradicts the voxel size in pixdim; pixdim is used\./;

/** Runs a task that has to succeed, and to warn of nothing. */
async function expectSilence(task: string, ...args: string[]): Promise<string> {
  const { code, stdout, stderr } = await runTask(task, ...args, "--backend", "simd", "--quiet");
  const warnings = stderr.split("\n").filter((line) => line !== "" && !TRUE.test(line));
  assert.deepEqual([code, warnings], [0, []], `${task} ${args.join(" ")}`);
  return stdout;
}

/** Takes a cohort from its files to the masks of all its scans, but for these. */
async function expectNoWarning(data: string, dir: string): Promise<void> {
  const checked = await runTask("check-data", "--data", data);
  assert.equal(checked.code, 0, checked.stderr);
  assert.doesNotMatch(checked.stdout + checked.stderr, SILENT);
  const dataset = await openDataset(data);
  const split = splitPatients(dataset, { sizes: [1] });
  const [one] = split.subsets[1];
  const others = split.pool.filter((id) => id !== one).slice(0, POOL - 1);
  const [manifest, pretrained, model] = ["split.json", "pretrained", "model"]
    .map((name) => `${dir}/${name}`);
  await writeSplit(manifest, { ...split, pool: [one, ...others], test: split.test.slice(0, 2) });
  const given = ["--data", data, "--split", manifest];
  await expectSilence("pretrain", ...given, ...SMALL, "--steps", "1", "--out", pretrained);
  const short = ["--set", "adaptation.iterations=1"];
  await expectSilence("finetune", ...given, "--pretrained", pretrained, ...short, "--out", model);
  const masks = ["--out", `${dir}/masks`, "--dry-run"];
  const listed = await expectSilence("predict", "--model", model, "--input", data, ...masks);
  const scans = dataset.patients.flatMap(({ scans }) => scans);
  assert.equal(listed.trimEnd().split("\n").length, scans.length);
}

Deno.test("no warning of silent errors is given of the phantom", () =>
  withFolder(async (dir) => {
    await writePhantomCohort(`${dir}/phantom`, { patients: 10 });
    await expectNoWarning(`${dir}/phantom`, dir);
  }));

for (const name of ["acdc", "Task04_Hippocampus"]) {
  Deno.test({
    ...withRealData(name, `no warning of silent errors is given of ${name}`),
    fn: () => withFolder((dir) => expectNoWarning(realDataPath(name), dir)),
  });
}
