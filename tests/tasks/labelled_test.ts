import assert from "node:assert/strict";
import { openDataset } from "../../lib/data/datasets/open_dataset.ts";
import { splitPatients } from "../../lib/data/datasets/splits.ts";
import { loadCohort } from "../../lib/data/slices/cohort.ts";
import { chooseLabelled } from "../../tasks/support/training/labelled.ts";
import type { Voice } from "../../tasks/support/command/voice.ts";
import { withFolder } from "../support/datasets.ts";
import { TINY } from "../training/tiny.ts";
import { writeCohort } from "./cohort.ts";

/** A voice that may say nothing. */
const voice: Voice = {
  ...{ note: assert.fail, detail: assert.fail, warn: assert.fail },
  progress: () => ({ update: () => {}, clear: () => {} }),
  clear: () => {},
};

Deno.test("chooseLabelled() draws by the seed, and cuts scans about their labels", () =>
  withFolder(async (dir) => {
    await writeCohort(dir);
    const dataset = await openDataset(dir);
    const grid = { size: 6, spacing: 1.5, axis: "auto" } as const;
    const { signal } = new AbortController();
    const drawn = new Set<string>();
    for (const seed of [0, 1, 2]) {
      const config = { ...TINY, seed, grid };
      const reading = { dataset, config, signal, voice, patients: 2 };
      const { split, scans } = await chooseLabelled(reading);
      assert.deepEqual(split, splitPatients(dataset, { seed, sizes: [2] }));
      drawn.add(`${split.subsets[2]}`);
      const about = { grid, labelled: true, window: "labels" } as const;
      assert.deepEqual(scans, await loadCohort(dataset, split.subsets[2], about));
      assert.ok(scans.every(({ slices: { centre: [x, y] } }) => x !== 0 || y !== 0));
    }
    assert.ok(drawn.size > 1);
  }));
