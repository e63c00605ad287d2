import assert from "node:assert/strict";
import { existsSync } from "node:fs";
import { cp } from "node:fs/promises";
import { gzipSync } from "node:zlib";
import { withFolder } from "../support/datasets.ts";
import { niftiBytes } from "../support/nifti.ts";
import { expectDone, runTask, TINY, twoAtATime } from "../support/run_task.ts";
import { image, imagePath, labels, TESTING, TRAINING, writeCohort, writeVolume } from "./cohort.ts";

/** A task that must fail. */
interface Case {
  /** What is wrong. */
  name: string;
  /** The task and its arguments; `--out` is added where a task writes. */
  run: string[];
  /** What the one line on stderr says, after the task's name. */
  says: RegExp;
  /** 1 by default: failed; 2: wrong usage. */
  code?: 1 | 2;
  /** A folder to write to that is there already; a new one by default. */
  out?: string;
}

/** Runs the cases: each ends with its code and one line, and leaves no trace. */
async function expectFailures(dir: string, cases: Case[]): Promise<void> {
  let count = 0;
  await twoAtATime(cases, async ({ name, run, says, code = 1, out }) => {
    const folder = out ?? `${dir}/out-${count++}`;
    const before = out && snapshot(out);
    const writes = run[0] === "check-data" ? [] : ["--out", folder];
    const ended = await runTask(run[0], ...run.slice(1), ...writes);
    assert.equal(ended.code, code, `${name}: ${ended.stderr}`);
    assert.match(ended.stderr, /^[^\n]+\n$/, `${name}: expected one line, found ${ended.stderr}`);
    assert.ok(ended.stderr.startsWith(`${run[0]}: `), `${name}: ${ended.stderr}`);
    assert.match(ended.stderr, says, `${name}: ${ended.stderr}`);
    if (before === undefined) assert.ok(!existsSync(folder), `${name}: ${folder} was written`);
    else assert.deepEqual(snapshot(folder), before, `${name}: ${folder} was changed`);
  });
}

/** Every file below a folder, with its time and size. */
function snapshot(dir: string): string[] {
  return [...Deno.readDirSync(dir)].flatMap(({ name, isDirectory }) => {
    const path = `${dir}/${name}`;
    const { mtime, size } = Deno.statSync(path);
    return isDirectory ? [path, ...snapshot(path)] : [`${path} ${mtime?.getTime()} ${size}`];
  }).sort();
}

Deno.test("wrong usage is told in one line, before anything is read or written", () =>
  withFolder(async (dir) => {
    const cases: [name: string, args: string, says: RegExp][] = [
      [
        "unknown path",
        "pretrain --set pretraining.bach=4",
        /unknown setting "pretraining.bach" \(did you mean pretraining.batch\?\)/,
      ],
      [
        "no value",
        "pretrain --set pretraining.batch",
        /expected path=value, found "pretraining.batch"/,
      ],
      [
        "value of another type",
        "pretrain --set pretraining.batch=many",
        /pretraining.batch: .*Expected number but received "many"/,
      ],
      [
        "value out of range",
        "pretrain --set views.spatial.scale=[0,2]",
        /views.spatial.scale: expected a range within \(0, 1\]/,
      ],
      [
        "grid that the U-Net cannot halve",
        "pretrain --set grid.size=20",
        /grid.size: expected a multiple of 8/,
      ],
      [
        "unknown preset",
        "pretrain --preset pix2rep-smal",
        /found "pix2rep-smal" \(did you mean pix2rep-small\?\)/,
      ],
      [
        "unknown backend",
        "pretrain --backend simt",
        /--backend: expected one of .*found "simt" \(did you mean simd\?\)/,
      ],
      [
        "unknown strategy",
        "finetune --strategy prob",
        /--strategy: expected one of .*found "prob" \(did you mean probe\?\)/,
      ],
      [
        "no number",
        "pretrain --steps few",
        /--steps: expected a whole number from 1 on, found "few"/,
      ],
      [
        "negative number",
        "finetune --strategy scratch --patients -1",
        /--patients: expected a whole number from 1 on/,
      ],
      [
        "steps and epochs",
        "pretrain --steps 2 --epochs 2",
        /expected --epochs or --steps, found both/,
      ],
      [
        "resumed with another configuration",
        "pretrain --resume --seed 4",
        /own configuration: leave out --seed/,
      ],
      ["fine-tuning of nothing", "finetune", /--strategy finetune: expected --pretrained RUN/],
      [
        "scratch from a pretraining",
        "finetune --strategy scratch --pretrained x",
        /scratch takes no --pretrained/,
      ],
      ["preset of a pretraining", "finetune --pretrained x --preset pix2rep", /leave out --preset/],
      ["missing option", "evaluate", /expected --model RUN/],
      ["missing value", "predict --model --input x", /--model: expected RUN, found nothing/],
      ["value of a switch", "pretrain --resume=no", /--resume: expected no value, found "no"/],
      ["stray word", "sweep again", /expected options only, found "again"/],
      [
        "unknown strategies",
        "sweep --strategies probe,tune",
        /--strategies: expected one of .*found "tune"/,
      ],
    ];
    await expectFailures(
      dir,
      cases.map(([name, args, says]) => ({ name, run: args.split(" "), says, code: 2 })),
    );
  }));

