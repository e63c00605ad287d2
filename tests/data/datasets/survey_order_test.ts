import assert from "node:assert/strict";
import { reordered } from "../../../lib/data/volumes/axis_map.ts";
import { encodeMask } from "../../../lib/data/formats/formats.ts";
import { openDataset } from "../../../lib/data/datasets/open_dataset.ts";
import { readScan } from "../../../lib/data/datasets/read_scan.ts";
import { twinScan, volumeOf } from "../../cases/cohort.ts";
import { withFolder } from "../../support/datasets.ts";
import { ALL_ORDERS } from "../../support/orders.ts";

/** The same scan stored from the left and from the right, in one format. */
async function writeMirrored(dir: string, ending: string): Promise<Uint8Array> {
  const { labels } = twinScan(0);
  const volume = volumeOf(labels);
  await Deno.mkdir(`${dir}/images`, { recursive: true });
  for (const [i, map] of [ALL_ORDERS[0], ALL_ORDERS[0], ALL_ORDERS[1]].entries()) {
    const stored = reordered(volume, map);
    const file = await encodeMask(`c${i}${ending}`, stored.voxels, stored);
    await Deno.writeFile(`${dir}/images/c${i}${ending}`, file);
  }
  return labels;
}

for (const ending of [".nii", ".nii.gz", ".nrrd", ".mha", ".mgz", ".mgh"]) {
  Deno.test(`surveyOrder() brings scans in ${ending} to one order`, () =>
    withFolder(async (dir) => {
      const labels = await writeMirrored(dir, ending);
      const dataset = await openDataset(dir);
      assert.equal(dataset.order?.axes, "RAS");
      for (const { scans: [scan] } of dataset.patients) {
        const { channels: [{ voxels }] } = await readScan(scan, dataset);
        assert.deepEqual(Uint8Array.from(voxels), labels);
      }
    }));
}

Deno.test("surveyOrder() reads a header that notes make long", () =>
  withFolder(async (dir) => {
    const labels = await writeMirrored(dir, ".nrrd");
    for (const i of [0, 1, 2]) {
      const path = `${dir}/images/c${i}.nrrd`;
      const file = await Deno.readFile(path);
      const line = file.indexOf(10) + 1;
      const notes = new TextEncoder().encode(`# ${"note ".repeat(2000)}\n`);
      await Deno.writeFile(
        path,
        Uint8Array.from([...file.subarray(0, line), ...notes, ...file.subarray(line)]),
      );
    }
    const dataset = await openDataset(dir);
    for (const { scans: [scan] } of dataset.patients) {
      const { channels: [{ voxels }] } = await readScan(scan, dataset);
      assert.deepEqual(Uint8Array.from(voxels), labels);
    }
  }));
