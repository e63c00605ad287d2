import assert from "node:assert/strict";
import type { Config } from "../../lib/config/config.ts";
import { openDataset } from "../../lib/data/datasets/open_dataset.ts";
import { readVolume } from "../../lib/data/volumes/read_volume.ts";
import { takeFrame } from "../../lib/data/volumes/frames.ts";
import type { Volume } from "../../lib/data/volumes/volume.ts";
import { prepareFrames, propagateLabels } from "../../lib/inference/propagate.ts";
import { openRun } from "../../lib/runs/run_folder.ts";
import { pretrainedBackbone } from "../../lib/training/weights/pretrained_backbone.ts";
import { accessOf } from "../../tasks/support/command/access.ts";
import { expectFailures } from "../refusals/failures.ts";
import { withFolder } from "../support/datasets.ts";
import { expectDone } from "../support/run_task.ts";
import { onCpu, TINY } from "../training/tiny.ts";
import { image, labels, writeCohort, writeVolume } from "./cohort.ts";
import { writeConstantModel } from "./constant_model.ts";

const SHAPE = [18, 14, 3];
const config: Config = { ...TINY, grid: { size: 20, spacing: 1.5, axis: "auto" } };

/** A heart at two sizes, and what masks of it outline; values that are not 1, 2, 3. */
const [LARGE, SMALL] = [3, 2].map(labels);
const VALUES = [0, 10, 20, 30];
const stored = (mask: Uint8Array) => mask.map((label) => VALUES[label]);

/** Writes weights to take features of, a cine of three frames, its scans apart, and masks. */
async function writePatient(dir: string): Promise<void> {
  await writeCohort(`${dir}/cohort`);
  const dataset = await openDataset(`${dir}/cohort`);
  await writeConstantModel(`${dir}/run`, dataset, { config, logits: [0, 0, 0, 0] });
  const frames = [SMALL, LARGE, LARGE].map((mask) => image(mask, "patient"));
  const cine = Int16Array.from(frames.flatMap((frame) => [...frame]));
  await writeVolume(`${dir}/cine.nii.gz`, cine, [...SHAPE, 3]);
  await writeVolume(`${dir}/es.nii.gz`, frames[0]);
  await writeVolume(`${dir}/ed.nii.gz`, frames[1]);
  await writeVolume(`${dir}/ed_mask.nii.gz`, stored(LARGE));
}

/** What the library makes of the frames, by their numbers. */
async function propagated(dir: string, scans: Volume[], labelled: number): Promise<Uint8Array[]> {
  const { config, checkpoint, info: { order } } = await openRun(`${dir}/run`);
  const mask = { ...scans[labelled], voxels: LARGE };
  const frames = prepareFrames({ scans, labelled, mask }, { config, order });
  const backbone = pretrainedBackbone(checkpoint, { config });
  const found: Uint8Array[] = [];
  for await (const { frame, labels } of propagateLabels(backbone, frames, { classes: 4 })) {
    found[frame] = labels;
  }
  return found;
}

/** Masks of two backends: a pixel between two classes may fall to either. */
function assertAlike(found: ArrayLike<number>, expected: Uint8Array): void {
  assert.equal(found.length, expected.length);
  assert.ok(expected.some((value) => value > 0));
  const different = expected.filter((value, i) => value !== found[i]).length;
  assert.ok(different <= expected.length / 100, `${different} voxels`);
}

