import assert from "node:assert/strict";
import fc from "fast-check";
import type { PreparedVolume } from "../../../lib/data/slices/preprocess.ts";
import {
  closeSource,
  digestSource,
  gatherSlices,
  readSlices,
} from "../../../lib/data/slices/slice_source.ts";
import { digestSlices } from "../../../lib/data/slices/slice_digest.ts";
import { stackSlices, takeSlices } from "../../../lib/data/slices/slices.ts";
import { random } from "../../../lib/math/random.ts";
import { withFolder } from "../../support/datasets.ts";

const SIZE = 4;

/** Volumes of some depths with random intensities. */
function volumesOf(depths: readonly number[], channels = 1): PreparedVolume[] {
  const source = random("slice source", ...depths);
  return depths.map((depth) => ({
    images: Float32Array.from({ length: depth * SIZE ** 2 * channels }, () => source.uniform()),
    labels: new Uint8Array(depth * SIZE ** 2),
    depth,
    channels,
    grid: { size: SIZE, spacing: 1 },
    centre: [0, 0],
    original: { width: SIZE, height: SIZE, spacing: [1, 1] },
    facts: { side: depth, spacing: 1, thickness: 1, means: [0.5], ranges: [[0, 1]] },
  }));
}

async function* comingOneByOne(volumes: readonly PreparedVolume[]): AsyncGenerator<PreparedVolume> {
  for (const volume of volumes) yield await Promise.resolve(volume);
}

Deno.test("gatherSlices() holds the same slices in memory, in a file, and first here, then there", () =>
  withFolder(async (dir) => {
    const depths = fc.array(fc.integer({ min: 1, max: 90 }), { minLength: 1, maxLength: 5 });
    await fc.assert(
      fc.asyncProperty(
        depths,
        fc.nat(3),
        fc.constantFrom(1, 3),
        async (depths, inMemory, channels) => {
          const volumes = volumesOf(depths, channels);
          const stack = stackSlices(volumes);
          const most = volumes.slice(0, inMemory).reduce((n, v) => n + v.images.byteLength, 0);
          const source = await gatherSlices(comingOneByOne(volumes), { dir, most });
          assert.equal("file" in source, inMemory < volumes.length);
          assert.deepEqual([source.count, source.size], [stack.count, SIZE]);
          assert.equal(digestSource(source), digestSlices(stack));
          const positions = [stack.count - 1, 0, stack.count >> 1, 0];
          const { images, channels: read } = readSlices(source, positions);
          assert.deepEqual([images, read], [takeSlices(stack, positions).images, channels]);
          assert.deepEqual([...Deno.readDirSync(dir)], [], "the file has no name");
          closeSource(source);
        },
      ),
      { numRuns: 40 },
    );
  }));

Deno.test("gatherSlices() refuses scans of different channels, in a file too", () =>
  withFolder(async (dir) => {
    const mixed = [...volumesOf([2]), ...volumesOf([1], 2)];
    for (const most of [0, 2 ** 20]) {
      await assert.rejects(gatherSlices(comingOneByOne(mixed), { dir, most }), {
        name: "RangeError",
        message: /^slices: expected scans of one number of channels, found 1 and 2; /,
      });
    }
  }));

Deno.test("gatherSlices() stays in memory where there is no folder, and takes no labels", async () => {
  const source = await gatherSlices(comingOneByOne(volumesOf([2, 1])), { most: 0 });
  assert.ok(!("file" in source));
  assert.equal(source.labels, undefined);
  await assert.rejects(gatherSlices(comingOneByOne([])), { name: "RangeError" });
});

Deno.test("readSlices() refuses a position behind the last slice of a file", () =>
  withFolder(async (dir) => {
    const source = await gatherSlices(comingOneByOne(volumesOf([2])), { dir, most: 0 });
    assert.throws(() => readSlices(source, [2]), { name: "RangeError" });
    closeSource(source);
  }));
