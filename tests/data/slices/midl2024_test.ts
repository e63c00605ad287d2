import assert from "node:assert/strict";
import { DATA_SETTINGS } from "../../../lib/config/data_settings.ts";
import { openDataset } from "../../../lib/data/datasets/open_dataset.ts";
import { IGNORED } from "../../../lib/data/masks/labels.ts";
import { labelledShare, loadCohort } from "../../../lib/data/slices/cohort.ts";
import { wideGridWarning } from "../../../lib/data/slices/grid_warnings.ts";
import {
  cropAboutMask,
  expectWholeScans,
  MIDL2024_WARNING,
} from "../../../lib/data/slices/midl2024.ts";
import { prepareVolume, restoreMask } from "../../../lib/data/slices/preprocess.ts";
import { tinyVolume, withFolder, writeAcdcPatient } from "../../support/datasets.ts";

const [WIDTH, HEIGHT, DEPTH] = [40, 30, 4];
const SHAPE = [WIDTH, HEIGHT, DEPTH];

const at = (x: number, y: number, z: number) => (z * HEIGHT + y) * WIDTH + x;

/** A scan whose voxels are their own indices, outlined at some of them. */
function scanWith(outlined: readonly number[]) {
  const voxels = Int16Array.from({ length: WIDTH * HEIGHT * DEPTH }, (_, i) => i);
  const labels = new Uint8Array(voxels.length);
  for (const i of outlined) labels[i] = 2;
  const image = { ...tinyVolume(voxels), shape: SHAPE };
  return {
    channels: [image, { ...image }] as const,
    mask: { ...image, voxels: labels },
  };
}

Deno.test("cropAboutMask() keeps what the published code keeps", () => {
  const { channels, mask } = cropAboutMask(scanWith([at(15, 12, 1), at(17, 25, 3)]));
  // Ten voxels about columns 15 to 17 and rows 12 to 25, one fewer at the far side, inside the scan.
  const [columns, rows, slices] = [[5, 27], [2, 30], [1, 3]];
  const expected = slices.flatMap((z) =>
    range(rows).flatMap((y) => range(columns).map((x) => at(x, y, z)))
  );
  for (const { voxels, shape } of channels) {
    assert.deepEqual(shape, [22, 28, 2]);
    assert.deepEqual([...voxels], expected);
  }
  assert.deepEqual([...mask!.voxels].flatMap((label, i) => label ? [expected[i]] : []), [
    at(15, 12, 1),
    at(17, 25, 3),
  ]);
});

Deno.test("cropAboutMask() refuses a scan in which nothing is outlined", () => {
  const scan = scanWith([]);
  assert.throws(() => cropAboutMask(scan), /expected an outline to crop .* found none/);
  scan.mask.voxels[5] = IGNORED;
  assert.throws(() => cropAboutMask(scan), /expected an outline/);
  assert.throws(() => cropAboutMask({ channels: scan.channels }), /expected an outline/);
});

Deno.test("prepareVolume() stretched fills the grid both ways, and restoreMask() undoes it", () => {
  const shape = [8, 4, 1];
  const ramp = Float32Array.from({ length: 32 }, (_, i) => i % 8);
  const halves = Uint8Array.from({ length: 32 }, (_, i) => i < 16 ? 0 : 1);
  const image = { ...tinyVolume(ramp), shape };
  const mask = { ...image, voxels: halves };
  const grid = { size: 16, spacing: 3 };
  const prepared = prepareVolume(image, grid, { mask, scale: [0, 7], stretch: true });
  // Eight columns on sixteen, four rows on sixteen: nothing of the grid is left empty.
  const row = [...prepared.images.subarray(0, 16)];
  assert.ok(row.every((value, i) => i === 0 || value >= row[i - 1]), row.join());
  assert.deepEqual([row[0], row[15]], [0, 1]);
  assert.deepEqual([...prepared.labels!], Array.from({ length: 256 }, (_, i) => i < 128 ? 0 : 1));
  const probabilities = Float32Array.from(
    [...prepared.labels!].flatMap((label) => label ? [0, 1] : [1, 0]),
  );
  assert.deepEqual(restoreMask(probabilities, prepared), halves);
});

Deno.test("loadCohort() of the protocol midl2024 crops about masks, labelled or not, and says so", () =>
  withFolder(async (dir) => {
    await writeAcdcPatient(`${dir}/training`, "patient001");
    await writeAcdcPatient(`${dir}/training`, "patient002", { masks: false });
    const data = { ...DATA_SETTINGS, protocol: "midl2024" } as const;
    const dataset = await openDataset(dir, { data });
    const grid = { size: 8, spacing: 1.5 };
    const patients = ["patient001", "patient002"];
    const labelled = await loadCohort(dataset, patients, { grid, labelled: true });
    const bare = await loadCohort(dataset, patients, { grid, labelled: false, cineFrames: 2 });
    assert.deepEqual(bare.map(({ patient }) => patient), ["patient001", "patient001"]);
    labelled.forEach((scan, i) => {
      const { slices, shape, reference, warnings } = scan;
      assert.equal(slices.original.width * slices.original.spacing[0], 12);
      assert.equal(slices.original.height * slices.original.spacing[1], 12);
      assert.equal(reference?.length, shape[0] * shape[1] * shape[2]);
      assert.deepEqual(warnings.at(-1), MIDL2024_WARNING);
      assert.equal(labelledShare(scan), 1);
      assert.deepEqual(bare[i].slices.images, slices.images);
      assert.equal(bare[i].slices.labels, undefined);
      assert.equal(bare[i].reference, undefined);
    });
    const wide = { size: 8, spacing: 50 };
    assert.deepEqual(
      wideGridWarning(await loadCohort(dataset, patients, { grid: wide, labelled: true }), wide),
      [],
    );
  }));

Deno.test("expectWholeScans() refuses a model that saw crops about masks", () => {
  assert.throws(() => expectWholeScans("midl2024"), RangeError);
  expectWholeScans("whole-scans");
  expectWholeScans();
});

function range([first, end]: readonly number[]): number[] {
  return Array.from({ length: end - first }, (_, i) => first + i);
}
