/** What evaluation meets: sizes of voxels that are not there, and structures that nobody has. */
import assert from "node:assert/strict";
import { checkDataset } from "../../lib/data/datasets/check/check_data.ts";
import { type CohortScan, loadCohort } from "../../lib/data/slices/cohort.ts";
import { withStructures } from "../../lib/data/datasets/known_structures.ts";
import {
  emptyPatients,
  untaughtWarnings,
  untestedWarnings,
} from "../../lib/data/slices/label_warnings.ts";
import { splitPatients } from "../../lib/data/datasets/splits.ts";
import type { Volume } from "../../lib/data/volumes/volume.ts";
import { evaluateModel } from "../../lib/evaluators/evaluate.ts";
import type { CaseMetrics } from "../../lib/evaluators/segmentation.ts";
import { summarise } from "../../lib/evaluators/summary.ts";
import { withFolder } from "../support/datasets.ts";
import { onCpu } from "../training/tiny.ts";
import { bright, caseConfig, mapped, openCase, ringScan, SPACING, writeCohort } from "./cohort.ts";

const config = caseConfig();
const { grid } = config;

/** The scans of a folder, to be measured or learned from. */
async function scansOf(dir: string, patients: readonly string[]): Promise<CohortScan[]> {
  return await loadCohort(await openCase(dir, config), patients, { grid, labelled: true });
}

/** What a network is measured to be on a folder. */
async function measured(dir: string, patients: readonly string[]): Promise<CaseMetrics[]> {
  const dataset = await openCase(dir, config);
  const scans = await loadCohort(dataset, patients, { grid, labelled: true });
  return await evaluateModel(bright, scans, { ...dataset, ...config });
}

/** A volume whose header says other voxel sizes than its affine. */
const sized = (sizes: readonly number[]) => (volume: Volume): Volume => ({
  ...volume,
  geometry: { ...volume.geometry, pixdim: [1, ...sizes, 0, 0, 0, 0] },
});

for (
  const [what, pixdim] of [
    ["a thickness of 0", [SPACING[0], SPACING[1], 0]],
    ["a voxel of 0 × 0 × 0", [0, 0, 0]],
    ["a thickness below 0", [SPACING[0], SPACING[1], -8]],
  ] as const
) {
  Deno.test(
    `${what} in the header is taken from the affine, in ml and mm, and warned of`,
    onCpu(() =>
      withFolder(async (dir) => {
        const odd = sized(pixdim);
        await writeCohort(`${dir}/sound`, { patients: 3 });
        await writeCohort(`${dir}/odd`, { patients: 3, image: odd, mask: odd });
        const patients = ["c0", "c2"];
        const [sound, found] = [
          await measured(`${dir}/sound`, patients),
          await measured(`${dir}/odd`, patients),
        ];
        assert.deepEqual(found, sound);
        const { labels } = ringScan(0);
        const count = labels.filter((label) => label === 1).length;
        const volume = count * SPACING[0] * SPACING[1] * SPACING[2] / 1000;
        assert.ok(Math.abs((found[0].reference_volume_ml ?? 0) - volume) < 1e-3 * volume);
        if (pixdim[2] < 0) return;
        for (const { warnings } of await scansOf(`${dir}/odd`, patients)) {
          assert.match(warnings.join(), /voxel size pixdim\[3\] is 0; 8 is used/);
        }
      })
    ),
  );
}

Deno.test("a thickness that is no number is refused by file, and the others are measured", () =>
  withFolder(async (dir) => {
    const odd = sized([SPACING[0], SPACING[1], NaN]);
    const image = (volume: Volume, one: number) => one === 1 ? odd(volume) : volume;
    await writeCohort(dir, { patients: 3, image });
    const { scans, errors } = await checkDataset(await openCase(dir, config));
    assert.equal(errors, 1);
    assert.match(
      scans[1].error ?? "",
      /images\/c1\.nii\.gz: expected a voxel size .* found NaN; rep/,
    );
  }));

