import assert from "node:assert/strict";
import { mkdir } from "node:fs/promises";
import { dirname } from "node:path";
import { encode } from "fast-png";
import { openDataset } from "../../../lib/data/datasets/open_dataset.ts";
import { readScan } from "../../../lib/data/datasets/read_scan.ts";
import { withFolder } from "../../support/datasets.ts";

/** Writes a picture of 2 × 1 pixels by fast-png. */
async function picture(path: string, pixels: number[]): Promise<void> {
  await mkdir(dirname(path), { recursive: true });
  const channels = pixels.length / 2;
  const data = Uint8Array.from(pixels);
  await Deno.writeFile(path, encode({ width: 2, height: 1, data, channels }));
}

for (const [where, beside] of [["images/a.png", "images/b.png"], ["a/scan.png", "b/scan.png"]]) {
  Deno.test(`openDataset() takes colours of ${where} for channels, of grey ones all alike`, () =>
    withFolder(async (dir) => {
      await picture(`${dir}/${where}`, [1, 2, 3, 4, 5, 6]);
      await picture(`${dir}/${beside}`, [7, 8]);
      const dataset = await openDataset(dir);
      assert.deepEqual(dataset.channels, ["red", "green", "blue"]);
      const read = dataset.patients.map(async ({ scans: [scan] }) =>
        (await readScan(scan, dataset)).channels.map(({ voxels }) => [...voxels])
      );
      const [colours, grey] = await Promise.all(read);
      assert.deepEqual(colours, [[1, 4], [2, 5], [3, 6]]);
      assert.deepEqual(grey, [[7, 8], [7, 8], [7, 8]]);
    }));
}

Deno.test("openDataset() leaves grey pictures one channel", () =>
  withFolder(async (dir) => {
    await picture(`${dir}/images/a.png`, [7, 8]);
    assert.equal((await openDataset(dir)).channels, undefined);
  }));
