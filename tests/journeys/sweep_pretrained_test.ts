/** A sweep that takes over pretrainings which are done elsewhere. */
import assert from "node:assert/strict";
import { existsSync } from "node:fs";
import { withFolder } from "../support/datasets.ts";
import { expectDone, runTask, TINY } from "../support/run_task.ts";
import { writeCohort } from "../tasks/cohort.ts";

Deno.test("sweep takes over a finished pretraining, and names what differs in one", (t) =>
  withFolder(async (dir) => {
    const [data, run] = [`${dir}/cohort`, `${dir}/pretrained`];
    await writeCohort(data);
    const settings = [...TINY, "--set", "pretraining.epochs=2"];
    await expectDone("pretrain", "--data", data, ...settings, "--out", run, ...[
      ...["--preset", "pix2rep-small"],
    ]);
    const sweepOf = (preset: string) => [
      ...["--data", data, "--presets", preset, "--patients", "1", "--seeds", "0,3"],
      ...["--strategies", "finetune", ...settings, "--set", "adaptation.iterations=4"],
    ];
    const sweep = sweepOf("pix2rep-small");
    const from = ["--pretrained", run];
    const weights = (folder: string) => Deno.readFileSync(`${folder}/checkpoint/model.safetensors`);
    const result = (out: string) => Deno.readTextFileSync(`${out}/result.json`);
    const json = (path: string) => JSON.parse(Deno.readTextFileSync(path));
    const taken = `${dir}/taken`;

    await t.step("its weights and records are the sweep's, and no step is taken", async () => {
      const dry = await expectDone("sweep", ...sweep, ...from, "--out", taken, "--dry-run");
      assert.ok(dry.includes(`from 1 pretraining: pix2rep (${run})`), dry);
      await expectDone("sweep", ...sweep, ...from, "--out", taken);
      const own = `${taken}/pretraining/pix2rep`;
      assert.deepEqual(weights(own), weights(run));
      const metrics = (folder: string) => Deno.readTextFileSync(`${folder}/metrics.jsonl`);
      assert.equal(metrics(own), metrics(run));
      assert.deepEqual(json(`${own}/run.json`), json(`${run}/run.json`));
      assert.equal(json(`${own}/config.json`).adaptation.iterations, 4);
    });

    await t.step("the outcome is that of a sweep which pretrains", async () => {
      await expectDone("sweep", ...sweep, "--out", `${dir}/whole`);
      assert.equal(result(taken), result(`${dir}/whole`));
    });

    await t.step("by workers, and by parts, too", async () => {
      const [jobs, parts] = [`${dir}/jobs`, `${dir}/parts`];
      await expectDone("sweep", ...sweep, ...from, "--out", jobs, "--jobs", "2");
      await expectDone("sweep", ...sweep, ...from, "--out", parts, "--prepare");
      for (const number of ["0", "1", "2"]) {
        await expectDone("sweep", ...sweep, ...from, "--out", parts, "--run", number);
      }
      for (const out of [jobs, parts]) {
        assert.equal(result(out), result(taken));
        assert.deepEqual(json(`${out}/pretraining/pix2rep/run.json`), json(`${run}/run.json`));
      }
    });

    await t.step("--known takes over what lies beside it, unless it differs", async () => {
      const known = ["--known", `${taken}/result.json`];
      const longer = [...sweep, "--set", "adaptation.iterations=5", ...known];
      await expectDone("sweep", ...longer, "--out", `${dir}/longer`);
      const own = `${dir}/longer/pretraining/pix2rep`;
      assert.deepEqual(weights(own), weights(run));
      const other = [...sweep, "--set", "pretraining.epochs=1", ...known, "--dry-run"];
      const dry = await expectDone("sweep", ...other, "--out", `${dir}/other`);
      assert.match(dry, /from 1 pretraining: pix2rep\n$/);
    });

    await t.step("one that differs is refused in a line before anything is done", async () => {
      const refusals: [string[], RegExp][] = [
        [
          [...sweep, "--set", "grid.spacing=3"],
          /^sweep: \S+pretrained: .* differs in grid\.spacing: expected 3, found 2\n$/,
        ],
        [
          [...sweep, "--set", "pretraining.epochs=3"],
          /pretraining\.epochs: expected 3, found 2\n$/,
        ],
        [
          sweepOf("pix2rep-bt-small"),
          /: expected a pretraining of pix2rep-bt, found pix2rep\n$/,
        ],
        [
          [...sweep, ...from],
          /^sweep: expected one pretraining pix2rep, found \S+ and \S+pretrained\n$/,
        ],
      ];
      for (const [args, message] of refusals) {
        const { code, stderr } = await runTask("sweep", ...[
          ...[...args, ...from, "--out", `${dir}/refused`],
        ]);
        assert.equal(code, 1);
        assert.match(stderr, message);
        assert.ok(!existsSync(`${dir}/refused/plan.json`));
      }
    });

    await t.step("so is a run that is not done, or of another kind", async () => {
      const path = `${run}/run.json`;
      const text = Deno.readTextFileSync(path);
      const changed = async (from: string, to: string) => {
        Deno.writeTextFileSync(path, text.replace(from, to));
        const args = [...sweep, "--pretrained", run, "--out", `${dir}/refused`];
        return (await runTask("sweep", ...args)).stderr;
      };
      assert.match(
        await changed('"done"', '"interrupted"'),
        /: expected a pretraining that is done, found interrupted\n$/,
      );
      assert.match(
        await changed('"pretrain"', '"scratch"'),
        /: expected a pretraining of pix2rep, found a run of scratch\n$/,
      );
      assert.match(
        await changed('"dataset": "cohort"', '"dataset": "other"'),
        / differs in dataset: expected "cohort", found "other"\n$/,
      );
      Deno.writeTextFileSync(path, text);
    });
  }));
