import assert from "node:assert/strict";
import { openDataset } from "../../lib/data/datasets/open_dataset.ts";
import { labelledShare, loadCohort } from "../../lib/data/slices/cohort.ts";
import { structureAcross } from "../../lib/plan/outline_size.ts";
import { planFor } from "../../lib/plan/plan.ts";
import { type CohortSurvey, surveyCohort } from "../../lib/plan/survey.ts";
import { withFolder } from "../support/datasets.ts";
import { type DiscCohort, writeDiscs, writePictures } from "./cohorts.ts";

const mouse: DiscCohort = {
  ...{ shape: [120, 100, 12], spacing: [0.1, 0.1, 0.5], discs: [1.2, 2], patients: 4 },
  ...{ aside: 2.5, intensities: [400, 900] },
};

const ct: DiscCohort = {
  ...{ shape: [512, 512, 4], spacing: [0.7, 0.7, 5], discs: [20], patients: 3 },
  ...{ aside: 80, intensities: [-1000, 300] },
};

const pictures: DiscCohort = {
  ...{ shape: [200, 160, 1], spacing: [1, 1, 1], discs: [30, 12], patients: 5 },
  ...{ aside: 40, intensities: [0, 0] },
};

/** Surveys a cohort, plans for it, and hands over how its slices come out. */
async function planned(
  write: (dir: string) => Promise<void>,
  check: (found: { survey: CohortSurvey; shown: number[]; across: number[] }) => void,
): Promise<void> {
  await withFolder(async (dir) => {
    await write(dir);
    const dataset = await openDataset(dir);
    const patients = dataset.patients.map(({ id }) => id);
    const survey = await surveyCohort(dataset, patients);
    assert.deepEqual(await surveyCohort(dataset, patients), survey);
    const { grid } = planFor(survey).config;
    const scans = await loadCohort(dataset, patients, { grid, labelled: true });
    const shown = scans.map(labelledShare);
    const across = scans.flatMap(({ slices: { labels, depth } }) =>
      dataset.structures.map(({ label }) =>
        structureAcross({
          voxels: labels!,
          shape: [grid.size, grid.size, depth],
          spacing: [1, 1, 1],
        }, label) ?? 0
      )
    );
    check({ survey, shown, across });
  });
}

for (
  const [name, write] of Object.entries({
    "mice of 0.1 mm": (dir: string) => writeDiscs(dir, mouse),
    "CTs of 512 × 512 pixels with an organ of 20 mm": (dir: string) => writeDiscs(dir, ct),
    "pictures in colour": (dir: string) => writePictures(dir, pictures),
  })
) {
  Deno.test(`a plan shows 98 % of what is outlined, 4 pixels across at least, of ${name}`, () =>
    planned(write, ({ shown, across }) => {
      assert.ok(Math.min(...shown) >= 0.98, `${shown}`);
      assert.ok(Math.min(...across) >= 4, `${across}`);
    }));
}

Deno.test("surveyCohort() tells how far outlines reach, how thin they are, and their intensities", () =>
  planned((dir) => writeDiscs(dir, mouse), ({ survey }) => {
    const { outlines, ...scans } = survey;
    assert.deepEqual(scans, {
      ...{ patients: 4, scans: 4, channels: 1, pixel: 0.1, extent: 12, slices: 48 },
      ...{ pictures: false, turned: 0, hounsfield: false },
    });
    const { reach, structures: [first, second], intensities: [low, high] } = outlines!;
    // From a disc's middle 2.5 mm aside to its far edge, 1 mm on, along an axis at most.
    assert.ok(reach > 2.5 * Math.SQRT1_2 && reach < 3.6, `${reach}`);
    assert.ok(Math.abs(first.across - 1.2) < 0.15 && Math.abs(second.across - 2) < 0.15);
    assert.ok(low >= 880 && high <= 920);
  }));

Deno.test("surveyCohort() recognises Hounsfield units, and pictures", async () => {
  await planned((dir) => writeDiscs(dir, ct), ({ survey }) => {
    assert.equal(survey.hounsfield, true);
    // The organ has 280 to 320, a window 150 to either side.
    const [low, high] = planFor(survey).config.data.window;
    assert.ok(Math.abs(Number(low) - 150) < 5 && Math.abs(Number(high) - 450) < 5);
  });
  await planned((dir) => writePictures(dir, pictures), ({ survey }) => {
    assert.deepEqual([survey.pictures, survey.channels], [true, 3]);
    assert.equal(planFor(survey).config.views.spatial.flip, true);
  });
});

Deno.test("surveyCohort() looks at nobody's mask who is not trained on", () =>
  withFolder(async (dir) => {
    await writeDiscs(dir, mouse);
    const dataset = await openDataset(dir);
    const before = await surveyCohort(dataset, ["p0", "p1"]);
    await Deno.writeTextFile(`${dir}/labels/p3.nii`, "no mask");
    assert.deepEqual(await surveyCohort(dataset, ["p0", "p1"]), before);
    assert.equal(before.outlines?.patients, 2);
  }));
