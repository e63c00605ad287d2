import assert from "node:assert/strict";
import { withFolder } from "../support/datasets.ts";
import {
  expectNoPatient,
  expectNoPlaceOrIdentity,
  filesIn,
  writeIdentified,
} from "../support/privacy.ts";
import { expectDone, outcome, startTask, TINY } from "../support/run_task.ts";
import { TRAINING } from "../tasks/cohort.ts";

/** Where the task is one that takes it; elsewhere the run tells that it has pseudonyms. */
const PSEUDONYMS = "--pseudonyms";

const SWEEP = [
  ...["--presets", "pix2rep-small", "--strategies", "scratch,finetune", "--patients", "1"],
  ...["--seeds", "0,1", ...TINY, "--set", "pretraining.epochs=1", PSEUDONYMS],
];

/** Every task that writes, after every task whose outcome it takes: its folder, and its arguments. */
function tasksAfterTasks(data: string, out: string): [folder: string, task: string, string[]][] {
  const at = (name: string) => `${out}/${name}`;
  const of = ["--data", data];
  const log = ["--log", "csv,tensorboard"];
  const quality = ["--set", "pretraining.qualityEvery=2"];
  const first = `sweep/runs/pix2rep-finetune-1-patients-seed-0`;
  return [
    ["pretrained", "pretrain", [
      ...[...of, "--steps", "3", "--probe", "2", ...TINY, ...quality, ...log, PSEUDONYMS],
    ]],
    ["pretrained", "pretrain", [...of, "--steps", "4", "--resume"]],
    ["pictures", "pictures", [...of, "--pretrained", at("pretrained")]],
    ["selection", "select", [...of, "--pretrained", at("pretrained")]],
    ["model", "finetune", [...of, "--pretrained", at("pretrained"), ...log]],
    ["model", "finetune", [...of, "--resume"]],
    ["taught", "finetune", [
      ...[...of, "--pretrained", at("pretrained"), "--best", "--strategy", "mean-teacher"],
    ]],
    ["remembered", "finetune", [
      ...[...of, "--pretrained", at("pretrained"), "--strategy", "in-context"],
    ]],
    ["scratch", "finetune", [...of, "--strategy", "scratch", ...TINY, PSEUDONYMS]],
    ["evaluation", "evaluate", [...of, "--model", at("model")]],
    ["model.onnx", "export", ["--model", at("model"), "--format", "onnx"]],
    ["model.safetensors", "export", ["--model", at("taught"), "--format", "safetensors"]],
    ["backbone.safetensors", "export", ["--model", at("pretrained"), "--format", "safetensors"]],
    ["from-file", "finetune", [
      ...[...of, "--pretrained", at("backbone.safetensors"), PSEUDONYMS],
    ]],
    ["of-file", "evaluate", [
      ...[...of, "--model", at("model.safetensors"), "--split", at("model/split.json")],
      PSEUDONYMS,
    ]],
    ["sweep", "sweep", [...of, ...SWEEP, "--prepare"]],
    ["sweep", "sweep", [...of, ...SWEEP, "--run", "0"]],
    ["sweep", "sweep", [...of, ...SWEEP]],
    ["sweep-in-workers", "sweep", [...of, ...SWEEP, "--jobs", "2"]],
    ["sweep-again", "sweep", [...of, ...SWEEP, "--known", at("sweep/result.json")]],
    ["from-sweep", "finetune", [...of, "--pretrained", at("sweep/pretraining/pix2rep")]],
    ["from-workers", "finetune", [
      ...[...of, "--pretrained", at("sweep-in-workers/pretraining/pix2rep")],
    ]],
    ["of-sweep", "evaluate", [
      ...[...of, "--model", at(first), "--split", at("sweep/splits/seed-0.json")],
    ]],
    ["sweep.onnx", "export", ["--model", at(first), "--format", "onnx"]],
    ["submitted", "submit", [...of, ...SWEEP, "--to", "slurm"]],
  ];
}

