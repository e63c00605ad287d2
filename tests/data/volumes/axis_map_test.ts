import assert from "node:assert/strict";
import {
  composed,
  IDENTITY,
  inverse,
  isIdentity,
  reordered,
} from "../../../lib/data/volumes/axis_map.ts";
import type { Volume } from "../../../lib/data/volumes/volume.ts";
import { tinyImage, tinyVolume } from "../../support/datasets.ts";
import { ALL_ORDERS } from "../../support/orders.ts";

/** Each voxel's value by its place in mm. */
function byPlace({ voxels, shape: [nx, ny], affine }: Volume): Map<string, number> {
  return new Map(
    [...voxels].map((value, i) => {
      const index = [i % nx, Math.floor(i / nx) % ny, Math.floor(i / (nx * ny)), 1];
      const place = affine.slice(0, 3).map((row) =>
        row.reduce((sum, entry, axis) => sum + entry * index[axis], 0)
      );
      return [place.map((mm) => mm.toFixed(6)).join(), value];
    }),
  );
}

Deno.test("reordered() keeps every voxel at its place in mm, in all 48 orders", () => {
  const volume = tinyVolume(tinyImage());
  const expected = [...byPlace(volume)].toSorted().join(";");
  const shapes = new Set<string>();
  for (const map of ALL_ORDERS) {
    const other = reordered(volume, map);
    shapes.add(`${other.shape}`);
    assert.equal([...byPlace(other)].toSorted().join(";"), expected, JSON.stringify(map));
    assert.deepEqual(other.geometry.sform, other.affine.slice(0, 3));
    assert.deepEqual(other.geometry.pixdim.slice(1, 4), other.spacing);
  }
  assert.equal(shapes.size, 6);
  assert.equal(reordered(volume, IDENTITY), volume);
});

Deno.test("reordered() treats every frame of a 4D volume alike", () => {
  const volume = { ...tinyVolume(), voxels: tinyImage().slice(0, 24), shape: [2, 3, 2, 2] };
  const frame = (of: Volume, i: number) => [...of.voxels.slice(12 * i, 12 * i + 12)];
  const map = ALL_ORDERS[29];
  const whole = reordered(volume, map);
  for (const i of [0, 1]) {
    const alone = reordered(
      { ...volume, voxels: volume.voxels.slice(12 * i, 12 * i + 12), shape: [2, 3, 2] },
      map,
    );
    assert.deepEqual(frame(whole, i), [...alone.voxels]);
  }
});

Deno.test("inverse() and composed() undo and join maps", () => {
  const volume = tinyVolume(tinyImage());
  for (const [i, map] of ALL_ORDERS.entries()) {
    assert.ok(isIdentity(composed(map, inverse(map))));
    assert.deepEqual(reordered(reordered(volume, map), inverse(map)).voxels, volume.voxels);
    const other = ALL_ORDERS[(i * 7 + 5) % 48];
    assert.deepEqual(
      reordered(reordered(volume, map), other).voxels,
      reordered(volume, composed(map, other)).voxels,
    );
  }
});
