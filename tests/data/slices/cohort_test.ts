import assert from "node:assert/strict";
import {
  type CohortScan,
  labelledShare,
  labelledSlicesOf,
  loadCohort,
  sliceNames,
} from "../../../lib/data/slices/cohort.ts";
import { IGNORED } from "../../../lib/data/masks/labels.ts";
import { openDataset } from "../../../lib/data/datasets/open_dataset.ts";
import { prepareVolume } from "../../../lib/data/slices/preprocess.ts";
import {
  tinyImage,
  tinyMask,
  tinyVolume,
  withFolder,
  writeAcdcPatient,
} from "../../support/datasets.ts";

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
    // What is not opened may be anything.
    for (const { mask } of dataset.patients.flatMap(({ scans }) => scans)) {
      if (mask) Deno.writeTextFileSync(mask, "no mask");
    }
    assert.deepEqual(await loadCohort(dataset, ids, { grid, labelled: false }), unlabelled);
    await assert.rejects(loadCohort(dataset, ids, { grid, labelled: true }));
  }));

Deno.test("loadCohort() says where there is nothing to read", () =>
  withCohort(async (dataset) => {
    await assert.rejects(loadCohort(dataset, ["patient002"], { grid, labelled: true }), {
      name: "RangeError",
      message: `${dataset.name}: expected labelled scans of 1 patients, found none`,
    });
    await assert.rejects(loadCohort(dataset, [], { grid, labelled: false }), /found none/);
    await assert.rejects(loadCohort(dataset, ["patient001", "x"], { grid, labelled: false }), {
      name: "RangeError",
      message: `${dataset.name}: expected ids of its patients, found x`,
    });
  }));

Deno.test("loadCohort() adds frames of the cines, evenly taken, to unlabelled scans", () =>
  withFolder(async (dir) => {
    await writeAcdcPatient(dir, "patient001", { cineFrames: 5 });
    await writeAcdcPatient(dir, "patient002", { cineFrames: 2 });
    await writeAcdcPatient(dir, "patient003");
    const dataset = await openDataset(dir);
    const ids = dataset.patients.map(({ id }) => id);
    const seen: string[] = [];
    const scans = await loadCohort(dataset, ids, {
      grid,
      labelled: false,
      cineFrames: 3,
      onScan: (done, total) => void seen.push(`${done}/${total}`),
    });
    const frames = (id: string) =>
      scans.filter(({ patient, image }) => patient === id && image.endsWith("_4d.nii.gz"));
    assert.deepEqual(ids.map((id) => frames(id).length), [3, 2, 0]);
    assert.equal(scans.length, 6 + 5);
    assert.equal(seen.at(-1), "8/8");
    // Frame i is the tiny image with i as its first voxel.
    for (const [i, frame] of [0, 1, 3].entries()) {
      const expected = prepareVolume(tinyVolume(tinyImage().with(0, frame)), grid).images;
      assert.deepEqual(frames("patient001")[i].slices.images, expected);
      assert.deepEqual(frames("patient001")[i].shape, [4, 3, 2]);
    }
    const without = await loadCohort(dataset, ids, { grid, labelled: false });
    assert.deepEqual(scans.filter(({ image }) => !image.endsWith("_4d.nii.gz")), without);
    const labelled = await loadCohort(dataset, ids, { grid, labelled: true, cineFrames: 3 });
    assert.equal(labelled.length, 6);
  }));

Deno.test("loadCohort() keeps all of the slices for sliding windows", () =>
  withCohort(async (dataset) => {
    const small = { size: 2, spacing: 1.5 };
    const load = (window?: "sliding") =>
      loadCohort(dataset, ["patient001"], { grid: small, labelled: true, window });
    const [[{ slices: centre }], [{ slices: sliding }]] = [await load(), await load("sliding")];
    assert.deepEqual([centre.grid.size, centre.window], [2, undefined]);
    assert.deepEqual([sliding.grid.size, sliding.window], [4, 2]);
  }));

Deno.test("labelledShare() compares the labels of the slices with all of the scan's, in mm²", () =>
  withCohort(async (dataset) => {
    const [scan] = await loadCohort(dataset, ["patient001"], { grid, labelled: true });
    const labels = (count: number) => new Uint8Array(50).fill(3, 0, count);
    const slices = {
      ...scan.slices,
      labels: labels(5),
      grid: { size: 4, spacing: 2 },
      original: { ...scan.slices.original, spacing: [1, 1] as const },
    };
    const large = { ...scan, slices, reference: labels(40) };
    assert.equal(labelledShare(large), 0.5);
    assert.equal(labelledShare({ ...large, reference: labels(0) }), 1);
    assert.equal(labelledShare({ ...large, reference: undefined }), 1);
  }));

Deno.test("sliceNames() names patient, phase and slice of every position", () =>
  withCohort(async (dataset) => {
    const scans = await loadCohort(dataset, ["patient001", "patient003"], { grid, labelled: true });
    const nameOf = sliceNames([scans[0], { ...scans[3], phase: "" }]);
    assert.deepEqual([0, 1, 2, 3].map(nameOf), [
      ...["patient001 ED slice 1", "patient001 ED slice 2"],
      ...["patient003 slice 1", "patient003 slice 2"],
    ]);
  }));

/** A scan of two slices with a mask, on a grid that is larger than it. */
function maskedScan(patient: string, mask: Uint8Array): CohortScan {
  const image = tinyVolume(tinyImage());
  const slices = prepareVolume(image, { size: 8, spacing: 1.5 }, { mask: tinyVolume(mask) });
  const { shape, spacing, source } = image;
  return {
    patient,
    group: "",
    phase: "",
    image: source,
    slices,
    reference: mask,
    shape,
    spacing,
    warnings: [],
  };
}

Deno.test("labelledSlicesOf() leaves out slices that nobody labelled, and names the others", () => {
  const whole = maskedScan("a", tinyMask(3));
  const half = maskedScan("b", tinyMask(3).fill(IGNORED, 0, 12));
  const none = maskedScan("c", new Uint8Array(24).fill(IGNORED));
  const { slices, nameOf } = labelledSlicesOf([none, whole, half]);
  assert.equal(slices.count, 3);
  assert.deepEqual([0, 1, 2].map(nameOf), ["a slice 1", "a slice 2", "b slice 2"]);
  assert.deepEqual(slices.images.subarray(0, 128), whole.slices.images);
  assert.ok(!slices.labels!.includes(IGNORED));
});

Deno.test("labelledShare() does not count what nobody labelled", () => {
  const labels = tinyMask(1);
  const share = labelledShare(maskedScan("a", labels));
  assert.ok(share > 0.9);
  assert.equal(labelledShare(maskedScan("a", labels.fill(IGNORED, 12))), share);
  assert.equal(labelledShare(maskedScan("a", new Uint8Array(24).fill(IGNORED))), 1);
});
