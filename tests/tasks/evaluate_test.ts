import assert from "node:assert/strict";
import { disposeWeights } from "../../lib/backbones/weights.ts";
import type { Config } from "../../lib/config/config.ts";
import type { Dataset } from "../../lib/data/datasets/dataset.ts";
import { openDataset } from "../../lib/data/datasets/open_dataset.ts";
import { splitPatients } from "../../lib/data/datasets/splits.ts";
import { keepCheckpoint } from "../../lib/runs/kept_checkpoints.ts";
import { recordRun } from "../../lib/runs/record_run.ts";
import { segmentationNetwork } from "../../lib/training/segmentation_model.ts";
import { exportWeights } from "../../lib/training/weight_tensors.ts";
import { withFolder } from "../support/datasets.ts";
import { expectDone } from "../support/run_task.ts";
import { onCpu, TINY } from "../training/tiny.ts";
import { imagePath, TESTING, writeCohort, writeVolume } from "./cohort.ts";

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

/** Writes a model that calls every pixel structure 1. */
async function writeModel(dir: string, dataset: Dataset): Promise<void> {
  const { structures } = dataset;
  const network = segmentationNetwork(config, structures.length + 1);
  const tensors = await exportWeights(network.weights);
  disposeWeights(network.weights);
  tensors["head.0.weight"].values.fill(0);
  tensors["head.0.bias"].values.set([0, 1, 0, 0]);
  const recording = {
    ...{ dataset, config, split: splitPatients(dataset, { sizes: [1] }) },
    description: { kind: "scratch", structures, steps: 1 },
    environment: { backend: "simd", deno: "2.9.6" },
  };
  await recordRun(dir, recording, async (onSteps) => {
    await onSteps([{ step: 1, loss: 1, learning_rate: 1 }], 1);
    await keepCheckpoint(dir, { tensors, metadata: { finished: "yes" } });
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
      await writeModel(`${dir}/model`, await openDataset(data));
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
