import assert from "node:assert/strict";
import {
  composed,
  IDENTITY,
  isIdentity,
  permuted,
  reordered,
} from "../../../lib/data/volumes/axis_map.ts";
import { geometryOf } from "../../../lib/data/formats/grid.ts";
import type { Volume } from "../../../lib/data/volumes/volume.ts";
import {
  cohortOrder,
  orientationOf,
  sidesOf,
  viewingMap,
  workingMap,
} from "../../../lib/data/volumes/voxel_order.ts";
import { random } from "../../../lib/math/random.ts";
import { tinyVolume } from "../../support/datasets.ts";
import { ALL_ORDERS } from "../../support/orders.ts";
import { pythonWith, runPython } from "../../support/python.ts";

const python = await pythonWith("nibabel");

/** A volume whose axes run along the columns of a rotation. */
function turned(rotation: number[][], spacing: [number, number, number] = [2, 2, 8]): Volume {
  const affine = [
    ...rotation.map((row) => [...row.map((value, axis) => value * spacing[axis]), 5]),
    [0, 0, 0, 1],
  ];
  return {
    ...tinyVolume(),
    shape: [4, 3, 2],
    spacing,
    affine,
    geometry: geometryOf(affine, [4, 3, 2]),
  };
}

/** A random rotation whose last column lies from 20° to 70° from every axis. */
function oblique(seed: number): number[][] {
  const source = random("oblique", seed);
  const vector = () => Array.from({ length: 3 }, () => source.uniform(-1, 1));
  const unit = (v: number[]) => v.map((x) => x / Math.hypot(...v));
  const [least, most] = [70, 20].map((angle) => Math.cos(angle * Math.PI / 180));
  let normal = unit(vector());
  while (normal.some((x) => Math.abs(x) < least || Math.abs(x) > most)) normal = unit(vector());
  const other = vector();
  const dot = other.reduce((sum, x, i) => sum + x * normal[i], 0);
  const u = unit(other.map((x, i) => x - dot * normal[i]));
  const w = [0, 1, 2].map((i) =>
    normal[(i + 1) % 3] * u[(i + 2) % 3] - normal[(i + 2) % 3] * u[(i + 1) % 3]
  );
  return [0, 1, 2].map((row) => [u[row], w[row], normal[row]]);
}

Deno.test("workingMap() brings all 48 stored orders to one", () => {
  const volume = tinyVolume();
  const stored = ALL_ORDERS.map((map) => reordered(volume, map));
  const order = cohortOrder(stored);
  assert.equal(order.axes, "RAS");
  assert.equal(order.slices, 2);
  for (const one of stored) {
    const brought = reordered(one, workingMap(one, order));
    assert.deepEqual(brought.voxels, volume.voxels);
    assert.deepEqual([brought.shape, brought.spacing], [volume.shape, volume.spacing]);
  }
});

Deno.test({
  name: "orientationOf() names axes as nibabel's aff2axcodes() does" +
    (python ? "" : " (skipped: no nibabel)"),
  ignore: !python,
  fn: async () => {
    const volumes = [
      ...ALL_ORDERS.map((map) => reordered(tinyVolume(), map)),
      ...Array.from({ length: 30 }, (_, i) => turned(oblique(i)))
        .filter((volume) => orientationOf(volume).kind === "clear"),
    ];
    const program = "import json, sys, nibabel, numpy\n" +
      "affines = json.loads(sys.argv[1])\n" +
      'print(" ".join("".join(nibabel.aff2axcodes(numpy.array(a))) for a in affines))';
    const codes = await runPython(python!, program, {
      dir: ".",
      args: [JSON.stringify(volumes.map(({ affine }) => affine))],
    });
    assert.deepEqual(volumes.map((volume) => orientationOf(volume).code), codes.trim().split(" "));
  },
});

Deno.test("cohortOrder() keeps the stored order of a cohort of oblique stacks", () => {
  const cohort = Array.from({ length: 8 }, (_, i) => turned(oblique(i)));
  const order = cohortOrder(cohort);
  assert.deepEqual(order, { axes: "stored", usual: "", slices: 2 });
  assert.ok(cohort.every((volume) => isIdentity(workingMap(volume, order))));
});

