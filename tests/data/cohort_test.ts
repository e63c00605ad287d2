import assert from "node:assert/strict";
import { loadCohort } from "../../lib/data/cohort.ts";
import { openDataset } from "../../lib/data/open_dataset.ts";
import { tinyMask, withFolder, writeAcdcPatient } from "../support/datasets.ts";

const grid = { size: 4, spacing: 1.5 };

/** Runs a body on three patients, the second without masks. */
async function withCohort(
  body: (dataset: Awaited<ReturnType<typeof openDataset>>) => Promise<void>,
): Promise<void> {
  await withFolder(async (dir) => {
    await writeAcdcPatient(`${dir}/training`, "patient001", { group: "DCM" });
    await writeAcdcPatient(`${dir}/training`, "patient002", { masks: false });
    await writeAcdcPatient(`${dir}/training`, "patient003");
    await body(await openDataset(dir));
  });
}

Deno.test("loadCohort() reads the scans of the patients in the dataset's order", () =>
  withCohort(async (dataset) => {
    const seen: string[] = [];
    const scans = await loadCohort(dataset, ["patient003", "patient001"], {
      grid,
      labelled: true,
      onScan: (done, total) => void seen.push(`${done}/${total}`),
    });
    assert.deepEqual(
      scans.map(({ patient, group, phase }) => [patient, group, phase]),
      [
        ["patient001", "DCM", "ED"],
        ["patient001", "DCM", "ES"],
        ["patient003", "NOR", "ED"],
        ["patient003", "NOR", "ES"],
      ],
    );
    assert.deepEqual(seen, ["1/4", "2/4", "3/4", "4/4"]);
    const [{ image, shape, spacing, reference, slices }] = scans;
    assert.match(image, /patient001_frame01\.nii\.gz$/);
    assert.deepEqual([shape, spacing], [[4, 3, 2], [1.5, 1.5, 8]]);
    assert.deepEqual(reference, tinyMask(3));
    assert.deepEqual([slices.depth, slices.grid], [2, grid]);
    assert.equal(slices.labels?.length, 32);
  }));

Deno.test("loadCohort() reads no mask unless asked, and leaves out who has none if asked", () =>
  withCohort(async (dataset) => {
    const ids = dataset.patients.map(({ id }) => id);
    const unlabelled = await loadCohort(dataset, ids, { grid, labelled: false });
    assert.equal(unlabelled.length, 6);
    for (const { reference, slices } of unlabelled) {
      assert.deepEqual([reference, slices.labels], [undefined, undefined]);
    }
    const labelled = await loadCohort(dataset, ids, { grid, labelled: true });
    assert.deepEqual([...new Set(labelled.map(({ patient }) => patient))], [
      "patient001",
      "patient003",
    ]);
  }));

Deno.test("loadCohort() says where there is nothing to read", () =>
  withCohort(async (dataset) => {
    await assert.rejects(loadCohort(dataset, ["patient002"], { grid, labelled: true }), {
      name: "RangeError",
      message: `${dataset.name}: expected labelled scans of 1 patients, found none`,
    });
    await assert.rejects(loadCohort(dataset, [], { grid, labelled: false }), /found none/);
  }));