Deno.test("data that cannot be used ends a task in one line, with nothing written", () =>
  withFolder(async (dir) => {
    const sound = `${dir}/sound`;
    await writeCohort(sound);
    Deno.mkdirSync(`${dir}/empty`);
    Deno.mkdirSync(`${dir}/letters`);
    Deno.writeTextFileSync(`${dir}/letters/readme.txt`, "no scans here");
    const [patient] = TRAINING;
    const damaged = async (name: string, spoil: (image: string, mask: string) => unknown) => {
      const copy = `${dir}/${name}`;
      await cp(sound, copy, { recursive: true });
      await spoil(imagePath(copy, patient), imagePath(copy, patient, "_gt.nii.gz"));
      return copy;
    };
    const truncated = await damaged("truncated", (path) => {
      const bytes = Deno.readFileSync(path);
      Deno.writeFileSync(path, bytes.subarray(0, bytes.length / 2));
    });
    const corrupt = await damaged("corrupt", (path) => {
      const bytes = Deno.readFileSync(path);
      bytes[bytes.length >> 1] ^= 0xff;
      Deno.writeFileSync(path, bytes);
    });
    const bomb = await damaged("bomb", (path) => {
      const shape = [2000, 2000, 1000];
      Deno.writeFileSync(path, gzipSync(niftiBytes({ shape, data: new Uint8Array(1e6) })));
    });
    const nan = await damaged("nan", (path) => {
      const voxels = Float32Array.from(image(labels(3), patient));
      voxels[100] = NaN;
      return writeVolume(path, voxels);
    });
    const shapes = await damaged("shapes", (_, mask) => {
      return writeVolume(mask, new Uint8Array(18 * 13 * 3), [18, 13, 3]);
    });
    const high = await damaged("high", (_, mask) => {
      return writeVolume(mask, labels(3).map((label) => label === 3 ? 7 : label));
    });
    const partial = await damaged("partial", (path) => Deno.remove(path));
    const pretrain = (data: string) => ["pretrain", "--data", data, ...TINY];
    const scratch = (data: string) => [
      ...["finetune", "--data", data, "--strategy", "scratch", "--patients", "6", ...TINY],
    ];
    const sweep = (data: string) => ["sweep", "--data", data, "--patients", "6", ...TINY];
    const file = `${patient}_frame01`;
    await expectFailures(dir, [
      { name: "missing folder", run: pretrain(`${dir}/none`), says: /none: no such folder/ },
      { name: "empty folder", run: pretrain(`${dir}/empty`), says: /empty: .*an empty folder/ },
      {
        name: "folder without scans",
        run: pretrain(`${dir}/letters`),
        says: /letters: expected a dataset, found no patientNNN folders \(acdc\), no /,
      },
      {
        name: "unknown layout",
        run: [...pretrain(sound), "--layout", "acdk"],
        says: /expected the layout acdc, msd, folder, found "acdk"/,
      },
      {
        name: "another layout",
        run: [...pretrain(sound), "--layout", "msd"],
        says: /sound: expected a dataset, found no dataset.json \(msd\)/,
      },
      {
        name: "truncated image",
        run: pretrain(truncated),
        says: new RegExp(`${file}.nii.gz: expected a whole gzip file, .*truncated`),
      },
      {
        name: "truncated image in a sweep",
        run: sweep(truncated),
        says: new RegExp(`${file}.nii.gz: expected a whole gzip file, .*truncated`),
      },
      {
        name: "corrupt image",
        run: pretrain(corrupt),
        says: new RegExp(`${file}.nii.gz: expected gzip data, found it corrupt`),
      },
      {
        name: "gzip bomb",
        run: pretrain(bomb),
        says: new RegExp(`${file}.nii.gz: expected at most \\d+ bytes of data, found \\d+`),
      },
      {
        name: "NaN voxels",
        run: pretrain(nan),
        says: new RegExp(`${file}.nii.gz: expected finite intensities, found NaN`),
      },
      {
        name: "mask of another shape",
        run: scratch(shapes),
        says: new RegExp(
          `${file}_gt.nii.gz: expected the image's shape 18 × 14 × 3, found 18 × 13`,
        ),
      },
      {
        name: "mask of another shape in a sweep",
        run: sweep(shapes),
        says: new RegExp(
          `${file}_gt.nii.gz: expected the image's shape 18 × 14 × 3, found 18 × 13`,
        ),
      },
      {
        name: "label out of range",
        run: scratch(high),
        says: new RegExp(`${file}_gt.nii.gz: expected labels .*from 0 to 3, found 7`),
      },
      {
        name: "missing frame",
        run: pretrain(partial),
        says: new RegExp(`expected ${file}.nii.gz, as Info.cfg says, found no file`),
      },
      {
        name: "more patients than there are",
        run: [...scratch(sound), "--patients", "7"],
        says: /sound: expected a number of labelled patients from 1 to 6, .*found 7/,
      },
    ]);
    await twoAtATime([truncated, corrupt, bomb, nan, shapes, high], async (data) => {
      const { code, stdout, stderr } = await runTask("check-data", "--data", data);
      assert.equal(code, 1, data);
      assert.equal(stderr, `check-data: ${data}: 1 of 16 scans cannot be used\n`);
      assert.equal(stdout.match(/^error: /gm)?.length, 1, stdout);
      assert.match(stdout, new RegExp(`error: .*${file}`));
    });
  }));

