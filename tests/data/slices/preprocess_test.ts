import assert from "node:assert/strict";
import fc from "fast-check";
import { IGNORED } from "../../../lib/data/masks/labels.ts";
import { prepareVolume, restoreMask } from "../../../lib/data/slices/preprocess.ts";
import type { Volume, Voxels } from "../../../lib/data/volumes/volume.ts";

function volume(voxels: Voxels, shape: number[], spacing = [1, 1, 8]): Volume {
  return {
    voxels,
    shape,
    spacing: [spacing[0], spacing[1], spacing[2]],
    affine: [[1, 0, 0, 0], [0, 1, 0, 0], [0, 0, 1, 0], [0, 0, 0, 1]],
    geometry: {
      version: 1,
      pixdim: [1, ...spacing, 1, 1, 1, 1],
      qformCode: 0,
      sformCode: 0,
      quaternion: [0, 0, 0],
      offset: [0, 0, 0],
      sform: [],
      units: 0,
    },
    source: "scan.nii.gz",
    warnings: [],
  };
}

const count = (shape: number[]) => shape.reduce((product, length) => product * length, 1);
const ramp = (shape: number[]) => Float32Array.from({ length: count(shape) }, (_, i) => i);

function oneHot(labels: Uint8Array, classes: number): Float32Array {
  const probabilities = new Float32Array(labels.length * classes);
  labels.forEach((label, i) => probabilities[i * classes + label] = 1);
  return probabilities;
}

function dice(a: ArrayLike<number>, b: ArrayLike<number>, label: number): number {
  let [inA, inB, inBoth] = [0, 0, 0];
  for (let i = 0; i < a.length; i++) {
    if (a[i] === label) inA++;
    if (b[i] === label) inB++;
    if (a[i] === label && b[i] === label) inBoth++;
  }
  return 2 * inBoth / (inA + inB);
}

/** A ring (1) around a disc (2), off the centre, in two slices. */
function discs(width: number, height: number, spacing: number): Uint8Array {
  return Uint8Array.from({ length: width * height * 2 }, (_, i) => {
    const x = (i % width - (width - 1) / 2) * spacing - 3;
    const y = (Math.floor(i / width) % height - (height - 1) / 2) * spacing + 4;
    const radius = Math.hypot(x, y);
    return radius < 28 ? 2 : radius < 39 ? 1 : 0;
  });
}

Deno.test("prepareVolume() maps numpy's 1st and 99th percentile to 0 and 1 and clips", () => {
  // numpy.percentile([0, 1, 4, 9, 16, 25], [1, 99]) is [0.05, 24.55]
  const image = volume(Int16Array.of(9, 0, 25, 1, 16, 4), [3, 2]);
  const { images } = prepareVolume(image, { size: 3, spacing: 1 });
  const scaled = (value: number) => Math.fround((value - 0.05) / 24.5);
  // two rows on three: each target row lies half a pixel off, the outer ones on the image's border
  const expected = [
    [scaled(9), 0, 1],
    [(scaled(9) + scaled(1)) / 2, scaled(16) / 2, (1 + scaled(4)) / 2],
    [scaled(1), scaled(16), scaled(4)],
  ].flat();
  images.forEach((value, i) => assert.ok(Math.abs(value - expected[i]) < 1e-6, `pixel ${i}`));
});

Deno.test("prepareVolume() takes a window of intensities and clips", () => {
  const image = volume(Int16Array.of(-50, 10, 20, 99), [2, 2, 1]);
  const { images } = prepareVolume(image, { size: 2, spacing: 1 }, { scale: [0, 30] });
  assert.deepEqual([...images], [0, 1 / 3, 2 / 3, 1].map(Math.fround));
});

Deno.test("prepareVolume() makes a constant image 0", () => {
  const image = volume(new Float32Array(32).fill(7), [4, 4, 2]);
  assert.deepEqual(prepareVolume(image, { size: 4, spacing: 1 }).images, new Float32Array(32));
});

Deno.test("prepareVolume() and restoreMask() change nothing on the scan's own grid", () => {
  const shape = [6, 6, 3];
  const image = volume(ramp(shape), shape);
  const labels = Uint8Array.from(image.voxels, (value) => (value * 7) % 4);
  const prepared = prepareVolume(image, { size: 6, spacing: 1 }, {
    mask: volume(labels, shape),
    scale: [0, 107],
  });
  assert.deepEqual(prepared.images, Float32Array.from(image.voxels, (value) => value / 107));
  assert.deepEqual(prepared.labels, labels);
  assert.deepEqual(restoreMask(oneHot(labels, 4), prepared), labels);
});

