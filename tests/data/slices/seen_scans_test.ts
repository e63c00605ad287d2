import assert from "node:assert/strict";
import fc from "fast-check";
import { percentileScale } from "../../../lib/data/volumes/intensity_scale.ts";
import { prepareVolume } from "../../../lib/data/slices/preprocess.ts";
import {
  factsOf,
  joinSeen,
  type ScanFacts,
  type SeenScans,
  seenScans,
  unseenWarnings,
} from "../../../lib/data/slices/seen_scans.ts";
import { stackSlices, takeSlices } from "../../../lib/data/slices/slices.ts";
import { tinyVolume } from "../../support/datasets.ts";

/** A scan like ACDC's. */
const heart: ScanFacts = {
  side: 380,
  spacing: 1.5,
  thickness: 10,
  means: [0.25],
  ranges: [[0, 200]],
};

/** What a model of many such scans has seen. */
const seen: SeenScans = {
  ...seenScans([heart, { ...heart, side: 350, means: [0.3] }])!,
  scans: 50,
};

const warningsOf = (odd: Partial<ScanFacts>, { windowed = false, of = seen } = {}) =>
  unseenWarnings({ ...heart, ...odd }, of, { windowed });

Deno.test("factsOf() measures a scan", () => {
  const voxels = Float32Array.from({ length: 24 }, (_, i) => i < 6 ? 0 : 10 * i);
  const scan = { ...tinyVolume(voxels), voxels };
  const facts = factsOf([scan], [{ low: 100, high: 200 }]);
  const above = [...voxels].map((value) => Math.min(1, (value - 100) / 100)).filter((of) => of > 0);
  const mean = above.reduce((a, b) => a + b) / above.length;
  assert.deepEqual({ ...facts, means: [] }, {
    side: 6,
    spacing: 1.5,
    thickness: 8,
    means: [],
    ranges: [[0, 227.7]].map(([low, high]) => [low, facts.ranges[0][1] && high]),
  });
  assert.ok(Math.abs(facts.means[0]! - mean) < 1e-12);
  // A channel that is lacking is 0 everywhere.
  const absent = { ...scan, voxels: new Uint8Array(24) };
  const two = factsOf([scan, absent], [scan, absent].map(({ voxels }) => percentileScale(voxels)));
  assert.deepEqual([two.means.length, two.means[1], two.ranges[1]], [2, null, [0, 0]]);
});

Deno.test("joinSeen() spans all scans, whichever come together first", () => {
  const number = fc.double({ min: 0.1, max: 1000, noNaN: true });
  const facts = fc.record({
    side: number,
    spacing: number,
    thickness: number,
    means: fc.tuple(number, number),
    ranges: fc.constant([[0, 1], [0, 2]] as [number, number][]),
  });
  fc.assert(
    fc.property(fc.array(facts, { minLength: 1 }), fc.array(facts, { minLength: 1 }), (a, b) => {
      const all = seenScans([...a, ...b])!;
      const parts = joinSeen(seenScans(a), undefined, seenScans(b))!;
      assert.deepEqual({ ...parts, scans: 0 }, { ...all, scans: 0 });
      assert.deepEqual([all.scans, parts.scans], [
        a.length + b.length,
        Math.max(a.length, b.length),
      ]);
      for (const scan of [...a, ...b]) {
        assert.deepEqual(unseenWarnings(scan, all, { windowed: true }), []);
      }
    }),
  );
  assert.equal(joinSeen(undefined), undefined);
  assert.equal(seenScans([]), undefined);
});

Deno.test("joinSeen() keeps what is known of a channel that others lack", () => {
  const absent = seenScans([{ ...heart, means: [null] }]);
  assert.deepEqual(joinSeen(seen, absent)!.means, seen.means);
  assert.deepEqual(joinSeen(absent, seen)!.means, seen.means);
  assert.deepEqual(warningsOf({ means: [0.9] }, { of: absent }), []);
});

Deno.test("unseenWarnings() tells of a scan of another size, spacing or thickness, from some way on", () => {
  for (
    const [near, far, says] of [
      [{ side: 176 }, { side: 174 }, /^Its slices are 174 mm wide, those that .* 350 to 380 mm: /],
      [{ side: 759 }, { side: 761 }, /^Its slices are 761 mm wide/],
      [
        { spacing: 0.38 },
        { spacing: 0.37 },
        /^Its pixels are 0\.37 mm wide, those .* on 1\.5 mm: /,
      ],
      [{ spacing: 5.9 }, { spacing: 6.1 }, /^Its pixels are 6\.1 mm wide/],
      [
        { thickness: 3.4 },
        { thickness: 3.3 },
        /^Its slices lie 3\.3 mm apart, those .* on 10 mm: /,
      ],
      [{ thickness: 29 }, { thickness: 31 }, /^Its slices lie 31 mm apart/],
    ] as [Partial<ScanFacts>, Partial<ScanFacts>, RegExp][]
  ) {
    assert.deepEqual(warningsOf(near), [], JSON.stringify(near));
    const [warning, ...others] = warningsOf(far);
    assert.deepEqual(others, []);
    assert.match(warning, says);
  }
});

Deno.test("unseenWarnings() tells of other intensities, sooner where many scans were seen", () => {
  const few = { ...seen, scans: 2 };
  assert.deepEqual(warningsOf({ means: [0.49] }), []);
  assert.match(
    warningsOf({ means: [0.51] })[0],
    /^Its intensities are .* mean is 0\.51, of the others 0\.25 to 0\.3;/,
  );
  assert.deepEqual(warningsOf({ means: [0.64] }, { of: few }), []);
  assert.equal(warningsOf({ means: [0.66] }, { of: few }).length, 1);
  assert.deepEqual(warningsOf({ means: [0.063] }, { of: few }), []);
  assert.equal(warningsOf({ means: [0.062] }, { of: few }).length, 1);
  const two = { ...seen, means: [seen.means[0], [0.7, 0.8]] as const };
  assert.match(
    warningsOf({ means: [0.3, 0.2] }, { of: two })[0],
    /^Its intensities of channel 2 are/,
  );
});

Deno.test("unseenWarnings() tells of other units where data.window sets the scale, and there alone", () => {
  const ct = seenScans([{ ...heart, ranges: [[-1000, 600]] }])!;
  for (
    const [range, odd] of [
      [[-200, 300], false],
      [[0, 1], true],
      [[700, 900], true],
      [[-20_000, 20_000], true],
    ] as [[number, number], boolean][]
  ) {
    const windowed = warningsOf({ ranges: [range] }, { windowed: true, of: ct });
    assert.equal(windowed.length, odd ? 1 : 0, `${range}`);
    if (odd) {
      assert.match(windowed[0], /^Its intensities run from .* from -1000 to 600: data\.window/);
    }
    assert.deepEqual(warningsOf({ ranges: [range] }, { of: ct }), []);
  }
});

Deno.test("stacks of slices know what their scans were like", () => {
  const grid = { size: 4, spacing: 2 };
  const volumes = [tinyVolume(), { ...tinyVolume(), spacing: [3, 2, 5] as const }]
    .map((volume) => prepareVolume({ ...volume, spacing: [...volume.spacing] }, grid));
  const { seen } = stackSlices(volumes);
  assert.deepEqual(
    [seen?.scans, seen?.side_mm, seen?.spacing_mm, seen?.thickness_mm],
    [2, [6, 12], [1.5, 3], [5, 8]],
  );
  assert.deepEqual(takeSlices(stackSlices(volumes), [1]).seen, seen);
});