/** Runs tasks one after the other, and returns what they printed, without what they were called with. */
async function runAll(
  runs: readonly [folder: string, task: string, string[]][],
  { data, out }: { data: string; out: string },
): Promise<string> {
  const printed: string[] = [];
  for (const [folder, task, args] of runs) {
    const process = startTask(task, [...args, "--out", `${out}/${folder}`], {
      programs: task === "submit" ? `${data}/../bin` : undefined,
    });
    const { code, stdout, stderr } = await outcome(process);
    assert.equal(code, 0, `${task} to ${folder}: ${stderr}`);
    printed.push(stdout, stderr);
  }
  return printed.join("\n").replaceAll(out, "").replaceAll(data, "");
}

/** Programs in the place of Slurm's: a queue that is empty, and one that keeps what is submitted. */
function writeSlurm(dir: string, { submitted }: { submitted: string }): void {
  Deno.mkdirSync(dir, { recursive: true });
  const programs = { squeue: "exit 0", sbatch: `cat >>'${submitted}'; echo 7` };
  for (const [name, script] of Object.entries(programs)) {
    Deno.writeTextFileSync(`${dir}/${name}`, `#!/bin/sh\n${script}\n`, { mode: 0o755 });
  }
}

Deno.test("no task writes a path or header text, nor names a patient with --pseudonyms", (t) =>
  withFolder(async (dir) => {
    const { data, out } = await writeIdentified(dir);
    writeSlurm(`${data}/../bin`, { submitted: `${dir}/jobs` });
    const printed = await runAll(tasksAfterTasks(data, out), { data, out });
    const files = filesIn(out);
    assert.ok(files.length > 100, `${files.length} files`);

    await t.step(
      "no file holds a path of the machine, or free text of a header",
      () => expectNoPlaceOrIdentity(files),
    );

    await t.step("no model for other programs holds a date", () => {
      const models = files.filter(({ path }) => /^[^/]+\.(onnx|safetensors)$/.test(path));
      assert.equal(models.length, 4);
      for (const { path, text } of models) assert.ok(!/\b20\d\d-\d\d-\d\d/.test(text), path);
    });

    await t.step("no file, no job and no line on the terminal names a patient", () => {
      const jobs = Deno.readTextFileSync(`${dir}/jobs`);
      assert.match(jobs, /--pseudonyms/);
      expectNoPatient([...files, { path: "the terminal", text: printed }]);
      expectNoPatient([{ path: "jobs", text: jobs }]);
    });

    await t.step("what follows on a run with pseudonyms has them too", async () => {
      const trained = ["pretrained", "model", "taught", "remembered", "scratch"];
      for (const run of [...trained, "from-file", "from-sweep", "from-workers"]) {
        const { test } = JSON.parse(Deno.readTextFileSync(`${out}/${run}/split.json`));
        assert.deepEqual(test, ["P007", "P008"], run);
      }
      for (const folder of ["evaluation", "of-file", "of-sweep"]) {
        assert.match(Deno.readTextFileSync(`${out}/${folder}/metrics.csv`), /^P007,/m);
      }
      const json = await expectDone(
        "evaluate",
        "--data",
        data,
        "--model",
        `${out}/model`,
        "--json",
      );
      assert.equal(JSON.parse(json).patients, 2);
    });

    await t.step(
      "masks, converted scans and pictures have names of scans, and no more",
      async () => {
        const apart = `${dir}/apart`;
        await expectDone(
          ...[
            "predict",
            "--model",
            `${out}/model`,
            "--input",
            data,
            "--out",
            `${apart}/masks`,
          ] as const,
        );
        await expectDone(
          ...["check-data", "--data", data, "--pictures", `${apart}/pictures`] as const,
          ...["--convert", `${apart}/converted`],
        );
        const written = filesIn(apart);
        assert.ok(written.length > 3 * 16, `${written.length} files`);
        expectNoPlaceOrIdentity(written);
      },
    );
  }));

Deno.test("ids of patients are in what is written unless they are hidden", () =>
  withFolder(async (dir) => {
    const { data, out } = await writeIdentified(dir);
    await expectDone("pretrain", "--data", data, "--out", out, "--steps", "1", ...TINY);
    expectNoPlaceOrIdentity(filesIn(out));
    assert.ok(filesIn(out).some(({ text }) => text.includes(TRAINING[0])));
  }));