Deno.test("prepareVolume() pads and crops about the centre, rows along y", () => {
  const image = volume(ramp([4, 2, 1]), [4, 2, 1]);
  const padded = prepareVolume(image, { size: 4, spacing: 1 }, { scale: [0, 7] }).images;
  const seventh = (value: number) => Math.fround(value / 7);
  assert.deepEqual([...padded.slice(0, 4)], [0, 0, 0, 0]);
  assert.deepEqual([...padded.slice(4, 12)], [0, 1, 2, 3, 4, 5, 6, 7].map(seventh));
  const cropped = prepareVolume(image, { size: 2, spacing: 1 }, { scale: [0, 7] }).images;
  assert.deepEqual([...cropped], [1, 2, 5, 6].map(seventh));
});

Deno.test("prepareVolume() keeps the aspect of pixels that are not square", () => {
  const mask = volume(new Uint8Array(20 * 40).fill(1), [20, 40, 1], [2, 1, 8]);
  const prepared = prepareVolume(mask, { size: 60, spacing: 1 }, { mask });
  assert.equal(prepared.labels?.reduce((sum, label) => sum + label, 0), 40 * 40);
});

Deno.test("restoreMask() undoes prepareVolume() on finer and coarser grids", () => {
  fc.assert(
    fc.property(
      fc.integer({ min: 90, max: 130 }),
      fc.integer({ min: 90, max: 130 }),
      fc.double({ min: 1, max: 1.5, noNaN: true }),
      fc.double({ min: 0.5, max: 2, noNaN: true }),
      (width, height, spacing, factor) => {
        const labels = discs(width, height, spacing);
        const image = volume(Float32Array.from(labels), [width, height, 2], [spacing, spacing, 8]);
        const gridSpacing = spacing * factor;
        const prepared = prepareVolume(image, {
          size: Math.ceil(130 * spacing / gridSpacing),
          spacing: gridSpacing,
        }, { mask: { ...image, voxels: labels } });
        const restored = restoreMask(oneHot(prepared.labels!, 3), prepared);
        // Borders move by up to half a pixel of the coarser grid; the ring has more of them per area.
        const coarser = Math.max(spacing, gridSpacing);
        for (const [label, lossPerMm] of [[1, 0.03], [2, 0.013]]) {
          const overlap = dice(restored, labels, label);
          assert.ok(overlap > 1 - lossPerMm * coarser, `Dice of ${label}: ${overlap}`);
        }
      },
    ),
    { numRuns: 25 },
  );
});

Deno.test("restoreMask() leaves background where the slices do not reach", () => {
  const shape = [8, 6, 1];
  const prepared = prepareVolume(volume(ramp(shape), shape), { size: 4, spacing: 1 });
  const mask = restoreMask(oneHot(new Uint8Array(16).fill(1), 2), prepared);
  const expected = [0, 1, 1, 1, 1, 0].flatMap((row) => [0, 0, row, row, row, row, 0, 0]);
  assert.deepEqual([...mask], expected);
});

Deno.test("prepareVolume() keeps whole slices for sliding windows, the centre among them", () => {
  fc.assert(fc.property(
    fc.integer({ min: 3, max: 30 }),
    fc.integer({ min: 3, max: 30 }),
    fc.constantFrom(4, 7, 16),
    fc.double({ min: 0.5, max: 2, noNaN: true }),
    (width, height, size, spacing) => {
      const image = volume(ramp([width, height, 2]), [width, height, 2], [1, 1.5, 8]);
      const grid = { size, spacing };
      const centre = prepareVolume(image, grid);
      const whole = prepareVolume(image, grid, { window: "sliding" });
      assert.deepEqual([centre.window, whole.window], [undefined, size]);
      const side = whole.grid.size;
      assert.ok(side * spacing >= Math.max(width, 1.5 * height) - 1e-6 && side >= size);
      const margin = (side - size) / 2;
      assert.ok(Number.isInteger(margin), `${side} and ${size} are both even or both odd`);
      const middle = centre.images.map((_, i) => {
        const [x, y] = [i % size, Math.floor(i / size) % size];
        const slice = Math.floor(i / size ** 2);
        return whole.images[(slice * side + margin + y) * side + margin + x];
      });
      const error = Math.max(...middle.map((value, i) => Math.abs(value - centre.images[i])));
      assert.ok(error < 1e-6, `${error}`);
      // Every voxel of the scan is reached on the way back.
      const ones = oneHot(new Uint8Array(side * side * 2).fill(1), 2);
      assert.ok(restoreMask(ones, whole).every((label) => label === 1));
    },
  ));
});

