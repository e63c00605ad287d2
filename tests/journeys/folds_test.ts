import assert from "node:assert/strict";
import { existsSync } from "node:fs";
import { withFolder } from "../support/datasets.ts";
import { expectDone, outcome, runTask, startTask, TINY } from "../support/run_task.ts";
import { until } from "../support/until.ts";
import { imagePath, TRAINING, writeCohort } from "../tasks/cohort.ts";

/** Steps that take longer than a signal needs to come. */
const STEPS = ["--set", "adaptation.iterations=150"];

const json = (path: string) => JSON.parse(Deno.readTextFileSync(path));
const weights = (dir: string) => Deno.readFileSync(`${dir}/checkpoint/model.safetensors`);

Deno.test("finetune --folds tells of every labelled patient how a model of the others fares", () =>
  withFolder(async (dir) => {
    const [data, out] = [`${dir}/cohort`, `${dir}/run`];
    await writeCohort(data);
    Deno.removeSync(`${data}/testing`, { recursive: true });
    const given = ["--data", data, "--out", out, "--strategy", "scratch", ...TINY];
    const dry = JSON.parse(
      await expectDone("finetune", ...given, "--folds", "3", "--dry-run", "--json"),
    );
    assert.deepEqual([dry.folds.length, dry.folds.flat().sort()], [3, TRAINING]);
    assert.ok(!existsSync(out));
    const run = await runTask("finetune", ...given, "--folds", "3", "--pseudonyms");
    assert.equal(run.code, 0, run.stderr);
    assert.equal(run.stderr, "");
    assert.match(run.stdout, /fold 3 of 3 holds out P00\d, P00\d\n/);
    assert.match(
      run.stdout,
      /Dice 0\.\d\d ± 0\.\d\d over 6 patients, each segmented by a model that had not seen their masks; the final model was trained on all 6 and should be about as good\. Such masks are of little use[^\n]*\n/,
    );
    assert.match(run.stdout, /deno task predict --model \S+ --model \S+folds /);
    assert.ok(!/patient00\d/.test(run.stdout.replaceAll(dir, "")));
    const page = Deno.readTextFileSync(`${out}/report.html`);
    assert.match(page, /class="finding">Dice 0\.\d\d ± 0\.\d\d over 6 patients, each segmented by/);
    assert.ok(!/patient00\d/.test(page));
    const { cleaning_choice: choice } = json(`${out}/summary.json`);
    assert.match(run.stdout, /\n[^\n]*inference\.largestComponent[^\n]*clean/);
    for (const model of ["", "/folds/1", "/folds/3"]) {
      const { largestComponent, fillHoles } = json(`${out}${model}/config.json`).inference;
      assert.deepEqual([largestComponent, fillHoles], [choice.largestComponent, choice.fillHoles]);
    }
    const scan = ["--input", imagePath(data, TRAINING[0]), "--backend", "simd"];
    const together = ["--model", out, "--model", `${out}/folds`, ...scan];
    await expectDone("predict", ...together, "--out", `${dir}/masks`);
    assert.ok(existsSync(`${dir}/masks/report.html`));
    assert.ok(existsSync(`${out}/validation.png`) && !existsSync(`${out}/validation.jsonl`));
    const { folds, patient_dice } = json(`${out}/summary.json`);
    const ids = TRAINING.map((_, i) => `P00${i + 1}`);
    assert.deepEqual([folds.flat().sort(), patient_dice.patients], [ids, 6]);
    for (const [i, held] of folds.entries()) {
      assert.deepEqual(json(`${out}/folds/${i + 1}/split.json`).test, held);
    }
    assert.equal(json(`${out}/split.json`).subsets[6].length, 6);
    // The model of all is the one that it would be without folds.
    await expectDone("finetune", ...given.with(3, `${dir}/all`), "--patients", "all");
    assert.deepEqual(weights(out), weights(`${dir}/all`));
    const again = await expectDone("finetune", "--data", data, "--out", out, "--resume");
    assert.match(again, /all 3 steps are taken already[^]*over 6 patients/);
    const own = ["--folds", "2", "--set", "inference.fillHoles=false"];
    const set = await expectDone("finetune", ...given.with(3, `${dir}/own`), ...own);
    assert.ok(!/clean/.test(set) && !json(`${dir}/own/summary.json`).cleaning_choice);
    const many = await runTask("finetune", ...given.with(3, `${dir}/many`), "--folds", "7");
    assert.equal(many.code, 1);
    assert.match(
      many.stderr,
      /expected a number of folds from 2 to 6, the labelled patients, found 7/,
    );
    assert.ok(!existsSync(`${dir}/many`));
  }));

Deno.test("finetune --folds goes on within a fold after Ctrl-C, without the pretraining", () =>
  withFolder(async (dir) => {
    const data = `${dir}/cohort`;
    await writeCohort(data);
    const small = ["--data", data, ...TINY];
    const epochs = ["--set", "pretraining.epochs=1"];
    await expectDone("pretrain", ...small, ...epochs, "--out", `${dir}/pretraining`);
    const given = ["--data", data, "--pretrained", `${dir}/pretraining`, "--patients", "3"];
    const folds = [...given, "--folds", "2", ...STEPS];
    await expectDone("finetune", ...folds, "--out", `${dir}/whole`);
    const cut = `${dir}/cut`;
    const task = startTask("finetune", [...folds, "--out", cut]);
    const begun = () => existsSync(`${cut}/folds/1/metrics.jsonl`);
    await until("the first fold", begun, { seconds: 300 });
    task.kill("SIGINT");
    const { code, stderr } = await outcome(task);
    assert.equal(code, 130, stderr);
    assert.match(stderr, /--resume goes on from its last checkpoint: deno task finetune/);
    assert.ok(!existsSync(`${cut}/summary.json`));
    Deno.removeSync(`${dir}/pretraining`, { recursive: true });
    await expectDone("finetune", "--data", data, "--out", cut, "--resume");
    for (const run of ["", "/folds/1", "/folds/2"]) {
      assert.deepEqual(weights(cut + run), weights(`${dir}/whole${run}`), run);
    }
    assert.deepEqual(json(`${cut}/summary.json`), json(`${dir}/whole/summary.json`));
    assert.ok(!existsSync(`${cut}/folds/pretrained.safetensors`));
  }));
