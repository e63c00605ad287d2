import assert from "node:assert/strict";
import type { GridOf } from "../../lib/data/volumes/voxel_order.ts";
import { sceneOf, surfacePanel } from "../../lib/notebook/surfaces.ts";
import { structureRgb } from "../../lib/reports/pictures/palette.ts";
import type { Panel } from "../../lib/reports/pictures/panels_png.ts";

const N = 12;

/** A scan of 12³ voxels whose axes run as some signs say, to the right, front and head where +1. */
function scanOf(signs: number[], spacing: [number, number, number] = [1, 1, 1]): GridOf {
  const affine = signs.map((sign, i) => signs.map((_, j) => i === j ? sign * spacing[i] : 0));
  return {
    shape: [N, N, N],
    spacing,
    affine: [...affine.map((row) => [...row, 0]), [0, 0, 0, 1]],
    geometry: {} as GridOf["geometry"],
  };
}

/** A mask of the scan: the label of each voxel by its distance to the right, front and head. */
function maskOf(scan: GridOf, labelAt: (right: number, front: number, head: number) => number) {
  return Uint8Array.from({ length: N ** 3 }, (_, i) => {
    const voxel = [i % N, Math.floor(i / N) % N, Math.floor(i / (N * N))];
    const mm = voxel.map((at, axis) =>
      Math.sign(scan.affine[axis][axis]) * scan.spacing[axis] * (at - (N - 1) / 2)
    );
    return labelAt(mm[0], mm[1], mm[2]);
  });
}

/** How many pixels of a panel have a structure's colour, in any light, and their middle. */
function seen({ pixels, size }: Panel, label: number): { count: number; x: number; y: number } {
  const rgb = structureRgb(label).map((value) => value / 255);
  const sum = { count: 0, x: 0, y: 0 };
  for (let pixel = 0; pixel < size * size; pixel++) {
    const found = [...pixels.subarray(3 * pixel, 3 * pixel + 3)];
    const light = Math.max(...found) / Math.max(...rgb);
    if (!found.every((value, i) => Math.abs(value - light * rgb[i]) < 1e-4)) continue;
    sum.count++;
    sum.x += pixel % size - size / 2;
    sum.y += Math.floor(pixel / size) - size / 2;
  }
  return { count: sum.count, x: sum.x / sum.count, y: sum.y / sum.count };
}

const inBall = (...mm: number[]) => Math.hypot(...mm) < 5;

/** A ball whose right half is 1, and whose left half is 2. */
const halves = (...mm: number[]) => inBall(...mm) ? mm[0] > 0 ? 1 : 2 : 0;

for (const signs of [[1, 1, 1], [-1, -1, 1], [-1, 1, 1], [1, 1, -1]]) {
  Deno.test(`surfacePanel() shows the patient's sides, however stored: ${signs}`, () => {
    const scan = scanOf(signs);
    const mask = maskOf(scan, halves);
    const scene = sceneOf([mask], scan);
    // As in radiology: the patient's right is on the left.
    const front = surfacePanel(mask, scene, 0);
    assert.ok(seen(front, 1).x < -5 && seen(front, 2).x > 5);
    const left = surfacePanel(mask, scene, 90);
    assert.ok(seen(left, 2).count > 2000);
    // Over the top, from above.
    assert.ok(seen(left, 1).count < seen(left, 2).count / 5);
  });
}

Deno.test("surfacePanel() shows the patient upright from a little above, and from behind", () => {
  const scan = scanOf([1, 1, 1]);
  const mask = maskOf(scan, halves);
  const back = surfacePanel(mask, sceneOf([mask], scan), 180);
  assert.ok(seen(back, 1).x > 5 && seen(back, 2).x < -5);

  const ends = maskOf(scan, (...mm) => inBall(...mm) ? mm[2] > 0 ? 3 : 4 : 0);
  const upright = surfacePanel(ends, sceneOf([ends], scan), 0);
  assert.ok(seen(upright, 3).y < -5 && seen(upright, 4).y > 5);
  assert.ok(seen(upright, 3).count > seen(upright, 4).count);
});

Deno.test("surfacePanel() measures in mm, whatever the voxels, and lights from the upper left", () => {
  const scan = scanOf([1, 1, 1], [1, 1, 3]);
  const ball = maskOf(scan, (...mm) => inBall(...mm) ? 1 : 0);
  const { pixels, size } = surfacePanel(ball, sceneOf([ball], scan), 0);
  const shown = [...pixels.keys()].filter((i) => i % 3 === 0 && pixels[i] < 1).map((i) => i / 3);
  const extent = (values: number[]) => Math.max(...values) - Math.min(...values);
  const [width, height] = [(i: number) => i % size, (i: number) => Math.floor(i / size)]
    .map((of) => extent(shown.map(of)));
  assert.ok(Math.abs(width / height - 1) < 0.3, `${width} × ${height}`);
  const at = (x: number, y: number) => pixels[3 * ((size / 2 + y) * size + size / 2 + x) + 1];
  assert.ok(at(-15, -15) > at(15, 15) + 0.2);
});

Deno.test("surfacePanel() of an empty mask is white; sceneOf() then shows all of the scan", () => {
  const scan = scanOf([1, 1, 1], [1, 2, 3]);
  const empty = new Uint8Array(N ** 3);
  const scene = sceneOf([empty], scan);
  assert.deepEqual(scene.centre, [5.5, 5.5, 5.5]);
  assert.ok(Math.abs(scene.radius - Math.hypot(6, 12, 18)) < 1e-9);
  assert.ok(surfacePanel(empty, scene, 0).pixels.every((value) => value === 1));
});

Deno.test("sceneOf() takes in what any of the masks labels", () => {
  const scan = scanOf([-1, -1, 1]);
  const [a, b] = [new Uint8Array(N ** 3), new Uint8Array(N ** 3)];
  a[2] = 1; // (2, 0, 0)
  b[5 * N * N + 4 * N + 9] = 2; // (9, 4, 5)
  const { centre, radius } = sceneOf([a, b], scan);
  assert.deepEqual(centre, [5.5, 2, 2.5]);
  assert.equal(radius, Math.hypot(4, 2.5, 3));
});
