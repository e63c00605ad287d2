import assert from "node:assert/strict";
import { checkDataset } from "../../lib/data/datasets/check/check_data.ts";
import { loadCohort } from "../../lib/data/slices/cohort.ts";
import type { Volume } from "../../lib/data/volumes/volume.ts";
import { random } from "../../lib/math/random.ts";
import { withFolder } from "../support/datasets.ts";
import { onCpu } from "../training/tiny.ts";
import { caseConfig, drawn, learned, openCase, type Pair, writeCohort } from "./cohort.ts";

/** A volume whose outer columns are some value. */
const edged = (value: number) => (volume: Volume): Volume => ({
  ...volume,
  voxels: volume.voxels.map((one, i) => i % 40 < 2 || i % 40 > 37 ? value : one) as Float32Array,
});

/** A block of 1.5 % of the voxels, the rest exactly 0. */
function blankScan(seed: number): Pair {
  const source = random("blank", seed);
  const [left, top] = [12 + source.integer(16), 12 + source.integer(16)];
  return drawn((x, y, z) => {
    const inside = x >= left && x < left + 6 && y >= top && y < top + 6 && z > 0 && z < 4;
    return inside ? [1, 500 + 20 * source.normal()] : [0, 0];
  });
}

for (const [name, value] of [["NaN", NaN], ["padding of -3.4e38", -3.4e38]] as const) {
  Deno.test(
    `${name} outside the body is background, and is told of`,
    onCpu(() =>
      withFolder(async (dir) => {
        await writeCohort(dir, { image: edged(value) });
        const dice = await learned(dir);
        assert.ok(dice > 0.95, `${dice}`);
        if (!Number.isNaN(value)) return;
        const { scans, errors } = await checkDataset(await openCase(dir, caseConfig()));
        assert.equal(errors, 0);
        assert.match(
          scans[0].warnings.join(),
          /^10 % of the voxels are NaN or infinite; they are b/,
        );
      })
    ),
  );
}

Deno.test(
  "an organ of a hundredth of the voxels, the rest 0, is learned",
  onCpu(() =>
    withFolder(async (dir) => {
      await writeCohort(dir, { draw: blankScan });
      const dice = await learned(dir, caseConfig("adaptation.batch=6"));
      assert.ok(dice > 0.9, `${dice}`);
    })
  ),
);

Deno.test("a window that leaves nothing where a scan is labelled is warned of", () =>
  withFolder(async (dir) => {
    await writeCohort(dir, { patients: 2 });
    const warningsWith = async (...set: string[]) => {
      const config = caseConfig(...set);
      const dataset = await openCase(dir, config);
      const scans = await loadCohort(dataset, ["c0"], { grid: config.grid, labelled: true });
      return scans[0].warnings;
    };
    assert.deepEqual(await warningsWith(), []);
    assert.deepEqual(await warningsWith("data.window=[0,1500]"), []);
    assert.match(
      (await warningsWith("data.window=[5000,9000]")).join(),
      /Almost nothing .* is left/,
    );
  }));
