/** Masks of other values than 0, 1, 2, and masks that leave something open. */
import assert from "node:assert/strict";
import { checkDataset } from "../../lib/data/datasets/check/check_data.ts";
import { loadCohort } from "../../lib/data/slices/cohort.ts";
import type { Dataset } from "../../lib/data/datasets/dataset.ts";
import { labelsToValues } from "../../lib/data/masks/labels.ts";
import { readVolume } from "../../lib/data/volumes/read_volume.ts";
import type { Volume } from "../../lib/data/volumes/volume.ts";
import { evaluateModel } from "../../lib/evaluators/evaluate.ts";
import { segmentScan } from "../../lib/inference/segment.ts";
import { withFolder } from "../support/datasets.ts";
import { onCpu } from "../training/tiny.ts";
import {
  caseConfig,
  diceOn,
  expectRings,
  learned,
  mapped,
  openCase,
  ring,
  ringModel,
  save,
  TESTED,
  trainOn,
  writeCohort,
} from "./cohort.ts";

/** Writes the rings that are tested on, with masks that are changed. */
async function writeRings(dir: string, change: (mask: Volume) => Volume): Promise<void> {
  for (const seed of TESTED) {
    const { image, mask } = ring(seed);
    await save(`${dir}/images/c${seed}.nii.gz`, image);
    await save(`${dir}/labels/c${seed}.nii.gz`, change(mask));
  }
}

/** 2 |A ∩ B| / (|A| + |B|) of the voxels of one value in two maps. */
function overlap(a: ArrayLike<number>, b: ArrayLike<number>, isIn: (value: number) => boolean) {
  const [ofA, ofB] = [a, b].map((map) => Array.from(map, isIn));
  const count = (of: boolean[]) => of.filter(Boolean).length;
  return 2 * count(ofA.map((one, i) => one && ofB[i])) / (count(ofA) + count(ofB));
}

/** A patient's mask as it would be written, and as it is stored. */
async function writtenAndStored(dataset: Dataset) {
  const { model } = await ringModel();
  const [{ image, mask }] = dataset.patients[0].scans;
  const found = await segmentScan(model, await readVolume(image), {
    config: caseConfig(),
    order: dataset.order,
  });
  const { voxels: stored } = await readVolume(mask!);
  return { written: labelsToValues(found, dataset), stored };
}

/** Values of the ring and of the disc in mask files. */
const values: [what: string, values: [ring: number, disc: number]][] = [
  ["0, 128 and 255", [128, 255]],
  ["0, 1 and 4, as BraTS has them", [1, 4]],
  ["0, 4 and 1", [4, 1]],
  ["0, 17 and 1005, as FreeSurfer has them", [17, 1005]],
  ["0, 600 and 70000", [600, 70000]],
];

for (const [what, stored] of values) {
  Deno.test(
    `masks of ${what} are read, told of, and written back so`,
    onCpu(() =>
      withFolder(async (dir) => {
        const order = stored[0] < stored[1] ? [1, 2] : [2, 1];
        // The network knows the ring as 1: where its value is the higher one, the disc is 1.
        const shown = [0, stored[order[0] - 1], stored[order[1] - 1]];
        await writeRings(dir, (mask) => mapped(mask, (label) => shown[label], Int32Array));
        const dataset = await expectRings(dir);
        const { written, stored: file } = await writtenAndStored(dataset);
        assert.deepEqual([...new Set(written)].sort(), [0, ...stored].sort());
        for (const value of stored) {
          assert.ok(overlap(written, file, (one) => one === value) > 0.9, `${value}`);
        }
        const { structures, errors } = await checkDataset(dataset);
        assert.deepEqual(structures, stored.toSorted((a, b) => a - b).map((one) => `label ${one}`));
        assert.equal(errors, 0);
      })
    ),
  );
}

