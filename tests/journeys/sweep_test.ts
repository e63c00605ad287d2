import assert from "node:assert/strict";
import { statSync } from "node:fs";
import { withFolder } from "../support/datasets.ts";
import { assertAlike, diceOfMetrics } from "../support/dice.ts";
import { expectDone, runTask, TINY, twoAtATime } from "../support/run_task.ts";
import { TESTING, writeCohort } from "../tasks/cohort.ts";

const STRUCTURES = ["LV", "MYO", "RV", "mean"];

Deno.test("sweep compares settings, continues, and repeats itself to the last digit", (t) =>
  withFolder(async (dir) => {
    const data = `${dir}/cohort`;
    await writeCohort(data);
    const plan = [
      ...["--data", data, "--presets", "pix2rep-small,pix2rep-bt-small"],
      ...["--patients", "1,2", "--seeds", "0,3", "--strategies", "scratch,finetune", ...TINY],
      ...["--set", "pretraining.epochs=1"],
    ];
    const first = `${dir}/first`;
    const sweep = (out: string) => expectDone("sweep", ...plan, "--out", out);
    await twoAtATime([first, `${dir}/second`], async (out) => {
      assert.match(
        await sweep(out),
        /Fine-tuned, pix2rep-bt .*±.*\n[^]*Written to .*\n +report\.html /,
      );
    });
    const text = Deno.readTextFileSync(`${first}/result.json`);

    await t.step("result.json has a row for every run and a summary for every setting", () => {
      const { schema, dataset, config, rows, summary } = JSON.parse(text);
      assert.deepEqual([schema, dataset], ["pix2rep.sweep/1", "cohort"]);
      assert.deepEqual(config.seeds, [0, 3]);
      const settings = [["none", "scratch"], ["pix2rep", "finetune"], ["pix2rep-bt", "finetune"]]
        .flatMap(([pretraining, strategy]) => [1, 2].map((n) => [pretraining, strategy, n]));
      assert.deepEqual(
        rows.map(({ pretraining, strategy, patients, seed }: Record<string, unknown>) =>
          [pretraining, strategy, patients, seed].join()
        ),
        settings.flatMap((setting) => [0, 3].map((seed) => [...setting, seed].join())),
      );
      for (const row of rows) {
        for (const metric of ["dice", "hd95_mm", "assd_mm"]) {
          assert.deepEqual(Object.keys(row[metric]).sort(), STRUCTURES);
        }
        const { pretraining, strategy, patients, seed } = row;
        const run = `${pretraining}-${strategy}-${patients}-patients-seed-${seed}`;
        const metrics = Deno.readTextFileSync(`${first}/runs/${run}/metrics.csv`);
        assertAlike(row.dice, diceOfMetrics(metrics));
        assert.equal(row.missed, metrics.split(",true,").length - 1);
        assert.equal(row.test_patients, TESTING.length);
        assert.equal(typeof row.backend, "string");
      }
      assert.deepEqual(
        summary.map((entry: Record<string, unknown>) => [
          entry.pretraining,
          entry.strategy,
          entry.patients,
          entry.n,
        ]),
        settings.map((setting) => [...setting, 2]),
      );
      const [{ dice_mean, dice_sd }] = summary;
      const [a, b] = rows.map(({ dice }: { dice: { mean: number } }) => dice.mean);
      assert.ok(Math.abs(dice_mean - (a + b) / 2) < 1e-12);
      assert.ok(Math.abs(dice_sd - Math.abs(a - b) / Math.SQRT2) < 1e-12);
    });

    await t.step("result.json is the same in another folder", () => {
      assert.equal(Deno.readTextFileSync(`${dir}/second/result.json`), text);
    });

    await t.step("a sweep that knows all runs of an earlier one runs none of them", async () => {
      const out = `${dir}/known`;
      await expectDone("sweep", ...plan, "--known", `${first}/result.json`, "--out", out);
      assert.equal(Deno.readTextFileSync(`${out}/result.json`), text);
      assert.throws(() => statSync(`${out}/runs`));
      const { code, stderr } = await runTask("sweep", ...plan, "--known", `${dir}/none.json`);
      assert.equal(code, 1);
      assert.match(stderr, /none\.json: no such file; expected a sweep's result\.json/);
    });

    await t.step("a dry run lists what is done and what is left, and writes nothing", async () => {
      const listed = await expectDone("sweep", ...plan, "--dry-run", "--out", first);
      assert.match(listed, /^done +From scratch, 1 patient, seed 0\n/);
      assert.match(listed, /\n12 runs, 0 left to do, from 2 pretrainings: pix2rep, pix2rep-bt\n$/);
      const json = await expectDone(
        "sweep",
        ...plan,
        "--dry-run",
        "--json",
        "--out",
        `${dir}/none`,
      );
      const { runs, pretrainings } = JSON.parse(json);
      assert.deepEqual(pretrainings, ["pix2rep", "pix2rep-bt"]);
      assert.deepEqual([runs.length, runs[0].done, runs[0].labelled.length], [12, false, 1]);
      assert.throws(() => statSync(`${dir}/none`));
    });

    await t.step("report.html needs no other file", () => {
      const html = Deno.readTextFileSync(`${first}/report.html`);
      const has = (pattern: RegExp) => pattern.test(html); // assert.match would print megabytes
      assert.ok(has(/^\s*<!doctype html>/i));
      assert.ok(has(/"slices":\{"models":\[\{"name":"From scratch",/));
      assert.ok(has(/\{"name":"Fine-tuned, pix2rep","group":/));
      assert.ok(has(/"features":\{"size":16,/));
      assert.ok(!has(/<(script|img|iframe)[^>]*\ssrc\s*=\s*(?!["']?data:)/i));
      assert.ok(!has(/<link[^>]*\shref/i));
    });

    await t.step("a second sweep does only what is missing", async () => {
      const run = (seed: number) => `${first}/runs/none-scratch-1-patients-seed-${seed}`;
      const modified = (path: string) => statSync(path).mtimeMs;
      const kept = [`${run(0)}/row.json`, `${first}/pretraining/pix2rep/run.json`];
      const before = kept.map(modified);
      Deno.removeSync(run(3), { recursive: true });
      Deno.removeSync(`${first}/result.json`);
      await sweep(first);
      assert.deepEqual(kept.map(modified), before);
      assert.ok(statSync(`${run(3)}/row.json`).isFile());
      assert.equal(Deno.readTextFileSync(`${first}/result.json`), text);
    });

    await t.step("another plan, or other patients, do not mix with what is there", async () => {
      const other = [...plan, "--set", "adaptation.iterations=4", "--out", first];
      const changed = await runTask("sweep", ...other);
      assert.equal(changed.code, 1);
      assert.match(
        changed.stderr,
        /^sweep: .*first: holds a sweep of another plan or dataset.*\n$/,
      );
      Deno.removeSync(`${data}/testing/${TESTING[0]}`, { recursive: true });
      const fewer = await runTask("sweep", ...plan, "--out", first);
      assert.deepEqual([fewer.code, fewer.stderr], [changed.code, changed.stderr]);
      assert.equal(Deno.readTextFileSync(`${first}/result.json`), text);
    });
  }));
