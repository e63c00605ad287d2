import * as tf from "@tensorflow/tfjs";
import assert from "node:assert/strict";
import { existsSync } from "node:fs";
import type { Network } from "../../lib/backbones/weights.ts";
import { useBackend } from "../../lib/backends/select.ts";
import { prepareVolume } from "../../lib/data/slices/preprocess.ts";
import { evaluateModel } from "../../lib/evaluators/evaluate.ts";
import { tinyMask, tinyVolume, withFolder } from "../support/datasets.ts";
import { expectDone, outcome, runTask, startTask, TINY } from "../support/run_task.ts";
import { image, imagePath, labels, writeCohort, writeVolume } from "../tasks/cohort.ts";

const STEPS = 150;

Deno.test("pretrain saves on Ctrl-C, and --resume ends as an uninterrupted run", (t) =>
  withFolder(async (dir) => {
    const data = `${dir}/cohort`;
    await writeCohort(data);
    const run = (out: string) => ["--data", data, "--out", out, "--steps", `${STEPS}`, ...TINY];
    const whole = `${dir}/whole`;
    const interrupted = `${dir}/interrupted`;
    const uninterrupted = expectDone("pretrain", ...run(whole));
    const info = () => JSON.parse(Deno.readTextFileSync(`${interrupted}/run.json`));
    const model = (out: string) => Deno.readFileSync(`${out}/checkpoint/model.safetensors`);

    await t.step("Ctrl-C ends it with exit code 130", async () => {
      const task = startTask("pretrain", run(interrupted));
      const ended = outcome(task);
      await steps(interrupted);
      task.kill("SIGINT");
      const { code, stderr } = await ended;
      assert.equal(code, 130, stderr);
      assert.match(stderr, /stopping; press[^]*\npretrain: stopped; --resume goes on/);
      assert.equal(info().status, "interrupted");
    });

    await uninterrupted;
    await t.step("other data does not go unnoticed", async () => {
      const other = `${dir}/other`;
      await writeCohort(other);
      const before = model(interrupted);
      const refused = async (message: RegExp) => {
        const resume = ["--data", other, "--out", interrupted, "--resume"];
        const { code, stderr } = await runTask("pretrain", ...resume);
        assert.equal(code, 1);
        assert.match(stderr, message);
        assert.deepEqual(model(interrupted), before);
        assert.equal(info().status, "interrupted");
      };
      await writeVolume(imagePath(other, "patient003"), image(labels(2), "another"));
      await refused(/^pretrain: .*expected the slices that the run began with.*\n$/);
      Deno.removeSync(`${other}/training/patient003`, { recursive: true });
      await refused(/^pretrain: .*split\.json: expected patients of other, found patient003\n$/);
    });

    await t.step("--resume goes on to the same weights, bit for bit", async () => {
      assert.notDeepEqual(model(interrupted), model(whole));
      await expectDone("pretrain", "--data", data, "--out", interrupted, "--resume");
      assert.equal(info().status, "done");
      for (const name of ["checkpoint/model.safetensors", "metrics.jsonl", "config.json"]) {
        const read = (out: string) => Deno.readFileSync(`${out}/${name}`);
        assert.deepEqual(read(interrupted), read(whole), name);
      }
    });
  }));

Deno.test("finetune saves on Ctrl-C, and --resume ends as an uninterrupted run", (t) =>
  withFolder(async (dir) => {
    const [data, whole, interrupted] = [`${dir}/cohort`, `${dir}/whole`, `${dir}/interrupted`];
    await writeCohort(data);
    const run = (out: string) => [
      ...["--data", data, "--out", out, "--strategy", "mean-teacher", ...TINY],
      ...["--set", "adaptation.iterations=150"],
    ];
    await expectDone("finetune", ...run(whole));
    const task = startTask("finetune", run(interrupted));
    const ended = outcome(task);
    await steps(interrupted);
    task.kill("SIGINT");
    const { code, stderr } = await ended;
    assert.equal(code, 130);
    assert.match(stderr, /finetune: stopped; --resume goes on/);

    await t.step("its half-trained model is refused", async () => {
      const { code, stderr } = await runTask("evaluate", "--data", data, "--model", interrupted);
      assert.equal(code, 1);
      assert.match(stderr, /^evaluate: .*whose training is done, found it interrupted; finish it/);
    });

    await t.step("--resume goes on to the same weights, bit for bit", async () => {
      await expectDone("finetune", "--data", data, "--out", interrupted, "--resume");
      for (const name of ["checkpoint/model.safetensors", "metrics.jsonl", "split.json"]) {
        const read = (out: string) => Deno.readFileSync(`${out}/${name}`);
        assert.deepEqual(read(interrupted), read(whole), name);
      }
      const again = await expectDone("finetune", "--data", data, "--out", interrupted, "--resume");
      assert.match(again, /all 150 steps are taken already/);
    });

    await t.step("--resume writes the report that a kill has kept from being written", async () => {
      const page = `${interrupted}/report.html`;
      const before = Deno.readFileSync(`${interrupted}/checkpoint/model.safetensors`);
      Deno.removeSync(page);
      await expectDone("finetune", "--data", data, "--out", interrupted, "--resume");
      assert.ok(Deno.statSync(page).size > 0);
      assert.deepEqual(Deno.readFileSync(`${interrupted}/checkpoint/model.safetensors`), before);
    });

    await t.step("--resume leaves no room for another configuration", async () => {
      const resume = ["--data", data, "--out", interrupted, "--resume", "--patients", "2"];
      const { code, stderr } = await runTask("finetune", ...resume);
      assert.equal(code, 2);
      assert.match(stderr, /leave out --patients/);
    });
  }));

Deno.test("evaluateModel() can be interrupted between two scans", async () => {
  await useBackend("cpu");
  const model: Network = {
    weights: {},
    forward: (x) => tf.concat([x, x], 3) as tf.Tensor4D,
  };
  const volume = tinyVolume();
  const slices = prepareVolume(volume, { size: 8, spacing: 1.5 });
  const { shape, spacing } = volume;
  const reference = tinyMask(1);
  const scan = { patient: "a", group: "", phase: "", image: "a.nii", slices, reference };
  const interruption = new AbortController();
  setTimeout(() => interruption.abort());
  let done = 0;
  const evaluation = evaluateModel(model, Array(50).fill({ ...scan, shape, spacing }), {
    structures: [{ label: 1, name: "one" }],
    inference: {
      window: "centre",
      overlap: 0.5,
      largestComponent: false,
      fillHoles: false,
      mirror: false,
    },
    onScan: (count) => {
      done = count;
      interruption.signal.throwIfAborted();
    },
  });
  await assert.rejects(evaluation, { name: "AbortError" });
  assert.ok(done < 50);
});

/** Waits until a run has recorded its first steps. */
async function steps(out: string): Promise<void> {
  const deadline = Date.now() + 30_000;
  while (!existsSync(`${out}/metrics.jsonl`)) {
    assert.ok(Date.now() < deadline, `${out}: no step within 30 s`);
    await new Promise((resolve) => setTimeout(resolve, 10));
  }
}
