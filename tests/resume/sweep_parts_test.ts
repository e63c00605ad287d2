/** A sweep by parts: `--prepare`, `--run` in any order and beside each other, `--jobs`. */
import assert from "node:assert/strict";
import { existsSync, statSync } from "node:fs";
import { withFolder } from "../support/datasets.ts";
import { expectDone, outcome, runTask, startTask, TINY, twoAtATime } from "../support/run_task.ts";
import { writeCohort } from "../tasks/cohort.ts";

/** Numbers of the runs below: 0 and 1 from scratch, 2 the pretraining, 3 and 4 from it. */
const NUMBERS = [0, 1, 2, 3, 4];

Deno.test("a sweep by parts, in any order, gives the same result.json to the last digit", (t) =>
  withFolder(async (dir) => {
    const data = `${dir}/cohort`;
    await writeCohort(data);
    const plan = [
      ...["--data", data, "--presets", "pix2rep-small", "--patients", "1", "--seeds", "0,3"],
      ...["--strategies", "scratch,finetune", ...TINY, "--set", "pretraining.epochs=1"],
    ];
    const whole = `${dir}/whole`;
    const result = (out: string) => Deno.readTextFileSync(`${out}/result.json`);
    await expectDone("sweep", ...plan, "--out", whole);
    const out = `${dir}/parts`;
    const run = (number: number, ...more: string[]) =>
      runTask("sweep", ...plan, "--out", out, "--run", `${number}`, ...more);

    await t.step(
      "--run takes a folder that is prepared, and leaves no trace in another",
      async () => {
        const { code, stderr } = await run(0);
        assert.equal(code, 1);
        assert.match(
          stderr,
          /^sweep: .*parts: expected a sweep that was prepared, found none; .*\n$/,
        );
        assert.ok(!existsSync(out));
      },
    );

    await t.step("--prepare lists the runs in plan.json and runs none", async () => {
      assert.match(
        await expectDone("sweep", ...plan, "--out", out, "--prepare"),
        /^\n5 runs, from number 0 to 4, .*2 of them need.*\n[^]*plan\.json[^]* --run=0\n$/,
      );
      const { stages } = JSON.parse(Deno.readTextFileSync(`${out}/plan.json`));
      assert.deepEqual(
        stages.map(({ id, after }: { id: number; after: number[] }) => [id, ...after]),
        [[0], [1], [2], [3, 2], [4, 2]],
      );
      const names = [...Deno.readDirSync(out)].map(({ name }) => name).sort();
      assert.deepEqual(names, ["config.json", "plan.json", "splits"]);
    });

    await t.step("a run whose pretraining is missing says what to run first", async () => {
      const { code, stderr } = await run(4);
      assert.equal(code, 1);
      assert.match(
        stderr,
        /^sweep: .*pretraining pix2rep to be done, found none; do run 2 first\n$/,
      );
      assert.ok(!existsSync(`${out}/runs`));
    });

    await t.step("runs that are not planned, and other plans, are refused", async () => {
      const none = await run(5);
      assert.deepEqual([none.code, none.stderr], [
        2,
        "sweep: expected a run from 0 to 4, found 5\n",
      ]);
      const other = await run(0, "--set", "adaptation.iterations=4");
      assert.equal(other.code, 1);
      assert.match(other.stderr, /parts: holds a sweep of another plan or dataset/);
      const both = await run(0, "--jobs", "2");
      assert.deepEqual([both.code, both.stderr], [
        2,
        "sweep: expected one of --run and --jobs, found both\n",
      ]);
    });

    await t.step("runs beside each other, backwards; the last collects", async () => {
      await expectDone("sweep", ...plan, "--out", out, "--run", "2");
      const last: boolean[] = [];
      await twoAtATime(NUMBERS.toReversed(), async (number) => {
        const { code, stdout, stderr } = await run(number, "--json");
        assert.equal(code, 0, stderr);
        last.push(JSON.parse(stdout).last);
      });
      assert.ok(last.at(-1), `${last}`);
      assert.deepEqual(last.slice(0, 3), [false, false, false]);
      assert.equal(result(out), result(whole));
      assert.ok(existsSync(`${out}/report.html`));
      assert.deepEqual([...Deno.readDirSync(out)].filter(({ name }) => name === ".lock"), []);
    });

    await t.step(
      "a run that is done is not run again; the sweep itself finds all done",
      async () => {
        const row = `${out}/runs/none-scratch-1-patients-seed-0/row.json`;
        const before = statSync(row).mtimeMs;
        Deno.removeSync(`${out}/result.json`);
        assert.equal((await run(0)).code, 0);
        assert.equal(result(out), result(whole));
        Deno.removeSync(`${out}/result.json`);
        await expectDone("sweep", ...plan, "--out", out);
        assert.equal(result(out), result(whole));
        assert.equal(statSync(row).mtimeMs, before);
      },
    );

    await t.step("--jobs runs what is left in several workers", async () => {
      const jobs = `${dir}/jobs`;
      const all = ["sweep", ...plan, "--out", jobs];
      await expectDone(all[0], ...all.slice(1), "--jobs", "3");
      assert.equal(result(jobs), result(whole));
      Deno.removeSync(`${jobs}/runs/pix2rep-finetune-1-patients-seed-3`, { recursive: true });
      await expectDone(all[0], ...all.slice(1), "--jobs", "1");
      assert.equal(result(jobs), result(whole));
    });

    await t.step("--jobs ends with the error of a run, the others saved", async () => {
      const failing = `${dir}/failing`;
      const rates = ["--set", "adaptation.scratch.learningRate=1e30"];
      const { code, stderr } = await runTask(
        ...["sweep", ...plan, ...rates, "--out", failing, "--jobs", "2"] as [string, ...string[]],
      );
      assert.equal(code, 1);
      assert.match(stderr, /^sweep: the loss became .* at step [12] .*\n$/);
      assert.ok(!existsSync(`${failing}/result.json`));
    });
  }));