Deno.test(
  "what neither mask has is left out of the means and counted, what one alone has is Dice 0",
  onCpu(() =>
    withFolder(async (dir) => {
      const blank = (volume: Volume, patient: number) =>
        patient === 0 ? mapped(volume, () => 0) : volume;
      await writeCohort(dir, { patients: 3, image: blank, mask: blank });
      const dataset = await openCase(dir, config);
      const scans = await scansOf(dir, ["c0", "c2"]);
      const records = await evaluateModel(bright, scans, { ...dataset, ...config });
      const [ringOf0, discOf0, ringOf2, discOf2] = records;
      assert.deepEqual([ringOf0.dice, discOf0.dice, discOf2.dice], [null, null, 0]);
      assert.equal(discOf2.missed, true);
      assert.ok(ringOf2.dice !== null && ringOf2.dice > 0.3);
      const { mean, structures, both_empty, missed } = summarise(records);
      assert.deepEqual([both_empty, missed], [2, 1]);
      assert.equal(structures["label 1"].dice, ringOf2.dice);
      assert.equal(structures["label 2"].dice, 0);
      assert.equal(mean.dice, ringOf2.dice / 2);
    })
  ),
);

/** The mask of a patient without some labels. */
const without = (patient: number, ...labels: number[]) => (volume: Volume, one: number): Volume =>
  one === patient ? mapped(volume, (label) => labels.includes(label) ? 0 : label) : volume;

Deno.test(
  "test patients of whom none has a structure are evaluated, the structure as absent",
  onCpu(() =>
    withFolder(async (dir) => {
      await writeCohort(`${dir}/whole`, { patients: 4 });
      await writeCohort(`${dir}/lacking`, {
        patients: 2,
        mask: (mask) => mapped(mask, (label) => Math.min(label, 1)),
      });
      const { structures } = await openCase(`${dir}/whole`, config);
      const dataset = withStructures(await openCase(`${dir}/lacking`, config), structures, "model");
      const scans = await loadCohort(dataset, ["c0", "c1"], { grid, labelled: true });
      assert.match(
        untestedWarnings(scans, { structures }).join("\n"),
        /^no test scan has label 2: /,
      );
      const records = await evaluateModel(bright, scans, { structures, ...config });
      const summary = summarise(records).structures;
      assert.deepEqual([summary["label 2"].dice, summary["label 2"].both_empty], [null, 2]);
      assert.ok(summary["label 1"].dice! > 0.3);
      const other = [{ label: 1, name: "liver" }];
      const opened = await openCase(`${dir}/lacking`, config);
      assert.throws(
        () => withStructures(opened, other, "model"),
        /^TypeError: model: a model of liver/,
      );
    })
  ),
);

Deno.test("an empty mask and a structure that is lacking are told before they are learned from", () =>
  withFolder(async (dir) => {
    await writeCohort(dir, { mask: without(2, 1, 2) });
    const dataset = await openCase(dir, config);
    const empty = await scansOf(dir, ["c2"]);
    assert.deepEqual(emptyPatients(empty), ["c2"]);
    const [nothing] = untaughtWarnings(empty, dataset.structures);
    assert.match(nothing, /^no structure is outlined in the masks of c2: the model will find not/);
    const both = await scansOf(dir, ["c1", "c2"]);
    const [some] = untaughtWarnings(both, dataset.structures);
    assert.match(some, /^nothing is outlined in the masks of c2: all of it counts as background/);
    const drawnFirst = Array.from(
      { length: 5 },
      (_, seed) => splitPatients(dataset, { seed, sizes: [1, 2], last: ["c2"] }).subsets,
    );
    assert.ok(drawnFirst.every(({ 1: [one], 2: two }) => one !== "c2" && !two.includes("c2")));

    await writeCohort(dir, { mask: without(1, 2) });
    const lacking = await scansOf(dir, ["c1"]);
    const [warning] = untaughtWarnings(lacking, dataset.structures);
    assert.match(warning, /^no labelled scan has label 2: the model will not find it/);
    assert.deepEqual(untaughtWarnings(await scansOf(dir, ["c0", "c1"]), dataset.structures), []);
  }));