Deno.test("prepareVolume() looks at labels that lie aside, and puts them back where they were", () => {
  fc.assert(fc.property(
    fc.record({ x: fc.integer({ min: 0, max: 34 }), y: fc.integer({ min: 0, max: 34 }) }),
    ({ x, y }) => {
      // A square of 6 by 6 voxels, in the second of two slices of 40 by 40; the grid holds 20 by 20.
      const shape = [40, 40, 2];
      const labels = Uint8Array.from({ length: count(shape) }, (_, i) => {
        const [column, row] = [i % 40 - x, Math.floor(i / 40) % 40 - y];
        return i >= 1600 && Math.min(column, row) >= 0 && Math.max(column, row) < 6 ? 1 : 0;
      });
      const prepared = prepareVolume(volume(ramp(shape), shape), { size: 20, spacing: 1 }, {
        mask: volume(labels, shape),
        window: "labels",
      });
      // At the centre the grid reaches from voxel 10 to 30.
      const aside = (first: number) => Math.max(0, first + 6 - 30) + Math.min(0, first - 10);
      assert.deepEqual(prepared.centre, [aside(x), aside(y)]);
      assert.deepEqual(restoreMask(oneHot(prepared.labels!, 2), prepared), labels);
    },
  ));
});

Deno.test("prepareVolume() looks at the centre where nothing is labelled", () => {
  const shape = [8, 8, 1];
  const mask = volume(new Uint8Array(64), shape);
  const grid = { size: 4, spacing: 1 };
  const { centre } = prepareVolume(volume(ramp(shape), shape), grid, { mask, window: "labels" });
  assert.deepEqual(centre, [0, 0]);
});

Deno.test("restoreMask() refuses probabilities of another size", () => {
  const prepared = prepareVolume(volume(ramp([4, 4, 2]), [4, 4, 2]), { size: 4, spacing: 1 });
  assert.throws(() => restoreMask(new Float32Array(33), prepared), {
    name: "RangeError",
    message: /\[2, 4, 4, 2 or more classes\], found 33 values/,
  });
});

Deno.test("prepareVolume() takes the named frame of a 4D image and refuses to guess", () => {
  const shape = [2, 2, 1, 3];
  const image = volume(ramp(shape).map((value) => value * (value < 4 ? 1 : -1)), shape);
  const grid = { size: 2, spacing: 1 };
  const frame = (index: number) => [
    ...prepareVolume(image, grid, { frame: index, scale: [-11, 3] }).images,
  ];
  assert.deepEqual(frame(0), [11, 12, 13, 14].map((value) => Math.fround(value / 14)));
  assert.deepEqual(frame(2), [3, 2, 1, 0].map((value) => Math.fround(value / 14)));
  assert.throws(
    () => prepareVolume(image, grid),
    /scan.nii.gz: expected a 3D volume, found 3 volumes along a fourth axis/,
  );
  assert.throws(() => frame(3), /expected a frame from 0 to 2, found 3/);
});

Deno.test("prepareVolume() makes voxels that are not finite background", () => {
  for (const bad of [NaN, Infinity, -Infinity, -3.4e38]) {
    const image = volume(Float32Array.of(0, 2, bad, 4), [2, 2, 1]);
    const { images } = prepareVolume(image, { size: 2, spacing: 1 });
    // numpy.percentile([0, 2, 4], [1, 99]) is [0.04, 3.96]
    assert.deepEqual([...images], [0, 0.5, 0, 1], `${bad}`);
  }
});

Deno.test("prepareVolume() refuses a mask of another shape or with values that are no labels", () => {
  const image = volume(ramp([2, 2, 2]), [2, 2, 2]);
  const prepare = (mask: Volume) => prepareVolume(image, { size: 2, spacing: 1 }, { mask });
  assert.throws(() => prepare(volume(new Uint8Array(4), [2, 2, 1])), {
    name: "RangeError",
    message: /expected the shape of its image, 2×2×2, found 2×2×1/,
  });
  for (const odd of [0.5, -1, 256, NaN]) {
    assert.throws(() => prepare(volume(new Float32Array(8).fill(odd), [2, 2, 2])), {
      name: "RangeError",
      message: /expected labels/,
    });
  }
});