Deno.test("workingMap() takes an oblique scan among others to be stored as they are", () => {
  const [flipped, swapped] = [ALL_ORDERS[1], ALL_ORDERS[17]];
  const clear = [flipped, flipped, swapped].map((map) => reordered(tinyVolume(), map));
  const askew = turned(oblique(3));
  const order = cohortOrder([...clear, askew]);
  assert.equal(order.usual, orientationOf(clear[0]).code);
  assert.deepEqual(workingMap(askew, order), workingMap(clear[0], order));
});

Deno.test("cohortOrder() takes affines that say nothing, as ACDC's, as stored", () => {
  const affine = [[-1, 0, 0, 0], [0, -1, 0, 0], [0, 0, 1, 0], [0, 0, 0, 1]];
  const spacing: [number, number, number] = [1.4, 1.4, 10];
  const acdc = { ...turned([[1, 0, 0], [0, 1, 0], [0, 0, 1]], spacing), affine };
  assert.equal(orientationOf(acdc).kind, "silent");
  assert.equal(orientationOf({ ...acdc, spacing: [1, 1, 10] }).kind, "silent");
  assert.equal(orientationOf({ ...acdc, spacing: [1, 1, 1] }).kind, "clear");
  const order = cohortOrder([acdc, acdc]);
  assert.deepEqual(order, { axes: "stored", usual: "", slices: 2, untold: true });
  assert.ok(isIdentity(workingMap(acdc, order)));
  const none = { ...acdc, geometry: geometryOf(undefined, acdc.shape) };
  assert.equal(orientationOf(none).kind, "silent");
});

Deno.test("sidesOf() tells where a picture's edges lie, as radiologists look at it, of every order", () => {
  for (const map of ALL_ORDERS) {
    const stored = reordered(tinyVolume(), map);
    for (const slices of [0, 1, 2] as const) {
      const order = { axes: "RAS", usual: "", slices, fixed: true } as const;
      const looked = composed(workingMap(stored, order), viewingMap(order));
      const [left, right] = slices === 0 ? ["A", "P"] : ["R", "L"];
      const [top, bottom] = slices === 2 ? ["A", "P"] : ["S", "I"];
      assert.deepEqual(sidesOf(stored, looked), { left, right, top, bottom });
      // Of voxels that were turned before, likewise.
      assert.deepEqual(sidesOf(reordered(stored, looked), IDENTITY), { left, right, top, bottom });
    }
  }
});

Deno.test("sidesOf() says nothing where the affine does not tell, or contradicts the voxel size", () => {
  const straight = turned([[1, 0, 0], [0, 1, 0], [0, 0, 1]]);
  assert.deepEqual(sidesOf(straight, IDENTITY), { left: "L", right: "R", top: "P", bottom: "A" });
  const acdc = {
    ...straight,
    affine: [[-1, 0, 0, 0], [0, -1, 0, 0], [0, 0, 1, 0], [0, 0, 0, 1]],
  };
  for (const map of ALL_ORDERS) assert.equal(sidesOf(reordered(acdc, map), IDENTITY), undefined);
  const none = { ...straight, geometry: geometryOf(undefined, straight.shape) };
  for (const one of [none, turned(oblique(1))]) assert.equal(sidesOf(one, IDENTITY), undefined);
});

Deno.test("workingMap() takes slices across the thick axis, or the cohort's, or the one asked for", () => {
  const isotropic = turned([[0, 0, 1], [1, 0, 0], [0, 1, 0]], [1, 1, 1]);
  const cohort = cohortOrder([isotropic, isotropic]);
  assert.equal(cohort.slices, 0, "stored slices run from left to right");
  const axial = turned([[1, 0, 0], [0, 1, 0], [0, 0, 1]], [1, 1, 5]);
  const sliced = (volume: Volume, order = cohort) =>
    permuted(["x", "y", "z"], workingMap(volume, order)).at(-1);
  assert.equal(sliced(isotropic), "z");
  assert.equal(sliced(axial), "z");
  assert.equal(sliced({ ...axial, spacing: [5, 1, 1] }), "x");
  assert.equal(sliced({ ...axial, spacing: [1, 1, 1.9] }), "x", "hardly thick: as the cohort");
  assert.equal(sliced(axial, { ...cohort, slices: 1, fixed: true }), "y");
  assert.equal(sliced({ ...axial, spacing: [1, 1, 1], shape: [40, 40, 1] }), "z");
});
