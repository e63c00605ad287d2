import assert from "node:assert/strict";
import { cp } from "node:fs/promises";
import { gzipSync } from "node:zlib";
import { withFolder } from "../support/datasets.ts";
import { niftiBytes } from "../support/nifti.ts";
import { runTask, TINY, twoAtATime } from "../support/run_task.ts";
import { image, imagePath, labels, TRAINING, writeCohort, writeVolume } from "../tasks/cohort.ts";
import { expectFailures } from "./failures.ts";

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
      voxels.fill(NaN);
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
    const scratch = (data: string, patients = "6") => [
      ...["finetune", "--data", data, "--strategy", "scratch", "--patients", patients, ...TINY],
    ];
    const sweep = (data: string) => ["sweep", "--data", data, "--patients", "6", ...TINY];
    const file = `${patient}_frame01`;
    await expectFailures(dir, [
      { name: "missing folder", run: pretrain(`${dir}/none`), says: /none: no such folder/ },
      { name: "empty folder", run: pretrain(`${dir}/empty`), says: /empty: .*an empty folder/ },
      {
        name: "folder without scans",
        run: pretrain(`${dir}/letters`),
        says: /letters: expected a dataset, found 1 \.txt; convert /,
      },
      {
        name: "another layout",
        run: [...pretrain(sound), "--layout", "msd"],
        says: /sound: expected a dataset of the layout msd, found no dataset\.json/,
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
        name: "nothing but NaN",
        run: pretrain(nan),
        says: new RegExp(`${file}.nii.gz: expected finite intensities, found none`),
      },
      {
        name: "mask of another shape",
        run: scratch(shapes),
        says: new RegExp(
          `${file}_gt.nii.gz: expected the grid of its image, 18 × 14 × 3 .*, found 18 × 13`,
        ),
      },
      {
        name: "mask of another shape in a sweep",
        run: sweep(shapes),
        says: new RegExp(
          `${file}_gt.nii.gz: expected the grid of its image, 18 × 14 × 3 .*, found 18 × 13`,
        ),
      },
      {
        name: "label out of range",
        run: scratch(high),
        says: new RegExp(`${file}_gt.nii.gz: expected the labels 0, 1, 2, 3, found 7 in 75 voxels`),
      },
      {
        name: "missing frame",
        run: pretrain(partial),
        says: new RegExp(`expected ${file}.nii.gz, as Info.cfg says, found no file`),
      },
      {
        name: "more patients than there are",
        run: scratch(sound, "7"),
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
