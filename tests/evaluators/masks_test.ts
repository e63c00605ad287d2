import assert from "node:assert/strict";
import { boundingBox, crop, surface } from "../../lib/evaluators/masks.ts";

/** A mask with one box of voxels set. */
function block(shape: number[], start: number[], size: number[]): Uint8Array {
  const [width, height, depth] = shape;
  return Uint8Array.from({ length: width * height * depth }, (_, i) => {
    const voxel = [i % width, Math.floor(i / width) % height, Math.floor(i / (width * height))];
    return voxel.every((at, axis) => at >= start[axis] && at < start[axis] + size[axis]) ? 1 : 0;
  });
}

const count = (mask: Uint8Array) => mask.reduce((sum, value) => sum + value, 0);

Deno.test("boundingBox() holds the set voxels of all masks", () => {
  const shape = [7, 6, 5];
  const masks = [block(shape, [1, 2, 3], [2, 1, 1]), block(shape, [4, 0, 3], [1, 1, 2])];
  assert.deepEqual(boundingBox(masks, shape), { start: [1, 0, 3], shape: [4, 3, 2] });
});

Deno.test("boundingBox() is null where no voxel is set", () => {
  assert.equal(boundingBox([new Uint8Array(8), new Uint8Array(8)], [2, 2, 2]), null);
});

Deno.test("crop() keeps the voxels of the box in order", () => {
  const volume = Uint8Array.from({ length: 60 }, (_, i) => i);
  const part = crop(volume, [5, 4, 3], { start: [1, 2, 1], shape: [2, 2, 2] });
  assert.deepEqual([...part], [31, 32, 36, 37, 51, 52, 56, 57]);
});

Deno.test("surface() takes away the inside of a block", () => {
  const mask = block([9, 8, 7], [2, 2, 2], [5, 4, 3]);
  assert.equal(count(surface(mask, [9, 8, 7])), 5 * 4 * 3 - 3 * 2 * 1);
});

Deno.test("surface() takes the outside of the grid for background", () => {
  const mask = new Uint8Array(5 * 4 * 3).fill(1);
  assert.equal(count(surface(mask, [5, 4, 3])), 5 * 4 * 3 - 3 * 2 * 1);
  assert.equal(count(surface(new Uint8Array(20).fill(1), [5, 4, 1])), 20);
});
