import assert from "node:assert/strict";
import fc from "fast-check";
import { keepLargestComponents } from "../../lib/inference/largest_component.ts";

/** Components by merging labels of face neighbours until nothing changes. */
function byMerging(labels: Uint8Array, [width, height, depth]: number[]): Uint8Array {
  const ids = Int32Array.from(labels, (label, i) => label ? i : -1);
  const neighbours = (i: number) => {
    const [x, y, z] = [i % width, Math.floor(i / width) % height, Math.floor(i / width / height)];
    return [[1, 0, 0], [0, 1, 0], [0, 0, 1], [-1, 0, 0], [0, -1, 0], [0, 0, -1]]
      .map(([dx, dy, dz]) => [x + dx, y + dy, z + dz])
      .filter(([x, y, z]) => x >= 0 && x < width && y >= 0 && y < height && z >= 0 && z < depth)
      .map(([x, y, z]) => x + width * (y + height * z));
  };
  for (let changed = true; changed;) {
    changed = false;
    labels.forEach((label, i) => {
      for (const j of label ? neighbours(i) : []) {
        if (labels[j] === label && ids[j] < ids[i]) [ids[i], changed] = [ids[j], true];
      }
    });
  }
  const size = (id: number) => ids.filter((other) => other === id).length;
  const kept = new Map<number, number>();
  for (const id of new Set(ids)) {
    const best = kept.get(labels[id]);
    if (id >= 0 && (best === undefined || size(id) > size(best))) kept.set(labels[id], id);
  }
  return labels.map((label, i) => label && kept.get(label) === ids[i] ? label : 0);
}

Deno.test("keepLargestComponents() agrees with merging neighbours", () => {
  const volumes = fc.tuple(
    fc.integer({ min: 1, max: 6 }),
    fc.integer({ min: 1, max: 6 }),
    fc.integer({ min: 1, max: 4 }),
  ).chain((shape) => {
    const length = shape[0] * shape[1] * shape[2];
    const labels = fc.array(fc.constantFrom(0, 1, 1, 2), { minLength: length, maxLength: length });
    return fc.tuple(fc.constant(shape), labels);
  });
  fc.assert(fc.property(volumes, ([shape, values]) => {
    const labels = Uint8Array.from(values);
    const before = labels.slice();
    assert.deepEqual(keepLargestComponents(labels, shape), byMerging(labels, shape));
    assert.deepEqual(labels, before);
  }));
});

Deno.test("keepLargestComponents() joins slices by faces, not by edges", () => {
  // Two slices of 3 × 2: a pair of voxels that meets its neighbour above by a face, and a diagonal.
  const labels = Uint8Array.of(1, 0, 0, 0, 0, 1, 1, 0, 0, 0, 1, 0);
  const kept = Uint8Array.of(1, 0, 0, 0, 0, 0, 1, 0, 0, 0, 0, 0);
  assert.deepEqual(keepLargestComponents(labels, [3, 2, 2]), kept);
});