Deno.test(
  "labels that are off by a thousandth are rounded with a word, others refused with their place",
  onCpu(() =>
    withFolder(async (dir) => {
      const off = (by: number) => (mask: Volume) =>
        mapped(mask, (label) => label * (1 + by), Float32Array);
      for (const by of [1.53e-5, -4e-4]) {
        await writeRings(dir, off(by));
        const { scans } = await checkDataset(await expectRings(dir));
        assert.ok(scans.every(({ warnings }) => warnings.some((one) => /rounded/.test(one))));
      }
      await writeRings(dir, off(2e-3));
      const { scans } = await checkDataset(await openCase(dir, caseConfig()));
      assert.match(
        scans[0].error ?? "",
        /c0\.nii\.gz: .* found 1\.00\d+, which is no whole number, in \d+ voxels, the first at \(\d/,
      );
    })
  ),
);

Deno.test(
  "a value below 0 is refused by file and place, or is what a setting makes of it",
  onCpu(() =>
    withFolder(async (dir) => {
      const unseen = (mask: Volume) => mapped(mask, (label, z) => z === 1 ? -1 : label);
      await writeRings(dir, unseen);
      const { scans, errors } = await checkDataset(await openCase(dir, caseConfig()));
      assert.equal(errors, 2);
      for (const [i, { error }] of scans.entries()) {
        assert.match(
          error ?? "",
          new RegExp(`labels/c${TESTED[i]}\\.nii\\.gz: .*found -1 in 1600 `),
        );
      }
      const ignoring = caseConfig("data.ignoreLabel=-1");
      const ignored = await expectRings(dir, { config: ignoring, tolerance: 0.02 });
      const report = await checkDataset(ignored);
      assert.deepEqual(report.scans.map(({ ignoredVoxels }) => ignoredVoxels), [1600, 1600]);
      const labels = `data.labels={"ring":1,"disc":2,"background":-1}`;
      const background = await openCase(dir, caseConfig(labels));
      const emptied = await checkDataset(background);
      assert.deepEqual(emptied.scans.map(({ emptySlices }) => emptySlices), [1, 1]);
    })
  ),
);

Deno.test("a slip of the pen in one mask is told by file, value, count and place; others stay", () =>
  withFolder(async (dir) => {
    for (const [value, count] of [[7, 1], [200, 3], [-3, 2]]) {
      await writeCohort(dir, {
        mask: (mask, patient) =>
          patient === 3
            ? { ...mask, voxels: Int16Array.from(mask.voxels).fill(value, 81, 81 + count) }
            : mask,
      });
      const { scans, structures, errors } = await checkDataset(await openCase(dir, caseConfig()));
      assert.deepEqual(structures, ["label 1", "label 2"]);
      assert.equal(errors, 1);
      const place = "the first at \\(1, 2, 0\\)";
      assert.match(
        scans[3].error ?? "",
        new RegExp(`labels/c3\\.nii\\.gz: .*found ${value} in ${count} voxels?, ${place}`),
      );
      assert.ok(scans.every(({ labelVoxels }, i) => i === 3 || labelVoxels!["label 2"] > 0));
    }
  }));

/** What nnU-Net tells of labels. */
async function writeDescription(dir: string, labels: Record<string, unknown>): Promise<void> {
  await Deno.writeTextFile(
    `${dir}/dataset.json`,
    JSON.stringify({ channel_names: { "0": "MRI" }, labels, file_ending: ".nii.gz" }),
  );
}

Deno.test(
  "nnU-Net's regions are measured as unions of their labels",
  onCpu(() =>
    withFolder(async (dir) => {
      for (const seed of TESTED) {
        const { image, mask } = ring(seed);
        await save(`${dir}/imagesTr/c${seed}_0000.nii.gz`, image);
        await save(`${dir}/labelsTr/c${seed}.nii.gz`, mask);
      }
      await writeDescription(dir, { background: 0, heart: [1, 2], pool: [2] });
      const config = caseConfig();
      const dataset = await openCase(dir, config);
      const { model } = await ringModel();
      const scans = await loadCohort(dataset, ["c0"], { grid: config.grid, labelled: true });
      const records = await evaluateModel(model, scans, { ...dataset, ...config });
      const { written, stored } = await writtenAndStored(dataset);
      assert.deepEqual(records.map(({ structure, dice }) => [structure, dice]), [
        ["heart", overlap(written, stored, (value) => value > 0)],
        ["pool", overlap(written, stored, (value) => value === 2)],
      ]);
      await writeDescription(dir, { background: 0, heart: [1, 2], pool: [2], rim: [1] });
      const all = await openCase(dir, config);
      assert.deepEqual(all.regions?.map(({ name }) => name), ["heart", "pool", "rim"]);
    })
  ),
);

Deno.test(
  "one outlined slice of six, by the setting or nnU-Net's ignore, is worth as much as alone",
  onCpu(() =>
    withFolder(async (dir) => {
      const taught = (patient: number) => patient % 2 === 1;
      const one = (volume: Volume): Volume => ({
        ...volume,
        shape: [...volume.shape.slice(0, 2), 1],
        voxels: volume.voxels.subarray(2 * 1600, 3 * 1600),
      });
      const thin = (value: number) => (mask: Volume, patient: number) =>
        taught(patient) ? mapped(mask, (label, z) => z === 2 ? label : value) : mask;
      const alone = (volume: Volume, patient: number) => taught(patient) ? one(volume) : volume;
      await writeCohort(`${dir}/alone`, { patients: 4, image: alone, mask: alone });
      await writeCohort(`${dir}/empty`, { patients: 4, mask: thin(0) });
      const expected = await learned(`${dir}/alone`);
      assert.ok(expected > 0.85, `alone: ${expected}`);
      const setting = caseConfig("data.unlabelledSlices=leave-out");
      const left = await learned(`${dir}/empty`, setting);
      assert.ok(left >= 0.95 * expected, `by the setting ${left}, alone ${expected}`);

      for (let patient = 0; patient < 4; patient++) {
        const { image, mask } = ring(patient);
        await save(`${dir}/nnunet/imagesTr/c${patient}_0000.nii.gz`, image);
        await save(`${dir}/nnunet/labelsTr/c${patient}.nii.gz`, thin(5)(mask, patient));
      }
      await writeDescription(`${dir}/nnunet`, { background: 0, ring: 1, disc: 2, ignore: 5 });
      const ignoring = await learned(`${dir}/nnunet`);
      assert.ok(ignoring >= 0.95 * expected, `by ignore ${ignoring}, alone ${expected}`);

      const { scans } = await checkDataset(await openCase(`${dir}/empty`, caseConfig()));
      const warned = scans.filter(({ warnings }) => /5 of 6 slices/.test(warnings.join()));
      assert.deepEqual(warned.map(({ patient }) => patient), ["c1", "c3"]);
    })
  ),
);

Deno.test(
  "voxels that are ignored change no metric, whatever is found there",
  onCpu(() =>
    withFolder(async (dir) => {
      const config = caseConfig("data.ignoreLabel=9");
      const { model, dice } = await ringModel();
      const hidden = (mask: Volume) => mapped(mask, (label, z) => z < 3 ? 9 : label);
      await writeRings(`${dir}/hidden`, hidden);
      const masks = ["c0", "c2"];
      const found = await diceOn(model, await openCase(`${dir}/hidden`, config), {
        patients: masks,
        config,
      });
      assert.ok(Math.abs(found - dice) < 0.02, `${found}, not ${dice}`);
      await assert.rejects(
        async () => {
          const all = (mask: Volume) => mapped(mask, () => 9);
          await writeRings(`${dir}/all`, all);
          await trainOn(await openCase(`${dir}/all`, config), masks, config);
        },
        /c0\.nii\.gz: expected labelled pixels in 12 slices of 2 scans, found none/,
      );
    })
  ),
);
