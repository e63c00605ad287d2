import assert from "node:assert/strict";
import { openDataset } from "../../lib/data/datasets/open_dataset.ts";
import { type CohortScan, loadCohort } from "../../lib/data/slices/cohort.ts";
import type { SliceGrid } from "../../lib/data/slices/preprocess.ts";
import { structureAcross } from "../../lib/plan/outline_size.ts";
import { planFor } from "../../lib/plan/plan.ts";
import { type CohortSurvey, surveyCohort } from "../../lib/plan/survey.ts";
import { withFolder } from "../support/datasets.ts";
import { type DiscCohort, writeDiscs, writePictures } from "./cohorts.ts";

const intensities: [number, number] = [400, 900];

const mouse: DiscCohort = {
  ...{ shape: [120, 100, 12], spacing: [0.1, 0.1, 0.5], patients: 4, intensities },
  discs: [{ diameter: 1.2, aside: 2.5 }, { diameter: 2, aside: 2.5 }],
};

const ct: DiscCohort = {
  ...{ shape: [512, 512, 4], spacing: [0.7, 0.7, 5], patients: 3, intensities: [-1000, 300] },
  discs: [{ diameter: 20, aside: 80 }],
};

const pictures: DiscCohort = {
  ...{ shape: [200, 160, 1], spacing: [1, 1, 1], patients: 5, intensities },
  discs: [{ diameter: 30, aside: 40 }, { diameter: 12, aside: 40 }],
};

/** Cohorts that nobody tuned for. */
const cohorts: Record<string, DiscCohort> = {
  "mice of 0.1 mm": mouse,
  "CTs of 512 × 512 pixels with an organ of 20 mm": ct,
  "pictures in colour": pictures,
  "a small structure in a wide field of view": {
    ...{ shape: [512, 512, 3], spacing: [0.7, 0.7, 5], patients: 3, intensities },
    discs: [{ diameter: 5, aside: 130 }],
  },
  "scans of a single slice": {
    ...{ shape: [200, 180, 1], spacing: [1, 1, 1], patients: 6, intensities },
    discs: [{ diameter: 20, aside: 30 }],
  },
  "pixels four times as long as wide": {
    ...{ shape: [300, 80, 4], spacing: [0.4, 1.6, 4], patients: 4, intensities },
    discs: [{ diameter: 16, aside: 20 }, { diameter: 9, aside: 20 }],
  },
  "an organ near the edge": {
    ...{ shape: [256, 256, 3], spacing: [1, 1, 3], patients: 12, intensities },
    discs: [{ diameter: 14, aside: 100 }],
  },
  "a rare label far outside the others": {
    ...{ shape: [200, 200, 3], spacing: [1, 1, 3], patients: 12, intensities },
    discs: [{ diameter: 50, aside: 5 }, { diameter: 10, aside: 80, only: 7 }],
  },
  "a label of the one patient whom ten others hide": {
    ...{ shape: [200, 200, 3], spacing: [1, 1, 3], patients: 12, intensities },
    discs: [{ diameter: 50, aside: 5 }, { diameter: 10, aside: 80, only: 9 }],
  },
};

function write(dir: string, cohort: DiscCohort): Promise<void> {
  return (cohort === pictures ? writePictures : writeDiscs)(dir, cohort);
}

/** Surveys a cohort, plans for it, and hands over how its slices come out. */
async function planned(
  cohort: DiscCohort,
  check: (found: { survey: CohortSurvey; shown: number[]; across: number[] }) => void,
): Promise<void> {
  await withFolder(async (dir) => {
    await write(dir, cohort);
    const dataset = await openDataset(dir);
    const patients = dataset.patients.map(({ id }) => id);
    const survey = await surveyCohort(dataset, patients);
    assert.deepEqual(await surveyCohort(dataset, patients), survey);
    const { grid } = planFor(survey).config;
    const scans = await loadCohort(dataset, patients, { grid, labelled: true });
    const across = scans.flatMap(({ reference, slices: { labels, depth } }) =>
      dataset.structures.filter(({ label }) => reference!.includes(label)).map(({ label }) =>
        structureAcross({
          voxels: labels!,
          shape: [grid.size, grid.size, depth],
          spacing: [1, 1, 1],
        }, label) ?? 0
      )
    );
    const shown = scans.flatMap((scan) =>
      dataset.structures.map(({ label }) => shownOf(scan, { ...grid, label }))
    );
    check({ survey, shown: shown.filter((share) => !Number.isNaN(share)), across });
  });
}

/** The share of a label's voxels whose middle lies within the grid; NaN of none. */
function shownOf(
  { reference, slices: { original: { width, height, spacing: [x, y] } } }: CohortScan,
  { size, spacing, label }: SliceGrid & { label: number },
): number {
  const far = (at: number, length: number, mm: number) =>
    Math.abs(at - (length - 1) / 2) * mm > size * spacing / 2;
  let [all, hidden] = [0, 0];
  reference!.forEach((one, i) => {
    if (one !== label) return;
    all++;
    const row = Math.floor(i / width) % height;
    if (far(i % width, width, x) || far(row, height, y)) hidden++;
  });
  return 1 - hidden / all;
}

for (const [name, cohort] of Object.entries(cohorts)) {
  Deno.test(`a plan shows 98 % of what is outlined, 4 pixels across at least, of ${name}`, () =>
    planned(cohort, ({ shown, across }) => {
      assert.equal(shown.length, across.length);
      assert.ok(Math.min(...shown) >= 0.98, `${shown}`);
      assert.ok(Math.min(...across) >= 4, `${across}`);
    }));
}

Deno.test("surveyCohort() tells how far outlines reach, how thin they are, and their intensities", () =>
  planned(mouse, ({ survey }) => {
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
  await planned(ct, ({ survey }) => {
    assert.equal(survey.hounsfield, true);
    // The organ has 280 to 320, a window 150 to either side.
    const [low, high] = planFor(survey).config.data.window;
    assert.ok(Math.abs(Number(low) - 150) < 5 && Math.abs(Number(high) - 450) < 5);
  });
  await planned(pictures, ({ survey }) => {
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