Deno.test("SIGTERM, however often, saves; the same command goes on to the same result", (t) =>
  withFolder(async (dir) => {
    const data = `${dir}/cohort`;
    await writeCohort(data);
    const plan = [
      ...["--data", data, "--presets", "pix2rep-small", "--patients", "1", "--seeds", "0"],
      ...["--strategies", "scratch,finetune", ...TINY, "--set", "pretraining.epochs=8"],
      ...["--set", "adaptation.iterations=20"],
    ];
    const whole = `${dir}/whole`;
    await expectDone("sweep", ...plan, "--out", whole);
    for (const way of [["--run", "1"], ["--jobs", "2"]]) {
      await t.step(way.join(" "), async () => {
        const out = `${dir}/${way[0]}`;
        await expectDone("sweep", ...plan, "--out", out, "--prepare");
        const task = startTask("sweep", [...plan, "--out", out, ...way]);
        const ended = outcome(task);
        const deadline = Date.now() + 30_000;
        while (!existsSync(`${out}/pretraining/pix2rep/metrics.jsonl`)) {
          assert.ok(Date.now() < deadline, "no step within 30 s");
          await new Promise((resolve) => setTimeout(resolve, 10));
        }
        // As a scheduler does that tells every process of a job, and their parents pass it on.
        for (let i = 0; i < 3; i++) task.kill("SIGTERM");
        const { code, stderr } = await ended;
        assert.equal(code, 130, stderr);
        assert.match(stderr, /^stopping; [^\n]*\nsweep: stopped; the same command goes on/);
        const info = JSON.parse(Deno.readTextFileSync(`${out}/pretraining/pix2rep/run.json`));
        assert.equal(info.status, "interrupted");
        assert.ok(existsSync(`${out}/pretraining/pix2rep/checkpoint/model.safetensors`));
        await expectDone("sweep", ...plan, "--out", out, ...way);
        await expectDone("sweep", ...plan, "--out", out);
        for (const file of ["result.json", "pretraining/pix2rep/metrics.jsonl"]) {
          const read = (folder: string) => Deno.readTextFileSync(`${folder}/${file}`);
          assert.equal(read(out), read(whole), file);
        }
      });
    }
  }));