Deno.test("prepareVolume() scales and resamples each channel for itself, side by side", () => {
  const shape = [7, 5, 2];
  const [a, b] = [ramp(shape), ramp(shape).map((value) => Math.sin(value) * 1e4 - 3)]
    .map((voxels) => volume(voxels, shape, [1.2, 1.5, 8]));
  const mask = volume(Uint8Array.from({ length: count(shape) }, (_, i) => i % 3), shape);
  const grid = { size: 6, spacing: 1.7 };
  for (const window of ["centre", "sliding", "labels"] as const) {
    const both = prepareVolume([a, b], grid, { mask, window });
    const [first, second] = [a, b].map((image) => prepareVolume(image, grid, { mask, window }));
    assert.equal(both.channels, 2);
    assert.deepEqual(both.images.filter((_, i) => i % 2 === 0), first.images);
    assert.deepEqual(both.images.filter((_, i) => i % 2 === 1), second.images);
    assert.deepEqual(both.facts.means, [...first.facts.means, ...second.facts.means]);
    const { facts } = first;
    assert.deepEqual({ ...both, images: first.images, channels: 1, facts }, first);
  }
});

Deno.test("prepareVolume() refuses channels of other shapes, and none at all", () => {
  const [a, b] = [[4, 4, 2], [4, 4, 3]].map((shape) => volume(ramp(shape), shape));
  const grid = { size: 4, spacing: 1 };
  assert.throws(() => prepareVolume([a, { ...b, source: "t2.nii.gz" }], grid), {
    name: "RangeError",
    message: "t2.nii.gz: expected the shape of scan.nii.gz, 4×4×2, found 4×4×3: bring the " +
      "channels of a scan onto one grid",
  });
  assert.throws(() => prepareVolume([], grid), {
    name: "RangeError",
    message: "expected a scan of one channel or more, found none",
  });
});

Deno.test("prepareVolume() resamples what nobody labelled as a structure of its own", () => {
  fc.assert(fc.property(
    fc.uint8Array({ minLength: 60, maxLength: 60, max: 3 }),
    fc.constantFrom(0.7, 1, 1.6),
    (drawn, spacing) => {
      const shape = [6, 5, 2];
      const prepare = (voxels: Uint8Array) =>
        prepareVolume(volume(ramp(shape), shape), { size: 8, spacing }, {
          mask: volume(voxels, shape),
        }).labels!;
      const highest = Math.max(0, ...drawn.filter((label) => label < 3));
      const ignored = drawn.map((label) => label === 3 ? IGNORED : label);
      const structure = drawn.map((label) => label === 3 ? highest + 1 : label);
      assert.deepEqual(
        prepare(ignored),
        prepare(structure).map((label) => label === highest + 1 ? IGNORED : label),
      );
    },
  ));
});

Deno.test("prepareVolume() knows nothing of a slice that nobody labelled, beside the scan either", () => {
  const shape = [2, 2, 2];
  const voxels = Uint8Array.of(...Array(4).fill(IGNORED), IGNORED, 1, 0, 1);
  const mask = volume(voxels, shape);
  const { labels } = prepareVolume(volume(ramp(shape), shape), { size: 4, spacing: 1 }, { mask });
  const beside = [0, 0, 0, 0];
  assert.deepEqual([...labels!], [
    ...Array(16).fill(IGNORED),
    ...[...beside, 0, IGNORED, 1, 0, 0, 0, 1, 0, ...beside],
  ]);
});

Deno.test('prepareVolume() of the window "labels" does not look for what nobody labelled', () => {
  const shape = [40, 40, 1];
  const at = (x: number) => 20 * 40 + x;
  const labels = new Uint8Array(1600).fill(1, at(8), at(11)).fill(IGNORED, at(35), at(40));
  const centre = (voxels: Uint8Array) =>
    prepareVolume(volume(ramp(shape), shape), { size: 8, spacing: 1 }, {
      mask: volume(voxels, shape),
      window: "labels",
    }).centre;
  assert.deepEqual(centre(labels), centre(labels.map((label) => label % IGNORED)));
});