Deno.test("runs and scans that cannot be used end a task in one line, nothing changed", () =>
  withFolder(async (dir) => {
    const data = `${dir}/cohort`;
    await writeCohort(data);
    const [pretrained, model] = [`${dir}/pretrained`, `${dir}/model`];
    await expectDone("pretrain", "--data", data, "--out", pretrained, "--steps", "1", ...TINY);
    await expectDone("finetune", "--data", data, "--out", model, "--pretrained", pretrained);
    const changed = async (run: string, name: string, change: (dir: string) => void) => {
      const copy = `${dir}/${name}`;
      await cp(run, copy, { recursive: true });
      change(copy);
      return copy;
    };
    const widen = (run: string) => {
      const path = `${run}/config.json`;
      const config = JSON.parse(Deno.readTextFileSync(path));
      config.backbone.widths = [4, 12];
      Deno.writeTextFileSync(path, JSON.stringify(config));
    };
    const file = (run: string) => `${run}/checkpoint/model.safetensors`;
    const wider = await changed(pretrained, "wider", widen);
    const widerModel = await changed(model, "wider-model", widen);
    const flipped = await changed(model, "flipped", (run) => {
      const bytes = Deno.readFileSync(file(run));
      bytes[bytes.length - 10] ^= 4;
      Deno.writeFileSync(file(run), bytes);
    });
    const cut = await changed(model, "cut", (run) => Deno.truncateSync(file(run), 2000));
    const bare = await changed(model, "bare", (run) => Deno.removeSync(file(run)));
    const misspelt = await changed(model, "misspelt", (run) => {
      const path = `${run}/config.json`;
      Deno.writeTextFileSync(path, Deno.readTextFileSync(path).replace('"grid"', '"gird"'));
    });
    const cine = `${dir}/cine.nii.gz`;
    await writeVolume(cine, new Int16Array(18 * 14 * 3 * 2), [18, 14, 3, 2]);
    const text = `${dir}/note.nii.gz`;
    Deno.writeTextFileSync(text, "not an image");
    const mixed = `${dir}/mixed`;
    Deno.mkdirSync(mixed);
    Deno.copyFileSync(imagePath(data, TESTING[0]), `${mixed}/a.nii.gz`);
    Deno.copyFileSync(text, `${mixed}/b.nii.gz`);
    const taken = `${dir}/taken`;
    Deno.writeTextFileSync(taken, "a file");
    const evaluate = (run: string) => ["evaluate", "--data", data, "--model", run];
    const predict = (run: string, input: string) => ["predict", "--model", run, "--input", input];
    const finetune = (run: string) => ["finetune", "--data", data, "--pretrained", run];
    const resume = ["pretrain", "--data", data, "--resume"];
    const architecture = /another architecture: expected "backbone\.\S+" of shape \[.*\], found \[/;
    await expectFailures(dir, [
      {
        name: "no run",
        run: evaluate(`${dir}/none`),
        says: /none\/config.json: no such file; expected the folder of a run/,
      },
      {
        name: "pretraining, evaluated",
        run: evaluate(pretrained),
        says: /pretrained: expected an adapted model, found a pretraining/,
      },
      { name: "checkpoint of another architecture", run: evaluate(widerModel), says: architecture },
      { name: "pretraining of another architecture", run: finetune(wider), says: architecture },
      {
        name: "changed architecture",
        run: [...finetune(pretrained), "--set", "backbone.widths=[4,12]"],
        says: architecture,
      },
      {
        name: "other architecture, resumed",
        run: [...resume, "--steps", "2"],
        out: wider,
        says: architecture,
      },
      {
        name: "flipped bit",
        run: evaluate(flipped),
        says: /model.safetensors: the checksum does not match/,
      },
      {
        name: "truncated checkpoint",
        run: predict(cut, cine),
        says: /model.safetensors: not a complete safetensors file/,
      },
      {
        name: "no checkpoint",
        run: evaluate(bare),
        says: /bare: expected a checkpoint, found none/,
      },
      {
        name: "misspelt configuration",
        run: evaluate(misspelt),
        says: /misspelt\/config.json: grid: Invalid key: Expected "grid"/,
      },
      {
        name: "folder that holds a run",
        run: ["pretrain", "--data", data, ...TINY],
        out: pretrained,
        says: /pretrained: expected an empty or new folder .*choose another --out/,
      },
      {
        name: "sweep over a run",
        run: ["sweep", "--data", data, ...TINY],
        out: model,
        says: /model: .*choose another --out/,
      },
      {
        name: "demo over a run",
        run: ["demo", "--data", data],
        out: model,
        says: /model: expected an earlier demo or a new folder/,
      },
      {
        name: "nothing to resume",
        run: resume,
        says: /config.json: no such file; expected the folder of a run/,
      },
      {
        name: "adapted model, resumed",
        run: resume,
        out: model,
        says: /model: expected a pretraining to go on with, found finetune/,
      },
      {
        name: "no manifest",
        run: [...evaluate(model), "--split", `${dir}/none.json`],
        says: /none.json: no such file/,
      },
      {
        name: "4D input",
        run: predict(model, cine),
        says: /cine.nii.gz: expected a 3D volume, found 2 frames/,
      },
      {
        name: "no input",
        run: predict(model, `${dir}/none.nii.gz`),
        says: /none.nii.gz: no such file or folder/,
      },
      {
        name: "input that is no image",
        run: predict(model, text),
        says: /note.nii.gz: expected a NIfTI header/,
      },
      {
        name: "one bad scan among others",
        run: predict(model, mixed),
        says: /b.nii.gz: expected a NIfTI header/,
      },
    ]);
    for (const task of [["pretrain", "--data", data], ["demo", "--data", data]]) {
      const { code, stderr } = await runTask(task[0], ...task.slice(1), "--out", taken);
      assert.deepEqual([code, Deno.readTextFileSync(taken)], [1, "a file"]);
      assert.match(stderr, /^[^\n]*taken[^\n]*\n$/);
    }
  }));
