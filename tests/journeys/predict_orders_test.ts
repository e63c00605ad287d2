import assert from "node:assert/strict";
import { reordered } from "../../lib/data/volumes/axis_map.ts";
import type { Affine, Volume } from "../../lib/data/volumes/volume.ts";
import { RAS, save, twinScan, volumeOf, writeCohort } from "../cases/cohort.ts";
import { withFolder } from "../support/datasets.ts";
import { ALL_ORDERS } from "../support/orders.ts";
import { pythonWith, runPython } from "../support/python.ts";
import { expectDone } from "../support/run_task.ts";

const python = await pythonWith("nibabel", "numpy");

/** Prints how many masks there are, how many are on their scans' grids, and how many differ. */
const COMPARE = `
import glob, json, os, nibabel, numpy
masks, placed, canonical = sorted(glob.glob("masks/*.nii.gz")), 0, []
for path in masks:
    mask = nibabel.load(path)
    scan = nibabel.load("scans/" + os.path.basename(path).replace("_mask", ""))
    placed += mask.shape == scan.shape and numpy.allclose(mask.affine, scan.affine)
    canonical.append(nibabel.as_closest_canonical(mask))
labels = [numpy.asanyarray(mask.dataobj) for mask in canonical]
differ = sum(not numpy.array_equal(other, labels[0]) for other in labels)
astray = sum(not numpy.allclose(mask.affine, canonical[0].affine, atol=1e-3) for mask in canonical)
counts = [int((labels[0] == value).sum()) for value in (1, 2)]
print(json.dumps([len(masks), placed, differ, astray, counts]))
`;

/** Turned by 20° about the third axis, away from the origin, voxels of 3.2 mm. */
const TURNED: Affine = (() => {
  const [cos, sin] = [3.2 * Math.cos(Math.PI / 9), 3.2 * Math.sin(Math.PI / 9)];
  return [[cos, -sin, 0, -20], [sin, cos, 0, 35], [0, 0, 3.2, 60], [0, 0, 0, 1]];
})();

/** How scans lie: their slices thick, and with voxels that tell no axis from another. */
const GRIDS: Record<string, { affine: Affine; spacing: [number, number, number] }> = {
  "of thick slices": { affine: RAS, spacing: [3.2, 3.2, 8] },
  "of cubes, turned": { affine: TURNED, spacing: [3.2, 3.2, 3.2] },
};

/** Settings of a network that learns two organs in seconds. */
const SETTINGS = [
  "grid.size=40",
  "backbone.widths=[8,16,16]",
  "backbone.features=8",
  "adaptation.iterations=30",
  "adaptation.batch=3",
  "adaptation.scratch.learningRate=0.01",
].flatMap((setting) => ["--set", setting]);

for (const [which, grid] of Object.entries(GRIDS)) {
  Deno.test({
    name: `predict gives one mask of a scan ${which}, in all 48 orders of its voxels${
      python ? "" : " (skipped: no nibabel)"
    }`,
    ignore: !python,
    fn: () =>
      withFolder(async (dir) => {
        const placed = ({ voxels }: Volume) => volumeOf(voxels, grid);
        const how = { draw: twinScan, image: placed, mask: placed };
        await writeCohort(`${dir}/cohort`, how);
        const scratch = ["--strategy", "scratch", "--preset", "pix2rep-demo", ...SETTINGS];
        const train = ["--data", `${dir}/cohort`, "--patients", "2", "--out", `${dir}/model`];
        await expectDone("finetune", ...train, ...scratch);
        const scan = volumeOf(twinScan(9).image, grid);
        for (const [i, order] of ALL_ORDERS.entries()) {
          await save(`${dir}/scans/order${i}.nii.gz`, reordered(scan, order));
        }
        const inputs = ["--input", `${dir}/scans`, "--out", `${dir}/masks`];
        await expectDone("predict", "--model", `${dir}/model`, ...inputs);
        const told = JSON.parse(await runPython(python!, COMPARE, { dir }));
        const counts: number[] = told.pop();
        assert.deepEqual(told, [48, 48, 0, 0]);
        assert.ok(counts.every((count) => count > 300), `${counts}`);
      }),
  });
}
