import assert from "node:assert/strict";
import fc from "fast-check";
import { fillHoles } from "../../lib/inference/fill_holes.ts";
import { random } from "../../lib/math/random.ts";
import { withFolder } from "../support/datasets.ts";
import { pythonWith, runPython } from "../support/python.ts";

const python = await pythonWith("numpy", "scipy.ndimage");

/** Fills holes of all structures together; axes of one voxel are left out. */
const FILL = `
import json, numpy, scipy.ndimage
filled = []
for case in json.load(open("cases.json")):
    volume = numpy.array(case["labels"]).reshape(case["shape"][::-1])
    whole = scipy.ndimage.binary_fill_holes(volume.squeeze() > 0).reshape(volume.shape)
    filled.append(whole.astype(int).ravel().tolist())
print(json.dumps(filled))
`;

/** The voxels that share a face with one. */
function neighbours(i: number, [width, height, depth]: readonly number[]): number[] {
  const [x, y, z] = [i % width, Math.floor(i / width) % height, Math.floor(i / width / height)];
  return [[1, 0, 0], [0, 1, 0], [0, 0, 1], [-1, 0, 0], [0, -1, 0], [0, 0, -1]]
    .map(([dx, dy, dz]) => [x + dx, y + dy, z + dz])
    .filter(([x, y, z]) => x >= 0 && x < width && y >= 0 && y < height && z >= 0 && z < depth)
    .map(([x, y, z]) => x + width * (y + height * z));
}

/** Holes by growing the outside until nothing changes, each filled with what most of its faces touch. */
function byGrowing(labels: Uint8Array, shape: readonly number[]): Uint8Array {
  const atBorder = (i: number) => {
    const place = [i % shape[0], Math.floor(i / shape[0]) % shape[1]];
    place.push(Math.floor(i / shape[0] / shape[1]));
    return shape.some((length, a) => length > 1 && (place[a] === 0 || place[a] === length - 1));
  };
  // Parts of the background by their first voxel; -1 is the outside.
  const parts = Int32Array.from(labels, (label, i) => label ? -2 : atBorder(i) ? -1 : i);
  for (let changed = true; changed;) {
    changed = false;
    for (const i of parts.keys()) {
      if (parts[i] === -2) continue;
      for (const j of neighbours(i, shape)) {
        if (parts[j] === -2 || parts[j] >= parts[i]) continue;
        [parts[i], changed] = [parts[j], true];
      }
    }
  }
  return labels.map((label, i) => {
    if (parts[i] < 0) return label;
    const touched: number[] = Array(256).fill(0);
    parts.forEach((part, j) => {
      if (part !== parts[i]) return;
      for (const k of neighbours(j, shape)) if (labels[k]) touched[labels[k]]++;
    });
    return touched.indexOf(Math.max(...touched));
  });
}

/** A label map that has holes as often as not. */
const volumes = fc.tuple(
  fc.integer({ min: 1, max: 6 }),
  fc.integer({ min: 1, max: 6 }),
  fc.integer({ min: 1, max: 5 }),
).chain((shape) => {
  const length = shape[0] * shape[1] * shape[2];
  const label = fc.constantFrom(0, 1, 1, 1, 2);
  return fc.tuple(fc.constant(shape), fc.array(label, { minLength: length, maxLength: length }));
});

Deno.test("fillHoles() agrees with growing the outside", () => {
  let holes = 0;
  fc.assert(
    fc.property(volumes, ([shape, values]) => {
      const labels = Uint8Array.from(values);
      const filled = fillHoles(labels, shape);
      assert.deepEqual(filled, byGrowing(labels, shape));
      assert.deepEqual(labels, Uint8Array.from(values));
      assert.deepEqual(fillHoles(filled, shape), filled);
      holes += filled.some((label, i) => label !== labels[i]) ? 1 : 0;
    }),
    { numRuns: 300 },
  );
  assert.ok(holes > 5, `${holes} of 300 had a hole`);
});

Deno.test({
  name: `fillHoles() fills what scipy fills${python ? "" : " (skipped: no scipy)"}`,
  ignore: !python,
  fn: () =>
    withFolder(async (dir) => {
      const source = random("holes");
      const cases = [[7, 6, 5], [9, 8, 1], [12, 3, 4], [5, 5, 5], [1, 9, 9]].flatMap((shape) =>
        Array.from({ length: 20 }, () => ({
          shape,
          labels: Array.from(
            { length: shape[0] * shape[1] * shape[2] },
            () => source.uniform() < 0.3 ? 0 : 1 + source.integer(3),
          ),
        }))
      );
      Deno.writeTextFileSync(`${dir}/cases.json`, JSON.stringify(cases));
      const filled: number[][] = JSON.parse(await runPython(python!, FILL, { dir }));
      for (const [i, { shape, labels }] of cases.entries()) {
        const found = fillHoles(Uint8Array.from(labels), shape);
        assert.deepEqual([...found].map((label) => label > 0 ? 1 : 0), filled[i]);
      }
    }),
});

Deno.test("fillHoles() fills a hole between two structures with the one that it touches more", () => {
  const row = (text: string) => [...text].map(Number);
  const plane = ["11222", "10022", "11222", "00000"].flatMap(row);
  const found = fillHoles(Uint8Array.from(plane), [5, 4, 1]);
  // Three faces of each: the lower label has it.
  assert.deepEqual([...found], ["11222", "11122", "11222", "00000"].flatMap(row));
  // In 3D, a plane's hole is open to the slices above and below.
  const empty = plane.map(() => 0);
  const open = Uint8Array.from([...empty, ...plane, ...empty]);
  assert.deepEqual(fillHoles(open, [5, 4, 3]), open);
});
