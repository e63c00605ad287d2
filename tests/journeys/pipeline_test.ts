import assert from "node:assert/strict";
import { parseConfig } from "../../lib/config/parse_config.ts";
import { readNifti } from "../../lib/data/volumes/nifti_read.ts";
import { readCheckpoint } from "../../lib/runs/checkpoint.ts";
import { checkpointPath } from "../../lib/runs/kept_checkpoints.ts";
import {
  STRATEGIES,
  STRATEGY_NAMES,
  type StrategyName,
} from "../../lib/training/strategies/table.ts";
import { withFolder } from "../support/datasets.ts";
import { assertAlike, mean, plainDice } from "../support/dice.ts";
import { expectDone, runTask, TINY, twoAtATime } from "../support/run_task.ts";
import { imagePath, TESTING, TRAINING, writeCohort } from "../tasks/cohort.ts";

const RUN_FILES = ["checkpoint", "config.json", "metrics.jsonl", "run.json", "split.json"];

/** What a run has besides that was planned. */
const PLANNED_FILES = ["auto.json", ...RUN_FILES];

Deno.test("the tasks lead from a dataset to masks of new scans", (t) =>
  withFolder(async (dir) => {
    const data = `${dir}/cohort`;
    await writeCohort(data);

    await t.step("check-data reports every scan, for people and for programs", async () => {
      const [text, json] = await Promise.all([
        expectDone("check-data", "--data", data),
        expectDone("check-data", "--data", data, "--json"),
      ]);
      assert.match(text, /cohort \(acdc\), 8 patients, 16 scans, 16 masks, 0 errors/);
      const { layout, patients, structures, scans, errors } = JSON.parse(json);
      assert.deepEqual([layout, patients, structures, scans.length, errors], [
        "acdc",
        8,
        ["RV", "MYO", "LV"],
        16,
        0,
      ]);
    });

    const pretrained = `${dir}/pretrained`;
    await t.step("pretrain writes a run", async () => {
      const printed = await expectDone(
        "pretrain",
        ...["--data", data, "--out", pretrained, "--steps", "3", "--seed", "1", ...TINY],
      );
      assert.match(printed, /36 slices of 6 patients of cohort/);
      assert.match(printed, /Written to .*:\n +checkpoint\/ +the weights\n +config\.json /);
      assert.match(printed, /Next, .*:\n +deno task finetune --data .* --pretrained .*\n$/);
      assert.ok(!printed.includes("quality.jsonl"));
      assert.deepEqual(listed(pretrained), PLANNED_FILES);
      assert.match(
        printed,
        /plan for 12 scans of 6 patients of cohort:\n +grid +16 × 16 pixels of 2 mm/,
      );
      const config = parseConfig(json(`${pretrained}/config.json`), "config.json");
      assert.deepEqual([config.preset, config.seed, config.grid.size, config.backbone.widths], [
        "auto",
        1,
        16,
        [4, 8],
      ]);
      const { seconds, deno, seen, provenance, ...info } = json(`${pretrained}/run.json`);
      assert.ok(seconds >= 0);
      assert.equal(seen.scans, 12);
      assert.equal(deno, Deno.version.deno);
      assert.deepEqual(info, {
        schema: "pix2rep.run/1",
        kind: "pretrain",
        dataset: "cohort",
        order: { axes: "RAS", usual: "RAS", slices: 2 },
        structures: [],
        steps: 3,
        backend: info.backend,
        status: "done",
      });
      const { metadata } = await readCheckpoint(checkpointPath(pretrained));
      assert.equal(provenance.slices, metadata.slices);
      assert.equal(provenance.version, json("deno.json").version);
      assert.match(provenance.command, /^deno task pretrain .*--data '?…\/cohort'? .*--steps 3/);
      assert.ok(!JSON.stringify(provenance).includes(dir));
      const { schema, pool, test } = json(`${pretrained}/split.json`);
      assert.deepEqual([schema, pool, test], ["pix2rep.split/1", TRAINING, TESTING]);
      expectSteps(pretrained, 3);
      const { tensors } = await readCheckpoint(checkpointPath(pretrained));
      const parts = new Set(Object.keys(tensors).map((name) => name.split(".")[0]));
      assert.deepEqual([...parts].sort(), ["backbone", "optimiser", "projection"]);
    });

    await t.step("pretrain --resume lengthens a run, and does not repeat one", async () => {
      const resume = ["--data", data, "--out", pretrained, "--resume"];
      await expectDone("pretrain", ...resume, "--steps", "5");
      expectSteps(pretrained, 5);
      assert.equal(json(`${pretrained}/run.json`).steps, 5);
      const { metadata } = await readCheckpoint(checkpointPath(pretrained));
      assert.equal(metadata.step, "5");
      const before = contents(pretrained);
      assert.match(await expectDone("pretrain", ...resume), /all 5 steps are taken already/);
      assert.deepEqual(contents(pretrained), before);
    });

    await t.step(
      "pretrain --probe measures features with the masks of a few patients",
      async () => {
        const out = `${dir}/probed`;
        const run = ["--data", data, "--out", out];
        const watched = [...TINY, "--set", "pretraining.qualityEvery=2"];
        const printed = await expectDone(
          "pretrain",
          ...[...run, "--steps", "3", "--probe", "2", ...watched],
        );
        assert.match(printed, /12 labelled slices of patient00\d, patient00\d to probe/);
        assert.deepEqual(listed(out), [...PLANNED_FILES, "quality.jsonl"].sort());
        const records = () =>
          Deno.readTextFileSync(`${out}/quality.jsonl`).trimEnd().split("\n")
            .map((line) => JSON.parse(line));
        const [{ step, probe_dice }] = records();
        assert.deepEqual([records().length, step], [1, 2]);
        // 0 if no structure were found, 1 if no mask were read.
        assert.ok(probe_dice > 0 && probe_dice < 1, `${probe_dice}`);
        await expectDone("pretrain", ...run, "--resume", "--steps", "4");
        assert.deepEqual(records().map(({ step }) => step), [2, 4]);
        assert.deepEqual(json(`${out}/run.json`).probe, 2);
        assert.ok(records()[1].probe_dice > 0);
      },
    );

    await t.step(
      "pretrain --log keeps metrics for other programs, also when it goes on",
      async () => {
        const out = `${dir}/logged`;
        const run = ["--data", data, "--out", out, "--quiet"];
        const log = ["--log", "csv,tensorboard"];
        assert.equal(await expectDone("pretrain", ...run, "--steps", "2", ...log, ...TINY), "");
        assert.equal(await expectDone("pretrain", ...run, "--resume", "--steps", "3"), "");
        const rows = Deno.readTextFileSync(`${out}/training.csv`).split("\r\n");
        assert.deepEqual(rows.map((row) => row.split(",")[0]), ["step", "1", "2", "3", ""]);
        const events = listed(out).filter((name) => name.startsWith("events.out.tfevents."));
        assert.equal(events.length, 2);
        const unknown = await runTask("finetune", "--strategy", "scratch", "--log", "tensorbord");
        assert.equal(unknown.code, 2);
        assert.match(unknown.stderr, /--log: expected one of .* \(did you mean tensorboard\?\)/);
      },
    );

    await t.step("pretrain --dry-run tells what it would take, and writes nothing", async () => {
      const out = `${dir}/not-run`;
      const settings = [...TINY, "--set", "pretraining.batch=8", "--preset", "pix2rep-v2-small"];
      const printed = await expectDone(
        "pretrain",
        ...["--data", data, "--out", out, "--dry-run", "--steps", "100", ...settings],
      );
      assert.match(printed, /^network +\S+ million weights$/m);
      assert.match(printed, /^steps +100 of 8 slices with 1 patch each, two views of each$/m);
      assert.match(printed, /^memory +about \S+ GiB for tensors$/m);
      assert.match(printed, /^time +about \S+ s a step, (\d+ min )?\d+ s in all, on \w+$/m);
      assert.throws(() => Deno.statSync(out), Deno.errors.NotFound);
    });

    await t.step("pictures draws what the backbone sees", async () => {
      await expectDone("pictures", "--data", data, "--pretrained", pretrained, "--pixel", "3,12");
      const files = listed(`${pretrained}/pictures`);
      const names = ["components", "equivariance", "similarity", "views"];
      assert.deepEqual(files, names.map((name) => `${name}.png`));
      const { code, stderr } = await runTask(
        "pictures",
        ...["--data", data, "--pretrained", pretrained, "--pixel", "16,0"],
      );
      assert.equal(code, 2);
      assert.equal(stderr, "pictures: --pixel: expected X,Y from 0,0 to 15,15, found 16,0\n");
    });

    const model = (strategy: string) => `${dir}/${strategy}`;
    await t.step("finetune warns of labels that the grid cuts off", async () => {
      const run = ["--data", data, "--strategy", "scratch", "--out", `${dir}/cut`, ...TINY];
      const { code, stderr } = await runTask("finetune", ...run, "--set", "grid.size=4");
      assert.equal(code, 0, stderr);
      assert.match(
        stderr,
        /frame01\.nii\.gz: \d+ % of the labelled volume fits into 4 × 4 pixels of 2 mm; choose/,
      );
    });

    await t.step("finetune adapts by every strategy", () =>
      twoAtATime(
        ["mean-teacher-alone", "weak-to-strong-alone", ...STRATEGY_NAMES],
        async (folder) => {
          const strategy = folder.replace("-alone", "") as StrategyName;
          const { pretraining, steps: stepsOf, unlabelled } = STRATEGIES[strategy];
          const alone = pretraining === "none" || folder !== strategy;
          const from = alone ? TINY : ["--pretrained", pretrained];
          const printed = await expectDone(
            "finetune",
            ...["--data", data, "--out", model(folder), "--strategy", strategy],
            ...["--patients", "2", ...from],
          );
          const files = alone ? PLANNED_FILES : RUN_FILES;
          assert.deepEqual(listed(model(folder)), [...files, "report.html"].sort());
          assert.match(
            Deno.readTextFileSync(`${model(folder)}/report.html`),
            /class="finding">Dice [\d.]+ ± [\d.]+ over 2 test patients, whose masks the model has not/,
          );
          const steps = stepsOf(json(`${model(folder)}/config.json`).adaptation, {
            pretrained: !alone,
          });
          assert.equal(
            steps,
            { "in-context": 0, "probe-finetune": 6, "weak-to-strong": 6 }[folder] ?? 3,
          );
          expectSteps(model(folder), steps);
          assert.equal(json(`${model(folder)}/run.json`).steps, steps);
          assert.equal(
            /36 unlabelled slices of 6 patients/.test(printed),
            unlabelled,
          );
          const { kind, status, structures } = json(`${model(folder)}/run.json`);
          assert.deepEqual([kind, status], [strategy, "done"]);
          assert.deepEqual(
            structures.map(({ name }: { name: string }) => name),
            ["RV", "MYO", "LV"],
          );
          const { subsets, test } = json(`${model(folder)}/split.json`);
          assert.deepEqual(test, TESTING);
          assert.equal(subsets[2].length, 2);
        },
      ));

    await t.step("a probe keeps the pretrained backbone, fine-tuning moves it", async () => {
      const [{ tensors: before }, probe, finetuned] = await Promise.all(
        [pretrained, model("probe"), model("finetune")].map((run) =>
          readCheckpoint(checkpointPath(run))
        ),
      );
      const backbone = Object.keys(before).filter((name) => name.startsWith("backbone."));
      assert.ok(backbone.length > 0);
      const pick = (tensors: typeof before) => backbone.map((name) => tensors[name].values);
      assert.deepEqual(pick(probe.tensors), pick(before));
      assert.notDeepEqual(pick(finetuned.tensors), pick(before));
    });

    /** Checks what `evaluate` wrote against the masks that `predict` writes of the test scans. */
    const expectDiceOfMasks = async (run: string) => {
      const dice: Record<string, number[]> = { RV: [], MYO: [], LV: [] };
      const [scans, out] = [`${data}/testing`, `${run}/masks`];
      await expectDone("predict", "--model", run, "--input", scans, "--out", out);
      for (const id of TESTING) {
        for (const frame of ["01", "08"]) {
          const name = `${id}_frame${frame}`;
          const [{ voxels }, reference] = await Promise.all([
            readNifti(`${out}/${name}_gt.nii.gz`),
            readNifti(`${scans}/${id}/${name}_gt.nii.gz`),
          ]);
          Object.values(dice).forEach((values, i) =>
            values.push(plainDice(voxels, reference.voxels, i + 1))
          );
        }
      }
      const { structures, mean: all } = json(`${run}/evaluation/summary.json`);
      const expected = Object.entries(dice).map(([name, values]) => [name, mean(values)] as const);
      const found = Object.keys(structures).map((name) => [name, structures[name].dice]);
      assertAlike(Object.fromEntries([...found, ["mean", all.dice]]), {
        ...Object.fromEntries(expected),
        mean: mean(expected.map(([, value]) => value)),
      });
    };
    await t.step("evaluate measures teacher and student, and what labelled pixels say", () =>
      twoAtATime(["mean-teacher", "weak-to-strong", "in-context"], async (strategy) => {
        const printed = await expectDone("evaluate", "--data", data, "--model", model(strategy));
        const { student } = json(`${model(strategy)}/evaluation/summary.json`);
        await expectDiceOfMasks(model(strategy));
        const [, told] = printed.match(/\nstudent's mean +(\S+)/) ?? [];
        assert.equal(told, student?.dice.toFixed(3));
        assert.equal(student !== undefined, strategy !== "in-context");
      }));

    await t.step("an in-context model keeps some pixels of every labelled slice", async () => {
      const { tensors } = await readCheckpoint(checkpointPath(model("in-context")));
      // Two patients, two scans, three slices.
      assert.deepEqual(tensors["memory.features"].shape, [2 * 2 * 3 * 20, 4]);
      assert.deepEqual(new Set(tensors["memory.labels"].values), new Set([0, 1, 2, 3]));
    });

    await t.step("evaluate measures every structure of every test scan", async () => {
      const printed = await expectDone("evaluate", "--data", data, "--model", model("finetune"));
      assert.match(
        printed,
        /2 test patients of cohort\n +Dice HD95 mm ASSD mm +NSD\nRV .*\nMYO .*\nLV /,
      );
      const out = `${model("finetune")}/evaluation`;
      assert.deepEqual(listed(out), ["metrics.csv", "report.html", "summary.json"]);
      const [head, ...rows] = Deno.readTextFileSync(`${out}/metrics.csv`).trimEnd().split("\r\n");
      assert.match(head, /^patient,group,phase,structure,dice,.*hd95_mm,assd_mm,missed/);
      assert.deepEqual(
        rows.map((row) =>
          row.split(",").filter((_, i) =>
            i !== 1
          ).slice(0, 3).join(" ")
        ),
        TESTING.flatMap((patient) =>
          ["ED", "ES"].flatMap((phase) =>
            ["RV", "MYO", "LV"].map((structure) => `${patient} ${phase} ${structure}`)
          )
        ),
      );
      const { schema, patients, structures, phases } = json(`${out}/summary.json`);
      assert.deepEqual([schema, patients], ["pix2rep.evaluation/2", 2]);
      assert.deepEqual([Object.keys(structures), Object.keys(phases)], [
        ["RV", "MYO", "LV"],
        ["ED", "ES"],
      ]);
      await expectDiceOfMasks(model("finetune"));
    });

    await t.step("evaluate segments as --set inference says", async () => {
      const run = ["--data", data, "--model", model("in-context"), "--out"];
      const largestOnly = ["--set", "inference.largestComponent=true"];
      await expectDone("evaluate", ...run, `${dir}/all`);
      await expectDone("evaluate", ...run, `${dir}/largest`, ...largestOnly);
      const volumes = (folder: string) =>
        Deno.readTextFileSync(`${folder}/metrics.csv`).trimEnd().split("\r\n").slice(1)
          .map((row) => Number(row.split(",")[9]));
      const [all, largest] = [
        volumes(`${dir}/all`),
        volumes(`${dir}/largest`),
      ];
      assert.ok(largest.every((volume, i) => volume <= all[i]), `${largest} of ${all}`);
      assert.notDeepEqual(largest, all);
      const { code, stderr } = await runTask("evaluate", ...run, dir, "--set", "grid.size=8");
      assert.equal(code, 2);
      assert.match(
        stderr,
        /^evaluate: --set: expected a setting of inference, found "grid.size=8";/,
      );
    });

    await t.step("evaluate and predict speak to programs", async () => {
      const run = ["--model", model("finetune"), "--json"];
      const measured = await expectDone("evaluate", "--data", data, ...run);
      assert.deepEqual(
        JSON.parse(measured),
        json(`${model("finetune")}/evaluation/summary.json`),
      );
      assert.equal(measured.split("\n").length, 2);
      const out = `${dir}/no-masks`;
      const input = imagePath(data, "patient007");
      const listed = await runTask(
        "predict",
        ...[...run, "--input", input, "--out", out, "--dry-run"],
      );
      assert.deepEqual([listed.code, listed.stderr], [0, ""]);
      const mask = `${out}/patient007_frame01_mask.nii.gz`;
      assert.deepEqual(JSON.parse(listed.stdout), [{ image: input, mask }]);
      assert.throws(() => Deno.statSync(out), Deno.errors.NotFound);
    });

    await t.step("evaluate tests on the patients of another manifest", async () => {
      const split = `${dir}/split.json`;
      const own = json(`${model("probe")}/split.json`);
      Deno.writeTextFileSync(split, JSON.stringify({ ...own, test: [TESTING[1]] }));
      const printed = await expectDone(
        "evaluate",
        ...["--data", data, "--model", model("probe"), "--split", split, "--out", `${dir}/other`],
      );
      assert.match(printed, /1 test patient of cohort/);
      assert.equal(json(`${dir}/other/summary.json`).patients, 1);
    });

    await t.step("predict writes a mask of each scan on the scan's grid", async () => {
      const image = imagePath(data, "patient007");
      const folder = `${dir}/new-scans`;
      Deno.mkdirSync(folder);
      for (const id of TESTING) Deno.copyFileSync(imagePath(data, id), `${folder}/${id}.nii.gz`);
      await twoAtATime([image, folder], async (input) => {
        const out = input === image ? `${dir}/mask` : `${dir}/masks`;
        const run = ["--model", model("finetune"), "--input", input, "--out", out];
        assert.match(
          await expectDone("predict", ...run),
          /[12] masks? of 1 RV, 2 MYO, 3 LV\n\nWritten to/,
        );
      });
      const [record, page] = ["masks.jsonl", "report.html"];
      assert.deepEqual(listed(`${dir}/mask`), [record, "patient007_frame01_mask.nii.gz", page]);
      assert.deepEqual(
        listed(`${dir}/masks`),
        [record, ...TESTING.map((id) => `${id}_mask.nii.gz`), page],
      );
      const [scan, mask, same] = await Promise.all([
        readNifti(image),
        readNifti(`${dir}/mask/patient007_frame01_mask.nii.gz`),
        readNifti(`${dir}/masks/patient007_mask.nii.gz`),
      ]);
      const grid = ({ shape, spacing, affine }: typeof scan) => ({ shape, spacing, affine });
      assert.deepEqual(grid(mask), grid(scan));
      assert.ok(mask.voxels.every((label) => [0, 1, 2, 3].includes(label)));
      assert.deepEqual(same.voxels, mask.voxels);
    });
  }));

/** A JSON file's content. */
// deno-lint-ignore no-explicit-any -- each check knows the shape it expects
function json(path: string): any {
  return JSON.parse(Deno.readTextFileSync(path));
}

/** Everything in a folder, hidden and temporary files included. */
function listed(dir: string): string[] {
  return [...Deno.readDirSync(dir)].map(({ name }) => name).sort();
}

function contents(dir: string): string[] {
  return ["config.json", "metrics.jsonl", "run.json", "checkpoint/model.safetensors"]
    .map((name) => Deno.readTextFileSync(`${dir}/${name}`));
}

/** Checks that metrics.jsonl holds every step once. */
function expectSteps(dir: string, count: number): void {
  const records = Deno.readTextFileSync(`${dir}/metrics.jsonl`).split("\n").slice(0, -1)
    .map((line) => JSON.parse(line));
  assert.deepEqual(records.map(({ step }) => step), Array.from({ length: count }, (_, i) => i + 1));
  for (const { loss, learning_rate } of records) {
    assert.ok(Number.isFinite(loss));
    assert.ok(learning_rate >= 0);
  }
}