Deno.test(
  "propagate writes one mask of a cine, with the given one as it is, and tells volumes",
  onCpu(() =>
    withFolder(async (dir) => {
      await writePatient(dir);
      const given = ["--mask", `${dir}/ed_mask.nii.gz`, "--frame", "1", "--json"];
      const told = await expectDone(
        "propagate",
        ...["--pretrained", `${dir}/run`, "--input", `${dir}/cine.nii.gz`, ...given],
        ...["--out", `${dir}/out`, "--backend", "simd"],
      );
      assert.deepEqual([...Deno.readDirSync(`${dir}/out`)].map(({ name }) => name), [
        "cine_mask.nii.gz",
      ]);
      const mask = await readVolume(`${dir}/out/cine_mask.nii.gz`);
      const cine = await readVolume(`${dir}/cine.nii.gz`);
      assert.deepEqual([mask.shape, mask.affine], [[...SHAPE, 3], cine.affine]);
      const frames = [0, 1, 2].map((frame) =>
        Uint8Array.from(mask.voxels.subarray(frame * LARGE.length, (frame + 1) * LARGE.length))
      );
      assert.deepEqual(frames[1], stored(LARGE));
      const scans = [0, 1, 2].map((frame) => takeFrame(cine, frame));
      const found = await propagated(dir, scans, 1);
      for (const frame of [0, 2]) assertAlike(frames[frame], stored(found[frame]));
      const { masks, frames: volumes, emptied_percent: emptied } = JSON.parse(told);
      assert.deepEqual(masks, [
        { image: `${dir}/cine.nii.gz`, mask: `${dir}/out/cine_mask.nii.gz` },
      ]);
      assert.deepEqual(volumes.map(({ title }: { title: string }) => title), [
        "frame 0",
        "frame 1 (given)",
        "frame 2",
      ]);
      const millilitres = frames.map((frame) =>
        frame.filter((value) => value === 30).length * 1.5 * 1.5 * 8 / 1000
      );
      const cavity = volumes.map((one: { volumes_ml: Record<string, number> }) =>
        one.volumes_ml["label 30"]
      );
      assert.deepEqual(cavity, millilitres);
      const [least, most] = [Math.min(...millilitres), Math.max(...millilitres)];
      assert.equal(emptied["label 30"], 100 * (1 - least / most));
    })
  ),
);

Deno.test(
  "propagate writes a mask of each other scan, and says what it cannot use",
  onCpu(() =>
    withFolder(async (dir) => {
      await writePatient(dir);
      const from = ["--pretrained", `${dir}/run`, "--backend", "simd"];
      const [ed, es, mask] = ["ed", "es", "ed_mask"].map((name) => `${dir}/${name}.nii.gz`);
      const said = await expectDone(
        "propagate",
        ...[...from, "--input", ed, "--input", es, "--mask", mask, "--out", `${dir}/out`],
      );
      assert.match(said, /^ed\.nii\.gz \(given\) +\d.*\nes\.nii\.gz +\d.*\nemptied +\d/m);
      assert.deepEqual([...Deno.readDirSync(`${dir}/out`)].map(({ name }) => name), [
        "es_mask.nii.gz",
      ]);
      const found = await readVolume(`${dir}/out/es_mask.nii.gz`);
      assert.ok([...new Set(found.voxels)].every((value) => VALUES.includes(value)));
      const [, expected] = await propagated(dir, [await readVolume(ed), await readVolume(es)], 0);
      assertAlike(found.voxels, stored(expected));

      const empty = `${dir}/empty.nii.gz`;
      await writeVolume(empty, new Uint8Array(LARGE.length));
      const small = `${dir}/small.nii.gz`;
      await writeVolume(small, new Int16Array(9 * 7 * 3).fill(5), [9, 7, 3]);
      const cine = `${dir}/cine.nii.gz`;
      const cases = [
        { run: ["--input", ed, "--mask", mask], says: /ed\.nii\.gz: expected a 4D scan, found/ },
        {
          run: ["--input", ed, "--input", es, "--mask", mask, "--frame", "1"],
          says: /--frame: expected one 4D scan, found several/,
        },
      ].map((one) => ({ ...one, code: 2 as const }));
      const others = [
        {
          run: ["--input", cine, "--mask", mask, "--frame", "3"],
          says: /cine\.nii\.gz: expected a frame from 0 to 2, found 3/,
        },
        {
          run: ["--input", cine, "--mask", empty],
          says: /empty\.nii\.gz: expected a mask that outlines/,
        },
        {
          run: ["--input", cine, "--mask", small],
          says: /small\.nii\.gz: expected the grid of its/,
        },
        {
          run: ["--input", ed, "--input", small, "--mask", mask],
          says: /small\.nii\.gz: expected the grid of .*ed\.nii\.gz, 18 × 14 × 3 voxels/,
        },
        {
          run: ["--input", ed, "--input", cine, "--mask", mask],
          says: /cine\.nii\.gz: expected a 3D volume, found 3 volumes/,
        },
      ];
      await expectFailures(
        dir,
        [...cases, ...others].map((one) => ({
          ...one,
          name: one.run.join(" "),
          run: ["propagate", ...one.run, ...from],
        })),
      );
    })
  ),
);

Deno.test("propagate reads the mask, and no dataset", () => {
  const args = ["--pretrained", "r", "--input", "a.nii", "--mask", "m.nii", "--out", "o"];
  const { read, write } = accessOf("propagate", args);
  assert.deepEqual([read.sort(), write], [["a.nii", "m.nii", "o", "r"], ["o"]]);
});
