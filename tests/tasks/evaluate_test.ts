import assert from "node:assert/strict";
import type { Config } from "../../lib/config/config.ts";
import { openDataset } from "../../lib/data/datasets/open_dataset.ts";
import { withFolder } from "../support/datasets.ts";
import { expectDone } from "../support/run_task.ts";
import { onCpu, TINY } from "../training/tiny.ts";
import { imagePath, TESTING, writeCohort, writeVolume } from "./cohort.ts";
import { writeConstantModel } from "./constant_model.ts";

/** Pixels along x and y and slices of the cohort, and voxels of a square in one corner. */
const [WIDTH, HEIGHT, DEPTH, SIDE] = [18, 14, 3, 4];
const config: Config = { ...TINY, grid: { size: 6, spacing: 1.5, axis: "auto" } };

/** A mask of structure 1 in the corner of every slice, far from what a grid in the middle shows. */
function corner(): Uint8Array {
  return Uint8Array.from({ length: WIDTH * HEIGHT * DEPTH }, (_, i) => {
    const [x, y] = [i % WIDTH, Math.floor(i / WIDTH) % HEIGHT];
    return x < SIDE && y < SIDE ? 1 : 0;
  });
}

Deno.test(
  "evaluate looks at test scans as predict would, and not where their masks are",
  onCpu(() =>
    withFolder(async (dir) => {
      const data = `${dir}/cohort`;
      await writeCohort(data);
      for (const id of TESTING) {
        for (const frame of ["01", "08"]) {
          const path = imagePath(data, id).replace("frame01", `frame${frame}_gt`);
          await writeVolume(path, corner());
        }
      }
      const logits = [0, 1, 0, 0];
      await writeConstantModel(`${dir}/model`, await openDataset(data), { config, logits });
      const dice = async (window: string) => {
        const given = ["--data", data, "--model", `${dir}/model`, "--json", "--backend", "simd"];
        const set = ["--set", `inference.window=${window}`];
        const { structures } = JSON.parse(await expectDone("evaluate", ...given, ...set));
        return structures.RV.dice;
      };
      assert.equal(await dice("centre"), 0);
      // All of the scan is called the structure.
      const [voxels, square] = [WIDTH * HEIGHT, SIDE ** 2];
      assert.equal(await dice("sliding"), 2 * square / (voxels + square));
    })
  ),
);
