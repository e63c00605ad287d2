/**
 * Adapted models by their run's folder.
 *
 * @module
 */
import type { Network } from "../../lib/backbones/weights.ts";
import type { Config } from "../../lib/config/config.ts";
import type { Structure } from "../../lib/data/dataset.ts";
import { segmentationModel } from "../../lib/training/adapt.ts";
import { openRun } from "../../lib/training/run_folder.ts";

/**
 * Opens the model of a run.
 *
 * @throws {TypeError} if the run is a pretraining, which segments nothing yet.
 */
export async function openModel(
  folder: string,
): Promise<{ model: Network; config: Config; structures: Structure[] }> {
  const { config, info: { structures }, checkpoint } = await openRun(folder);
  if (structures.length === 0) {
    throw new TypeError(
      `${folder}: expected an adapted model, found a pretraining; adapt it with deno task finetune`,
    );
  }
  const classes = structures.length + 1;
  return {
    model: segmentationModel(checkpoint, { config, classes, source: folder }),
    config,
    structures,
  };
}
